// The help dialog: keys, and what the marks of the waterfall mean.

import { el, fill, icon, iconButton } from './dom.js';

const LIST_KEYS = [
  [['↑', '↓'], 'previous, next trace'],
  [['Enter'], 'open the trace'],
  [['p'], 'pause or go on'],
  [['/'], 'paste a trace id'],
];
const TRACE_KEYS = [
  [['↑', '↓'], 'previous, next span'],
  [['←', '→'], 'fold, unfold; or go to the parent, the first child'],
  [['Enter'], 'details of the span'],
  [['Esc'], 'close the details, then back to the list'],
  [['/'], 'find in the trace'],
  [['n', 'N'], 'next, previous match'],
  [['e', 'E'], 'next, previous error'],
  [['[', ']'], 'fold all, unfold all'],
  [['c'], 'critical path on, off'],
  [['+', '-', '0'], 'zoom in, out, whole trace'],
  [['<', '>'], 'move the zoomed part'],
  [['Home', 'End'], 'first, last span'],
];

/** Fills the dialog and binds its button. */
export function bindHelp() {
  const dialog = document.getElementById('help');
  fill(dialog,
    el('div.help-head', {}, el('h2', { id: 'help-title' }, 'Keyboard and legend'), iconButton('close', 'Close', () => dialog.close())),
    el('div.help-body', {},
      el('section', {}, el('h3', {}, 'List'), keyList(LIST_KEYS), el('h3', {}, 'Legend'), legend()),
      el('section', {}, el('h3', {}, 'Trace'), keyList(TRACE_KEYS))));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.getElementById('help-button').addEventListener('click', toggleHelp);
}

/** Opens or closes the dialog. */
export function toggleHelp() {
  const dialog = document.getElementById('help');
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

function keyList(keys) {
  return el('dl.keys', {}, keys.flatMap(([names, meaning]) => [
    el('dt', {}, names.map((name) => el('kbd', {}, name))),
    el('dd', {}, meaning),
  ]));
}

function legend() {
  const entries = [
    [el('span.legend-bar'), 'a span, in the colour of its service'],
    [el('span.legend-bar.legend-critical'), 'dark underline: critical path, what the request was waiting for'],
    [el('span.legend-bar.legend-event'), 'an event on the span'],
    [icon('error'), 'the span failed'],
    [icon('broken'), 'its parent span was not received'],
    [icon('clock'), 'the span reaches outside its parent: clocks differ, or work went on'],
    [icon('server'), 'a request served'],
    [icon('client'), 'a call made'],
    [icon('database'), 'a database statement'],
  ];
  return el('dl.keys.legend', {}, entries.flatMap(([mark, meaning]) => [el('dt', {}, mark), el('dd', {}, meaning)]));
}
