// Latency over time, one dot a trace: outliers and errors are seen before a row is read.

import { prepareCanvas } from './canvas.js';
import { el, fill } from './dom.js';
import { clockTime, duration, nanosToMs, plural } from './format.js';
import { clockStep, logBounds, logShare, logTicks, nearest } from './layout.js';
import { colour, onThemeChange } from './theme.js';

const RADIUS = 3.2;
/** How far from a dot a pointer still means it. */
const REACH = 14;
const INSET = { left: 56, right: 14, top: 12, bottom: 20 };
/** A tick label such as `13:45:12` needs this much room. */
const TICK_WIDTH = 110;
const TICK_HEIGHT = 22;

export class ScatterPlot {
  #points = [];
  #traces = [];
  #marked;
  #hovered = null;
  #onHover;

  constructor(open, onHover) {
    this.#onHover = onHover;
    this.canvas = el('canvas');
    this.tip = el('div.scatter-tip', { hidden: true, 'aria-hidden': 'true' });
    this.element = el('figure.scatter', { hidden: true, role: 'img' }, this.canvas, this.tip);
    this.canvas.addEventListener('pointermove', (event) => this.#hover(event));
    this.canvas.addEventListener('pointerleave', () => this.#setHovered(null));
    this.canvas.addEventListener('click', (event) => {
      const point = this.#pointAt(event);
      if (point) open(point.trace.traceId);
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    onThemeChange(() => this.draw());
  }

  /** Draws these summaries. */
  show(traces) {
    this.#traces = traces;
    const errors = traces.filter((trace) => trace.status === 'error').length;
    this.element.setAttribute('aria-label', `Durations over time of ${plural(traces.length, 'trace')}, ${plural(errors, 'with an error', 'with errors')}. The list below has the same traces.`);
    this.draw();
  }

  /** Marks the dot of the row under the pointer. */
  mark(traceId) {
    if (traceId === this.#marked) return;
    this.#marked = traceId;
    this.draw();
  }

  draw() {
    if (this.element.hidden || this.#traces.length === 0) return;
    const prepared = prepareCanvas(this.canvas);
    if (!prepared) return;
    const { context, width, height } = prepared;
    const area = { left: INSET.left, right: width - INSET.right, top: INSET.top, bottom: height - INSET.bottom };
    const scale = this.#scale(area);
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    drawGrid(context, area, scale);
    this.#points = this.#traces.map((trace) => ({
      trace, x: scale.x(nanosToMs(trace.startTimeUnixNano)), y: scale.y(Number(trace.durationNano)),
    }));
    // Errors are drawn last, so that no other dot hides them.
    const failed = (point) => point.trace.status === 'error';
    for (const point of this.#points.filter((each) => !failed(each)).reverse()) drawDot(context, point, false);
    for (const point of this.#points.filter(failed).reverse()) drawDot(context, point, true);
    const ring = this.#points.find((point) => point.trace.traceId === (this.#hovered?.traceId ?? this.#marked));
    if (ring) drawRing(context, ring);
  }

  #scale(area) {
    const times = this.#traces.map((trace) => nanosToMs(trace.startTimeUnixNano));
    const first = times.reduce((a, b) => Math.min(a, b));
    const last = times.reduce((a, b) => Math.max(a, b));
    // A single trace, or several of one moment, would otherwise divide by nothing.
    const padding = Math.max((last - first) * 0.01, 500);
    const from = first - padding;
    const to = last + padding;
    const y = logBounds(this.#traces.map((trace) => Number(trace.durationNano)));
    return {
      from, to, bounds: y,
      x: (ms) => area.left + ((ms - from) / (to - from)) * (area.right - area.left),
      y: (nanos) => area.bottom - logShare(nanos, y) * (area.bottom - area.top),
    };
  }

  #pointAt(event) {
    return nearest(this.#points, event.offsetX, event.offsetY, REACH);
  }

  #hover(event) {
    this.#setHovered(this.#pointAt(event));
  }

  #setHovered(point) {
    this.canvas.classList.toggle('aimed', Boolean(point));
    const id = point?.trace.traceId;
    if (id === this.#hovered?.traceId) return;
    this.#hovered = point?.trace ?? null;
    this.#onHover(id);
    this.tip.hidden = !point;
    if (point) this.#showTip(point);
    this.draw();
  }

  #showTip({ trace, x, y }) {
    fill(this.tip,
      el('strong', {}, trace.rootName || 'root span not received yet'),
      el('span', {}, `${duration(Number(trace.durationNano))} · ${plural(trace.spanCount, 'span')}${trace.errorCount ? ` · ${plural(trace.errorCount, 'error')}` : ''}`),
      el('span.muted', {}, clockTime(nanosToMs(trace.startTimeUnixNano))));
    this.tip.style.setProperty('--x', `${x}px`);
    this.tip.style.setProperty('--y', `${y}px`);
    this.tip.classList.toggle('leftwards', x > this.canvas.clientWidth * 0.6);
  }
}

function drawGrid(context, area, scale) {
  context.strokeStyle = colour('--line');
  context.fillStyle = colour('--muted');
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const rows = Math.max(2, Math.floor((area.bottom - area.top) / TICK_HEIGHT));
  for (const nanos of logTicks(scale.bounds, rows)) {
    const y = Math.round(scale.y(nanos)) + 0.5;
    line(context, area.left, y, area.right, y);
    context.fillText(duration(nanos), area.left - 8, y);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const most = Math.max(1, Math.floor((area.right - area.left) / TICK_WIDTH));
  const step = clockStep(scale.to - scale.from, most);
  for (let ms = Math.ceil(scale.from / step) * step; ms < scale.to; ms += step) {
    const x = Math.round(scale.x(ms)) + 0.5;
    if (x < area.left + TICK_WIDTH / 4 || x > area.right - TICK_WIDTH / 4) continue;
    line(context, x, area.bottom, x, area.bottom + 4);
    context.fillText(step < 1000 ? clockTime(ms) : clockTime(ms).slice(0, 8), x, area.bottom + 6);
  }
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function drawDot(context, { x, y }, failed) {
  context.beginPath();
  context.fillStyle = colour(failed ? '--error' : '--accent');
  context.globalAlpha = failed ? 0.95 : 0.5;
  // An error is a diamond as well as red: colour alone would not reach everyone.
  if (failed) {
    const r = RADIUS + 1.4;
    context.moveTo(x, y - r);
    context.lineTo(x + r, y);
    context.lineTo(x, y + r);
    context.lineTo(x - r, y);
    context.closePath();
  } else {
    context.arc(x, y, RADIUS, 0, Math.PI * 2);
  }
  context.fill();
  context.globalAlpha = 1;
}

function drawRing(context, { x, y }) {
  context.beginPath();
  context.strokeStyle = colour('--text');
  context.lineWidth = 1.5;
  context.arc(x, y, RADIUS + 4, 0, Math.PI * 2);
  context.stroke();
}
