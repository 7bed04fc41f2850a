// The waterfall: a tree of which only the rows in sight are in the document, and a time axis above it.

import { bindBrush } from './brush.js';
import { el, fill } from './dom.js';
import { duration } from './format.js';
import { rowWindow, timeTicks, zoom } from './layout.js';
import { readPreference, writePreference } from './preferences.js';
import { rowElement, rowId } from './waterfall-row.js';

/** Rows drawn beyond the edges, so that a fast scroll does not show white. */
const OVERSCAN_ROWS = 12;
const ROW_HEIGHT = 30;
/** On a phone a span has its name above its bar. */
const NARROW_ROW_HEIGHT = 46;
const TICK_WIDTH = 84;
const LEAST_TREE_SHARE = 0.15;
const MOST_TREE_SHARE = 0.7;
const WHEEL_ZOOM = 0.0015;

export class Waterfall {
  #state = null;
  #drawn = new Map();
  #actions;
  #frame = 0;
  #narrow = matchMedia('(max-width: 720px)');

  /** `actions`: select(node), toggle(node), zoom(view). */
  constructor(actions) {
    this.#actions = actions;
    this.axis = el('div.axis-lane', { title: 'Drag to zoom in' });
    this.brush = el('span.brush', { hidden: true });
    this.grid = el('div.grid-lines', { 'aria-hidden': 'true' });
    this.canvas = el('div.rows', { role: 'none' });
    this.splitter = el('div.splitter', { role: 'separator', tabindex: 0, 'aria-orientation': 'vertical', 'aria-label': 'Width of the names', 'aria-valuemin': 15, 'aria-valuemax': 70 });
    this.tree = el('div.tree', { role: 'tree', tabindex: 0, 'aria-label': 'Spans' }, this.grid, this.canvas);
    this.element = el('div.waterfall', {},
      el('div.axis', {}, el('div.axis-name', {}, 'Service and operation'), this.axis, this.splitter), this.tree);
    this.tree.addEventListener('click', (event) => this.#onClick(event));
    this.element.addEventListener('scroll', () => this.#schedule(), { passive: true });
    this.element.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.observer = new ResizeObserver(() => this.#redraw());
    this.observer.observe(this.element);
    this.#bindSplitter();
    this.#bindBrush();
    this.#setTreeShare(Number(readPreference('tree-share', '0.38')));
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  focus() {
    this.tree.focus({ preventScroll: true });
  }

  /** Draws a state: trace, rows, view, collapsed, selected, matches, critical, service. */
  update(state) {
    this.#state = state;
    this.#redraw();
  }

  /** Moves the selection without drawing the rows anew. */
  select(node) {
    const old = this.#state.selected;
    this.#state.selected = node;
    this.tree.setAttribute('aria-activedescendant', rowId(node));
    for (const [each, is] of [[old, false], [node, true]]) {
      const element = each && this.canvas.querySelector(`#${rowId(each)}`);
      element?.classList.toggle('selected', is);
      element?.setAttribute('aria-selected', String(is));
    }
  }

  /** Scrolls as little as is needed to have a node in sight. */
  reveal(node) {
    const at = this.#state.rows.indexOf(node);
    if (at < 0) return;
    const height = this.#rowHeight();
    const top = at * height;
    const { scrollTop, clientHeight } = this.element;
    const room = clientHeight - this.#axisHeight();
    if (top < scrollTop) this.element.scrollTop = Math.max(0, top - height);
    else if (top + height > scrollTop + room) this.element.scrollTop = top + 2 * height - room;
    else return;
    this.#drawRows();
  }

  #rowHeight() {
    return this.#narrow.matches ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  }

  #axisHeight() {
    return this.element.firstElementChild.offsetHeight;
  }

  #schedule() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawRows());
  }

  #redraw() {
    if (!this.#state) return;
    const { rows, selected } = this.#state;
    this.#drawn.clear();
    this.canvas.replaceChildren();
    this.tree.style.setProperty('--rows-height', `${rows.length * this.#rowHeight()}px`);
    if (selected) this.tree.setAttribute('aria-activedescendant', rowId(selected));
    else this.tree.removeAttribute('aria-activedescendant');
    this.#drawAxis();
    this.#drawRows();
  }

  #drawAxis() {
    const { view } = this.#state;
    const most = Math.max(2, Math.floor(this.axis.clientWidth / TICK_WIDTH));
    const range = view.to - view.from || 1;
    const ticks = timeTicks(view.from, view.to, most).map((nanos) => ({ nanos, left: ((nanos - view.from) / range) * 100 }));
    fill(this.axis, ticks.map(({ nanos, left }) => el(left > 94 ? 'span.tick.last' : 'span.tick', { vars: { '--left': `${left}%` } }, nanos === 0 ? '0' : duration(nanos))), this.brush);
    fill(this.grid, ticks.map(({ left }) => el('span', { vars: { '--left': `${left}%` } })));
  }

  #drawRows() {
    if (!this.#state) return;
    const { rows } = this.#state;
    const height = this.#rowHeight();
    const { first, last } = rowWindow(this.element.scrollTop, this.element.clientHeight, height, rows.length, OVERSCAN_ROWS);
    for (const [at, element] of this.#drawn) {
      if (at < first || at >= last) {
        element.remove();
        this.#drawn.delete(at);
      }
    }
    const laneWidth = this.axis.clientWidth || 600;
    for (let at = first; at < last; at += 1) {
      if (this.#drawn.has(at)) continue;
      const element = rowElement(rows[at], this.#state, laneWidth);
      element.style.transform = `translateY(${at * height}px)`;
      element.dataset.row = String(at);
      this.#drawn.set(at, element);
      this.canvas.append(element);
    }
  }

  #onClick(event) {
    const row = event.target.closest('[data-row]');
    const node = row && this.#state.rows[Number(row.dataset.row)];
    if (!node) return;
    if (event.target.closest('.toggle')) this.#actions.toggle(node);
    else this.#actions.select(node);
  }

  /** Ctrl and the wheel (or two fingers) zoom around the pointer, as in maps. */
  #onWheel(event) {
    if (!event.ctrlKey || !this.#state) return;
    event.preventDefault();
    const { view, trace } = this.#state;
    const box = this.axis.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    this.#actions.zoom(zoom(view, Math.exp(event.deltaY * WHEEL_ZOOM * 2), view.from + share * (view.to - view.from), trace.duration));
  }

  /** Dragging over the axis marks a part, letting go zooms to it: while dragging, the scale must not move. */
  #bindBrush() {
    const nanosAt = (share) => this.#state.view.from + share * (this.#state.view.to - this.#state.view.from);
    bindBrush(this.axis, (from, to) => {
      this.brush.hidden = false;
      this.brush.style.setProperty('--left', `${from * 100}%`);
      this.brush.style.setProperty('--width', `${(to - from) * 100}%`);
    }, (from, to) => {
      this.brush.hidden = true;
      this.#actions.zoom({ from: nanosAt(from), to: nanosAt(to) });
    });
  }

  #bindSplitter() {
    const { splitter } = this;
    splitter.addEventListener('pointerdown', (event) => {
      splitter.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    splitter.addEventListener('pointermove', (event) => {
      if (!splitter.hasPointerCapture(event.pointerId)) return;
      const box = this.element.getBoundingClientRect();
      this.#setTreeShare((event.clientX - box.left) / box.width);
      this.#redraw();
    });
    splitter.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#setTreeShare(this.treeShare + step);
      this.#redraw();
    });
  }

  #setTreeShare(share) {
    this.treeShare = Math.min(MOST_TREE_SHARE, Math.max(LEAST_TREE_SHARE, Number.isFinite(share) ? share : 0.38));
    this.element.style.setProperty('--tree-share', `${(this.treeShare * 100).toFixed(1)}%`);
    this.splitter.setAttribute('aria-valuenow', String(Math.round(this.treeShare * 100)));
    writePreference('tree-share', this.treeShare.toFixed(3));
  }
}
