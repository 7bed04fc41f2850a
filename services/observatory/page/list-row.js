// One trace in the list.

import { colourVariable } from './colours.js';
import { el, fill, icon, setText, spoken } from './dom.js';
import { clockTime, dateTime, duration, nanosToMs, plural, relativeTime, shortDateTime } from './format.js';
import { tracePath } from './query.js';

/** Service chips in a row; the others are a number. More would wrap into a second line. */
const MOST_CHIPS = 6;

/** Where the trace began, then the others by name: as they come from the store their order is that of their exports. */
function inOrder({ rootServiceName, services = [] }) {
  const rank = (service) => (service.name === rootServiceName ? 0 : 1);
  return [...services].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** A row that can be brought up to date in place, so that nothing moves under the pointer. */
export class ListRow {
  constructor(summary) {
    this.link = el('a.trace-row', { href: tracePath(summary.traceId), 'data-nav': true, 'data-trace': summary.traceId });
    this.element = el('li', {}, this.link);
    this.update(summary);
  }

  /** Shows a newer summary of the same trace: spans of a trace arrive one batch after another. */
  update(summary) {
    const signature = JSON.stringify(summary);
    if (signature === this.signature) return;
    this.signature = signature;
    this.summary = summary;
    this.startMs = nanosToMs(summary.startTimeUnixNano);
    this.durationNanos = Number(summary.durationNano);
    this.relative = el('span.row-ago');
    this.link.classList.toggle('failed', summary.status === 'error');
    fill(this.link, this.#status(), this.#name(), this.#services(), this.#counts(), this.#duration(), this.#time());
    this.tick(Date.now());
  }

  /** Brings the relative time up to date. */
  tick(nowMs) {
    setText(this.relative, relativeTime(this.startMs, nowMs));
  }

  /** Sets the length of the duration's bar: a full one is `fullNanos`, a longer one is marked as cut. */
  scale(fullNanos) {
    const share = fullNanos > 0 ? this.durationNanos / fullNanos : 0;
    this.link.style.setProperty('--share', Math.min(1, share).toFixed(4));
    this.link.classList.toggle('over', share > 1);
  }

  #status() {
    const failed = this.summary.status === 'error';
    return el('span.row-status', {}, icon(failed ? 'error' : 'ok', failed ? 'Error' : 'OK'));
  }

  #name() {
    const { rootName, rootServiceName, rootReceived = Boolean(rootName) } = this.summary;
    // Without its root a trace goes by its earliest span, and says so.
    return el('span.row-name', {},
      el(rootReceived ? 'span.row-operation' : 'span.row-operation.unknown', { title: rootName }, rootName || '(no name)'),
      el('span.row-service', {}, rootReceived ? rootServiceName : `${rootServiceName} · root span not received yet`));
  }

  #services() {
    const services = inOrder(this.summary);
    const hidden = services.slice(MOST_CHIPS);
    return el('span.row-services', {},
      spoken('Services: '),
      services.slice(0, MOST_CHIPS).map((service) => el('span.chip', {
        vars: { '--service': `var(${colourVariable(service.name)})` },
        title: `${service.name}: ${plural(service.spanCount, 'span')}${service.errorCount ? `, ${plural(service.errorCount, 'error')}` : ''}`,
      }, el('span.chip-name', {}, service.name), el('span.chip-short', {}, shortName(service.name)), el('span.chip-count', {}, ` ${service.spanCount}`), service.errorCount > 0 && icon('error', 'with errors'))),
      hidden.length > 0 && el('span.chip.more', { title: hidden.map((service) => service.name).join(', ') }, `+${hidden.length}`));
  }

  #counts() {
    const { spanCount, errorCount, missingParents } = this.summary;
    return el('span.row-counts', {},
      el('span', {}, plural(spanCount, 'span')),
      errorCount > 0 && el('span.bad', {}, plural(errorCount, 'error')),
      missingParents > 0 && el('span.warn', { title: `${plural(missingParents, 'parent span')} not received: the trace is not whole, or still arriving.` },
        icon('broken'), `${missingParents} missing`));
  }

  #duration() {
    return el('span.row-duration', {}, el('span.row-bar', { 'aria-hidden': 'true' }), el('span.row-took', {}, duration(this.durationNanos)));
  }

  #time() {
    const iso = new Date(this.startMs).toISOString();
    return el('time.row-time', { datetime: iso, title: dateTime(this.startMs) },
      this.relative, el('span.row-clock', {}, shortDateTime(this.startMs, Date.now()) || clockTime(this.startMs)));
  }
}

/** The first word of a service's name, for screens where four whole names do not fit: `order` of `order-service`. */
function shortName(name) {
  return name.split(/[-_.\s]/)[0].slice(0, 9);
}
