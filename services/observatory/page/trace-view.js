// One trace: loads it, keeps what is folded, selected, zoomed and found, and hands that to the parts that draw.

import { ApiError, fetchTrace } from './api.js';
import { answered, unanswered } from './connection.js';
import { criticalPath } from './critical-path.js';
import { el, fill } from './dom.js';
import { FindBar } from './find-bar.js';
import { Minimap } from './minimap.js';
import { parseTrace } from './otlp.js';
import { poll } from './poll.js';
import { readPreference, writePreference } from './preferences.js';
import { parseSpanHash, tracePath } from './query.js';
import { SpanPanel } from './span-panel.js';
import { traceHeader } from './trace-header.js';
import { traceKey } from './trace-keys.js';
import { loading, notFound, unreadable } from './trace-messages.js';
import { buildTree, visibleRows } from './tree.js';
import { Waterfall } from './waterfall.js';

/** A trace is asked for again at this pace while it may still grow. */
const INTERVAL_MS = 2000;
/** Exporters send within some seconds. After this time a trace is taken as it is. */
const SETTLED_AFTER_MS = 20_000;
/** Browsers refuse to change the address hundreds of times in a row, as when an arrow key is held. */
const ADDRESS_PAUSE_MS = 150;

export class TraceView {
  trace = null;
  selected = null;
  rows = [];
  #collapsed = new Set();
  #view = { from: 0, to: 0 };
  #critical = new Map();
  #showCritical = readPreference('critical-path', 'on') === 'on';
  #highlightedService = '';
  #body = null;
  #addressTimer = null;
  #poll = poll((signal) => this.#load(signal), INTERVAL_MS);

  constructor(id, navigate) {
    this.id = id;
    this.navigate = navigate;
    this.element = el('div.trace-view', {}, loading());
    this.head = el('div.trace-head');
    this.waterfall = new Waterfall({ select: (node) => this.select(node, true), toggle: (node) => this.toggle(node), zoom: (view) => this.setView(view) });
    this.minimap = new Minimap((view) => this.setView(view));
    this.findBar = new FindBar({
      found: () => this.draw(), go: (node) => this.select(node), leave: () => this.waterfall.focus(),
      fold: (all) => this.foldAll(all), toggleCritical: () => this.toggleCritical(),
    });
    this.panel = new SpanPanel({ close: () => this.closePanel(), select: (node) => this.select(node, true) });
  }

  open() {
    document.title = 'Trace · observatory';
    this.#poll.start();
  }

  close() {
    this.#poll.stop();
    clearTimeout(this.#addressTimer);
    this.waterfall.close();
    this.minimap.close();
    answered('trace');
  }

  async #load(signal) {
    let json;
    try {
      json = await fetchTrace(this.id, signal);
      answered('trace');
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      return;
    }
    const parsed = parseTrace(json);
    if (parsed.spans.length === 0) this.#failed(new ApiError(404, 'the trace has no spans'));
    else if (parsed.spans.length !== this.trace?.spanCount) this.#show(buildTree(parsed));
    const endMs = Number(parsed.startUnix / 1000000n) + (this.trace?.duration ?? 0) / 1e6;
    if (Date.now() - endMs > SETTLED_AFTER_MS) this.#poll.stop();
  }

