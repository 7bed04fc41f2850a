// The whole trace in a strip: every span as a line, errors in red, and the part that is in view. Drag to zoom.

import { bindBrush } from './brush.js';
import { prepareCanvas } from './canvas.js';
import { colourVariable } from './colours.js';
import { el } from './dom.js';
import { duration } from './format.js';
import { colour, onThemeChange } from './theme.js';

/** Below this many spans the waterfall itself is an overview; the strip comes when somebody zooms. */
const LEAST_SPANS = 40;

export class Minimap {
  #trace = null;
  #view = null;
  #onView;

  constructor(onView) {
    this.#onView = onView;
    this.canvas = el('canvas');
    this.before = el('span.shade.before');
    this.after = el('span.shade.after');
    this.reset = el('button.text-button.reset', { type: 'button', hidden: true, on: { click: () => this.#whole() } }, 'Whole trace (0)');
    this.range = el('span.minimap-range');
    this.element = el('div.minimap', { hidden: true, title: 'Drag to zoom in, double-click for the whole trace' }, this.canvas, this.before, this.after, this.range, this.reset);
    bindBrush(this.canvas, (from, to) => onView({ from: from * this.#trace.duration, to: to * this.#trace.duration }));
    this.canvas.addEventListener('dblclick', () => this.#whole());
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.close = onThemeChange(() => this.#draw());
  }

  setTrace(trace) {
    this.#trace = trace;
    this.element.hidden = trace.spanCount < LEAST_SPANS;
  }

  /** Shows which part of the trace is in view. */
  update({ view }) {
    this.#view = view;
    const total = this.#trace.duration || 1;
    this.element.style.setProperty('--from', `${(view.from / total) * 100}%`);
    this.element.style.setProperty('--to', `${(view.to / total) * 100}%`);
    const zoomed = view.to - view.from < this.#trace.duration;
    this.reset.hidden = !zoomed;
    this.range.textContent = zoomed ? `${duration(view.from)} – ${duration(view.to)}` : '';
    this.element.hidden = !zoomed && this.#trace.spanCount < LEAST_SPANS;
  }

  #draw() {
    if (!this.#trace || this.element.hidden) return;
    const prepared = prepareCanvas(this.canvas);
    if (!prepared) return;
    const { context, width, height } = prepared;
    const { nodes, duration: total } = this.#trace;
    const step = (height - 4) / nodes.length;
    const thickness = Math.max(1, Math.min(3, step * 0.8));
    const paint = (node, i, colourName, least) => {
      context.fillStyle = colour(colourName);
      context.fillRect((node.start / (total || 1)) * width, 2 + i * step, Math.max(least, (node.duration / (total || 1)) * width), thickness);
    };
    nodes.forEach((node, i) => paint(node, i, colourVariable(node.service), 1));
    // Errors come last and are wide enough to be seen however short they are.
    nodes.forEach((node, i) => node.status === 'error' && paint(node, i, '--error', 3));
  }

  #whole() {
    this.#onView({ from: 0, to: this.#trace.duration });
  }
}
