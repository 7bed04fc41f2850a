// One row of the waterfall: its place in the tree, its bar, what is marked on it.

import { colourVariable } from './colours.js';
import { el, icon } from './dom.js';
import { count, duration, plural } from './format.js';
import { labelSide, place } from './layout.js';
import { attribute, events } from './otlp.js';

/** Beyond this depth rows are not moved further right: the name would leave its column. */
const MOST_INDENTS = 24;
/** Width of a duration label in pixels, gap included. */
const LABEL_WIDTH = 74;

/** The document id of a node's row, for `aria-activedescendant`. */
export function rowId(node) {
  return `span-${node.index}`;
}

/** The element of a node in a state of the waterfall. */
export function rowElement(node, state, laneWidth) {
  const { selected, matches, collapsed, service } = state;
  const folded = collapsed.has(node);
  const row = el('div.span-row', {
    id: rowId(node), role: 'treeitem', 'aria-level': node.depth + 1, 'aria-posinset': node.position, 'aria-setsize': node.siblings,
    'aria-selected': String(node === selected), 'aria-expanded': node.children.length > 0 ? String(!folded) : null,
    'aria-label': spokenRow(node),
    vars: { '--service': `var(${colourVariable(node.service)})`, '--depth': Math.min(node.depth, MOST_INDENTS) },
  }, nameCell(node, folded), lane(node, state, laneWidth));
  row.classList.toggle('selected', node === selected);
  row.classList.toggle('failed', node.status === 'error');
  row.classList.toggle('missing', node.missing);
  row.classList.toggle('match', matches?.has(node) ?? false);
  row.classList.toggle('dimmed', Boolean((matches && !matches.has(node)) || (service && node.service !== service)));
  return row;
}

function spokenRow(node) {
  if (node.missing) return `Parent span not received, ${plural(node.children.length, 'child', 'children')}`;
  const failed = node.status === 'error' ? ', failed' : '';
  return `${node.service}, ${node.name}, ${node.kind}, ${duration(node.duration)}${failed}`;
}

function nameCell(node, folded) {
  const newService = node.service !== (node.parent?.service ?? '');
  return el('div.name-cell', {},
    el('span.guides'),
    toggle(node, folded),
    el('span.colour-mark'),
    kindIcon(node),
    el('span.names', { title: node.missing ? node.spanId : `${node.service} · ${node.name}` },
      newService && node.service && el('span.span-service', {}, node.service),
      el('span.span-name', {}, node.name)),
    marks(node, folded));
}

function toggle(node, folded) {
  if (node.children.length === 0) return el('span.toggle-space');
  return el(folded ? 'span.toggle' : 'span.toggle.open', { title: folded ? `Unfold ${count(node.descendants)}` : 'Fold' }, icon('chevron'), folded && el('span.folded-count', {}, count(node.descendants)));
}

function kindIcon(node) {
  if (node.missing) return icon('broken', 'not received');
  const database = attribute(node.raw.attributes, 'db.system.name') ?? attribute(node.raw.attributes, 'db.system');
  if (database) return icon('database', 'database');
  return icon(node.kind === 'unspecified' ? 'internal' : node.kind, node.kind);
}

function marks(node, folded) {
  return el('span.marks', {},
    node.outside && icon('clock', 'reaches outside its parent'),
    node.status === 'error' && icon('error', 'failed'),
    folded && node.errorsBelow > 0 && el('span.errors-below', { title: `${plural(node.errorsBelow, 'error')} inside` }, icon('error'), count(node.errorsBelow)));
}

function lane(node, { view, critical }, laneWidth) {
  const box = place(node.start, node.end, view);
  if (!box) return el('div.lane', {}, el(node.end < view.from ? 'span.beyond.left' : 'span.beyond.right', {}, icon('chevron')));
  const side = labelSide(box, (LABEL_WIDTH / laneWidth) * 100);
  const vars = { '--left': `${box.left.toFixed(4)}%`, '--width': `${box.width.toFixed(4)}%` };
  return el('div.lane', {},
    el('span.bar', { vars }),
    (critical?.get(node) ?? []).map((segment) => criticalMark(segment, view)),
    node.missing ? null : eventTicks(node, view),
    el(`span.bar-label.${side}`, { vars: { '--left': vars['--left'], '--right': `${(box.left + box.width).toFixed(4)}%` } }, node.missing ? '' : duration(node.duration)));
}

function criticalMark({ from, to }, view) {
  const box = place(from, to, view);
  return box && el('span.critical', { vars: { '--left': `${box.left.toFixed(4)}%`, '--width': `${box.width.toFixed(4)}%` } });
}

function eventTicks(node, view) {
  if (!node.raw.events?.length) return null;
  return events(node).map((event) => {
    const box = place(node.start + event.offset, node.start + event.offset, view);
    const kind = event.name === 'exception' ? 'span.event.exception' : 'span.event';
    return box && el(kind, { vars: { '--left': `${box.left.toFixed(4)}%` }, title: `${event.name} at ${duration(event.offset)}` });
  });
}