  #failed(error) {
    if (error.status === 0 || error.status >= 500) {
      unanswered('trace', error);
      if (!this.trace) fill(this.element, loading());
    } else if (error.status === 400) {
      this.#poll.stop();
      fill(this.element, unreadable(this.id, error.message));
    } else if (!this.trace && !this.element.querySelector('.not-found')) {
      // A link from an answer can be opened before the spans have arrived, so this goes on asking.
      fill(this.element, notFound(this.id));
    }
  }

  /** Shows a trace, or more of the same trace with what was folded and selected kept. */
  #show(trace) {
    const folded = new Set([...this.#collapsed].map((node) => node.spanId));
    const selectedId = this.selected?.spanId;
    const first = this.trace === null;
    const whole = first || (this.#view.from === 0 && this.#view.to === this.trace.duration);
    this.trace = trace;
    if (whole) this.#view = { from: 0, to: trace.duration };
    this.#collapsed = new Set(trace.nodes.filter((node) => folded.has(node.spanId) && node.children.length > 0));
    this.selected = trace.nodes.find((node) => node.spanId === selectedId) ?? null;
    const segments = criticalPath(trace.root);
    this.#critical = groupByNode(segments);
    document.title = `${trace.root?.name ?? 'Trace'} · observatory`;
    fill(this.head, traceHeader(trace, this.id, segments, (service) => this.highlight(service)));
    this.findBar.setTrace(trace);
    this.minimap.setTrace(trace);
    if (first) this.#mount();
    this.draw();
    if (first) this.openSpanOfAddress();
    if (this.selected && this.#panelOpen()) this.panel.show(this.selected, trace);
  }

  #mount() {
    this.#body = el('div.trace-body', {}, this.waterfall.element, this.panel.element);
    fill(this.element, this.head, el('div.trace-tools', {}, this.findBar.element), this.minimap.element, this.#body);
    this.findBar.setCritical(this.#showCritical);
  }

  /** Brings everything that depends on folding, selection, zoom and matches up to date. */
  draw() {
    if (!this.trace) return;
    this.rows = visibleRows(this.trace.nodes, this.#collapsed);
    const state = {
      trace: this.trace, rows: this.rows, view: this.#view, collapsed: this.#collapsed, selected: this.selected,
      matches: this.findBar.matchSet, service: this.#highlightedService,
      critical: this.#showCritical ? this.#critical : null,
    };
    this.waterfall.update(state);
    this.minimap.update(state);
  }

  /** Selects a span and unfolds its ancestors; opens its details when asked, or when they are open anyway. */
  select(node, openPanel = false) {
    if (!node) return;
    let unfolded = false;
    for (let parent = node.parent; parent; parent = parent.parent) unfolded = this.#collapsed.delete(parent) || unfolded;
    this.selected = node;
    const resized = openPanel && !this.#panelOpen();
    if (openPanel && !this.#panelOpen()) this.#body.classList.add('with-panel');
    if (this.#panelOpen()) this.panel.show(node, this.trace);
    if (unfolded || resized) this.draw();
    else this.waterfall.select(node);
    this.waterfall.reveal(node);
    clearTimeout(this.#addressTimer);
    this.#addressTimer = setTimeout(() => history.replaceState(history.state, '', tracePath(this.id, node.spanId)), ADDRESS_PAUSE_MS);
  }

  /** Selects and opens the span of the address, as of a shared link. */
  openSpanOfAddress() {
    const spanId = parseSpanHash(location.hash);
    if (!this.trace || !spanId || spanId === this.selected?.spanId) return;
    const node = this.trace.nodes.find((candidate) => candidate.spanId === spanId);
    if (node) this.select(node, true);
  }

  toggle(node) {
    if (node.children.length === 0) return;
    if (!this.#collapsed.delete(node)) {
      this.#collapsed.add(node);
      // A selection inside the folded part would be invisible: it goes to the part's head.
      for (let parent = this.selected?.parent; parent; parent = parent.parent) if (parent === node) this.selected = node;
    }
    this.draw();
  }

  isCollapsed(node) {
    return this.#collapsed.has(node);
  }

  foldAll(fold) {
    this.#collapsed = new Set(fold ? this.trace.nodes.filter((node) => node.children.length > 0 && node.depth > 0) : []);
    if (fold && this.selected) {
      while (this.selected.depth > 1) this.selected = this.selected.parent;
    }
    this.draw();
    if (this.selected) this.waterfall.reveal(this.selected);
  }

  toggleCritical() {
    this.#showCritical = !this.#showCritical;
    writePreference('critical-path', this.#showCritical ? 'on' : 'off');
    this.findBar.setCritical(this.#showCritical);
    this.draw();
  }

  highlight(service) {
    this.#highlightedService = this.#highlightedService === service ? '' : service;
    this.draw();
    return this.#highlightedService;
  }

  get view() {
    return this.#view;
  }

  setView(view) {
    this.#view = view;
    this.draw();
  }

  #panelOpen() {
    return this.#body?.classList.contains('with-panel') ?? false;
  }

  /** Closes the details; false when they were not open. */
  closePanel() {
    if (!this.#panelOpen()) return false;
    this.#body.classList.remove('with-panel');
    this.waterfall.focus();
    return true;
  }

  /** Keys of the trace; true when the key was used. */
  onKey(event) {
    return this.trace ? traceKey(this, event) : leaveOnEscape(this, event);
  }
}

function leaveOnEscape(view, event) {
  if (event.key === 'Escape') view.navigate('/');
  return event.key === 'Escape';
}

function groupByNode(segments) {
  const groups = new Map();
  for (const segment of segments) {
    const group = groups.get(segment.node);
    if (group) group.push(segment);
    else groups.set(segment.node, [segment]);
  }
  return groups;
}
