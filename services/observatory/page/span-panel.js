// The details of one span.

import { colourVariable } from './colours.js';
import { attributeSections } from './span-attributes.js';
import { copyButton, el, fill, icon, iconButton } from './dom.js';
import { dateTime, duration, nanosToMs, percent, plural } from './format.js';
import { attributes, events, links } from './otlp.js';
import { tracePath } from './query.js';

export class SpanPanel {
  #actions;

  /** `actions`: close(), select(node). */
  constructor(actions) {
    this.#actions = actions;
    this.element = el('aside.span-panel', { 'aria-label': 'Details of the span', tabindex: -1 });
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  show(node, trace) {
    this.element.style.setProperty('--service', `var(${colourVariable(node.service)})`);
    fill(this.element, el('div.panel-head', {}, el('div.panel-title', {},
      el('h2', {}, node.name),
      el('p.panel-service', {}, node.missing ? `id ${node.spanId}` : [el('span.swatch'), node.service, el('span.kind', {}, node.kind)])),
    iconButton('close', 'Close (Esc)', () => this.#actions.close())),
    el('div.panel-body', {}, node.missing ? missing(node) : this.#details(node, trace)));
    this.element.scrollTop = 0;
  }

  #details(node, trace) {
    return [
      status(node),
      outside(node),
      times(node, trace),
      attributeSections(attributes(node.raw.attributes)),
      eventSection(node),
      linkSection(node),
      this.#relations(node),
      attributeSections(attributes(node.resource), 'Resource', false),
      scopeSection(node),
    ];
  }

  #relations(node) {
    const go = (label, other) => el('button.relation', { type: 'button', on: { click: () => this.#actions.select(other) } },
      el('span.muted', {}, label), el('span', {}, other.missing ? other.name : `${other.service} · ${other.name}`));
    return section('Identity', true, el('dl.attributes', {},
      idLine('span id', node.spanId), idLine('parent id', node.parentId), idLine('trace id', node.traceId), textLine('tracestate', node.raw.traceState)),
    node.parent && go('parent', node.parent),
    node.children.length > 0 && go(plural(node.children.length, 'child', 'children'), node.children[0]));
  }
}

function missing(node) {
  return el('p', {}, `${plural(node.children.length, 'span names', 'spans name')} ${node.spanId} as parent, but no such span was received. Its service may not send traces here, may have died before it could, or the span is still on its way.`);
}

function status(node) {
  if (node.status === 'unset') return null;
  return el(`p.status.${node.status}`, {}, icon(node.status === 'error' ? 'error' : 'ok'),
    el('span.status-name', {}, node.status === 'error' ? 'Failed' : 'OK'), node.statusMessage && el('span.status-message', {}, node.statusMessage));
}

function outside(node) {
  if (!node.outside) return null;
  const { before, after } = node.outside;
  const parts = [before > 0 && `starts ${duration(before)} before`, after > 0 && `ends ${duration(after)} after`].filter(Boolean);
  const why = before > 0 ? 'The clocks of the two machines probably differ.' : 'Work went on after the parent ended, or the clocks differ.';
  return el('p.status.warn', {}, icon('clock'), `It ${parts.join(' and ')} its parent. ${why}`);
}

function times(node, trace) {
  const startMs = nanosToMs(node.startUnix);
  const cell = (name, value, title) => el('div', { title }, el('dt', {}, name), el('dd', {}, value));
  return el('dl.times', {},
    cell('Duration', duration(node.duration), `${node.duration} ns`),
    cell('Self time', duration(node.selfNanos), 'The part that no child span covers'),
    cell('Starts at', `+${duration(node.start)}`, dateTime(startMs)),
    cell('Of trace', percent(node.duration / (trace.duration || 1)), null));
}

function eventSection(node) {
  const list = events(node);
  if (list.length === 0) return null;
  return section(`Events (${list.length})`, true, el('ol.events', {}, list.map((event) => el(event.name === 'exception' ? 'li.exception' : 'li', {},
    el('div.event-head', {}, el('span.event-time', { title: 'Since the start of the span' }, `+${duration(event.offset)}`), el('span.event-name', {}, event.name)),
    attributeSections(event.attributes, null)))));
}

function linkSection(node) {
  const list = links(node);
  if (list.length === 0) return null;
  return section(`Links (${list.length})`, true, el('ul.links', {}, list.map((link) => el('li', {},
    el('a.text-link', { href: tracePath(link.traceId, link.spanId), 'data-nav': true }, el('code', {}, link.traceId)),
    attributeSections(link.attributes, null)))));
}

function scopeSection(node) {
  const { name, version } = node.scope;
  if (!name) return null;
  return section('Scope', false, el('dl.attributes', {}, textLine('name', name), textLine('version', version)));
}

function idLine(name, id) {
  return id ? [el('dt', {}, name), el('dd', {}, el('code', {}, id), copyButton(id, name))] : [];
}

function textLine(name, text) {
  return typeof text === 'string' && text ? [el('dt', {}, name), el('dd', {}, text)] : [];
}

/** A part of the panel that can be folded. */
function section(title, open, ...content) {
  return el('details.section', { open }, el('summary', {}, icon('chevron'), title), ...content);
}
