// What stands in place of a trace that cannot be drawn.

import { copyButton, el } from './dom.js';

export function loading() {
  return el('div.message.quiet', { role: 'status' }, el('p', {}, 'Loading the trace…'));
}

/** 404: it may still arrive. */
export function notFound(id) {
  return el('div.message.not-found', { role: 'status' },
    el('h1', {}, 'This trace is not here, or not yet'),
    el('p.id-line', {}, el('code', {}, id), copyButton(id, 'trace id')),
    el('p', {}, 'Spans arrive a few seconds after a request. This page keeps looking and will show the trace when it comes.'),
    el('ul', {},
      el('li', {}, 'It may have been dropped: the store keeps the newest traces. The line at the bottom says how many were dropped.'),
      el('li', {}, 'It may never have been sent: a sampler, ', el('code', {}, 'OTEL_SDK_DISABLED'), ' or another ', el('code', {}, 'OTEL_EXPORTER_OTLP_ENDPOINT'), '.'),
      el('li', {}, 'The id may be of another machine.')),
    el('p', {}, el('a.button', { href: '/', 'data-nav': 'back' }, 'All traces')));
}

/** 400: it is not an id. */
export function unreadable(id, reason) {
  return el('div.message', { role: 'alert' },
    el('h1', {}, 'This is not a trace id'),
    el('p.id-line', {}, el('code', {}, id)),
    el('p', {}, `The observatory says: ${reason}.`),
    el('p', {}, el('a.button', { href: '/', 'data-nav': 'back' }, 'All traces')));
}
