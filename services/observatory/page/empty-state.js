// What the list says when it has nothing to show: what to run, and what to look at when that does not help.

import { copyButton, el, setText } from './dom.js';
import { count } from './format.js';
import { number, onStatus } from './status-bar.js';

const CURL = `curl -X POST http://localhost:8080/api/v1/process \\
  -H "Content-Type: application/json" \\
  -d '{"user_id": 1001, "action": "test_trace"}'`;

/** A title and a sentence. */
export function emptyState(title, sentence, ...more) {
  return el('div.empty-state', {}, el('h2', {}, title), el('p', {}, sentence), ...more);
}

/** The filters leave nothing over. */
export function nothingMatches(clear) {
  return emptyState('No trace matches these filters', 'New ones that match will appear here by themselves.',
    el('button.button', { type: 'button', on: { click: clear } }, 'Clear the filters'));
}

/** The store is empty: the first thing a person sees. */
export function nothingYet() {
  const received = el('span');
  const stop = onStatus((status) => {
    if (received.isConnected || !received.textContent) {
      setText(received, `${count(number(status.received))} received, ${count(number(status.rejected))} rejected so far.`);
    } else {
      stop();
    }
  });
  return el('div.empty-state.first-steps', {},
    el('h2', {}, 'Waiting for the first trace'),
    el('p', {}, 'Send a request through the chain. Its trace appears here some seconds later, by itself.'),
    el('ol.steps', {},
      el('li', {}, el('p', {}, 'Start everything, if it is not running yet:'), codeBlock('cargo stack up')),
      el('li', {}, el('p', {}, 'Send one request through the gateway:'), codeBlock(CURL))),
    el('details.checks', { open: true }, el('summary', {}, 'No trace appears?'),
      el('ul', {},
        el('li', {}, el('code', {}, 'cargo stack status'), ' shows whether the gateway and every service run; ', el('code', {}, 'cargo stack logs <service>'), ' shows why one does not.'),
        el('li', {}, 'Does anything arrive? Spans: ', received, ' Zero means that nobody sends here: ', el('code', {}, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
          ' of the services must be this observatory, by default ', el('code', {}, 'http://127.0.0.1:4318'), ' (gRPC: port 4317).'),
        el('li', {}, 'Is tracing switched off? ', el('code', {}, 'OTEL_SDK_DISABLED=true'), ' or a sampler such as ', el('code', {}, 'OTEL_TRACES_SAMPLER=always_off'), ' leaves nothing to send.'),
        el('li', {}, 'Did the curl fail? Its answer says so as JSON, with a ', el('code', {}, 'trace_id'), ' that can be pasted above.'))));
}

function codeBlock(text) {
  return el('div.code-block', {}, el('pre', { tabindex: 0 }, el('code', {}, text)), copyButton(text, 'command'));
}
