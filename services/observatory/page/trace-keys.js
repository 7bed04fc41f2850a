// The keyboard of the trace view.

import { stepMatch } from './find.js';
import { pan, zoom } from './layout.js';

const ZOOM_STEP = 0.6;
const PAN_STEP = 0.25;
const PAGE_ROWS = 10;

/** Acts on a key; true when the key was used. `view` is the TraceView. */
export function traceKey(view, event) {
  const action = KEYS[event.key];
  // Keys that move the selection mean something else inside the details: they scroll and they press buttons.
  const inDetails = view.panel.element.contains(event.target);
  if (!action || (inDetails && MOVES.has(event.key))) return false;
  if (event.key === 'Enter' && event.target.closest('button, a, summary')) return false;
  action(view);
  return true;
}

const MOVES = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown', 'Enter']);

const KEYS = {
  ArrowDown: (view) => move(view, 1),
  ArrowUp: (view) => move(view, -1),
  j: (view) => move(view, 1),
  k: (view) => move(view, -1),
  PageDown: (view) => move(view, PAGE_ROWS),
  PageUp: (view) => move(view, -PAGE_ROWS),
  Home: (view) => view.select(view.rows[0]),
  End: (view) => view.select(view.rows[view.rows.length - 1]),
  ArrowRight: unfoldOrEnter,
  ArrowLeft: foldOrLeave,
  Enter: openDetails,
  Escape: leave,
  '/': (view) => view.findBar.focus(),
  n: (view) => view.findBar.step(1, view.selected),
  N: (view) => view.findBar.step(-1, view.selected),
  e: (view) => stepError(view, 1),
  E: (view) => stepError(view, -1),
  '[': (view) => view.foldAll(true),
  ']': (view) => view.foldAll(false),
  c: (view) => view.toggleCritical(),
  '+': (view) => zoomBy(view, ZOOM_STEP),
  '=': (view) => zoomBy(view, ZOOM_STEP),
  '-': (view) => zoomBy(view, 1 / ZOOM_STEP),
  0: (view) => view.setView({ from: 0, to: view.trace.duration }),
  '<': (view) => view.setView(pan(view.view, -PAN_STEP, view.trace.duration)),
  '>': (view) => view.setView(pan(view.view, PAN_STEP, view.trace.duration)),
};

function move(view, step) {
  const at = view.rows.indexOf(view.selected);
  const next = at < 0 ? 0 : Math.min(view.rows.length - 1, Math.max(0, at + step));
  view.select(view.rows[next]);
}

function unfoldOrEnter(view) {
  const node = view.selected;
  if (!node) move(view, 1);
  else if (view.isCollapsed(node)) view.toggle(node);
  else view.select(node.children[0] ?? node);
}

function foldOrLeave(view) {
  const node = view.selected;
  if (!node) return;
  if (node.children.length > 0 && !view.isCollapsed(node)) view.toggle(node);
  else view.select(node.parent ?? node);
}

function openDetails(view) {
  if (!view.selected) move(view, 1);
  view.select(view.selected, true);
  view.panel.focus();
}

function leave(view) {
  if (view.closePanel() || view.findBar.clear()) return;
  view.navigate('/');
}

function stepError(view, step) {
  const errors = view.trace.nodes.filter((node) => node.status === 'error');
  view.select(stepMatch(errors, view.selected, step));
}

/** Zooms around the selected span when it is in view, else around the middle. */
function zoomBy(view, factor) {
  const { from, to } = view.view;
  const aim = view.selected ? (view.selected.start + view.selected.end) / 2 : (from + to) / 2;
  const centre = aim >= from && aim <= to ? aim : (from + to) / 2;
  view.setView(zoom(view.view, factor, centre, view.trace.duration));
}
