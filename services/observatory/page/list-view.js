// The list of traces: asks for the newest, keeps what somebody is looking at still, and says what is new.

import { fetchTraces } from './api.js';
import { answered, unanswered } from './connection.js';
import { announce, el, fill, icon, setText } from './dom.js';
import { emptyState, nothingMatches, nothingYet } from './empty-state.js';
import { count, plural } from './format.js';
import { barScale } from './layout.js';
import { ListFilters } from './list-filters.js';
import { ListRow } from './list-row.js';
import { poll } from './poll.js';
import { filtersToQuery, isFiltered, LIMITS, NO_FILTERS, parseFilters, tracePath } from './query.js';
import { ScatterPlot } from './scatter-plot.js';

const INTERVAL_MS = 2000;
/** Relative times ("12 s ago") are brought up to date this often. */
const CLOCK_MS = 1000;

export class ListView {
  #rows = new Map();
  #filters = NO_FILTERS;
  #latest = null;
  #shown = null;
  #paused = false;
  #pointerInside = false;
  #clock = null;
  #poll = poll((signal) => this.#refresh(signal), INTERVAL_MS);

  constructor(navigate) {
    this.filters = new ListFilters((filters) => this.#onFilters(filters));
    this.scatter = new ScatterPlot((id) => navigate(tracePath(id)), (id) => this.#highlight(id));
    this.liveButton = el('button.live-button', { type: 'button', on: { click: () => this.#setPaused(!this.#paused) } });
    this.summary = el('p.list-summary', {});
    this.newChip = el('button.new-chip', { type: 'button', hidden: true, on: { click: () => this.#showNew() } });
    this.rows = el('ol.trace-list', { 'aria-label': 'Traces, newest first' });
    this.message = el('div.list-message');
    this.moreButton = el('button.more-button', { type: 'button', hidden: true, on: { click: () => this.#showMore() } });
    this.listArea = el('div.list-area', {
      on: { pointerenter: (event) => this.#pointer(event.pointerType === 'mouse'), pointerleave: () => this.#pointer(false) },
    }, this.#head(), this.rows, this.message, this.moreButton);
    this.element = el('div.list-view', {},
      el('h1.spoken', {}, 'Traces'),
      el('div.list-tools', {}, this.filters.element, el('div.list-tools-end', {}, this.summary, this.liveButton)),
      this.scatter.element, el('div.new-chip-place', {}, this.newChip), this.listArea);
    this.rows.addEventListener('pointerover', (event) => this.scatter.mark(event.target.closest?.('[data-trace]')?.dataset.trace));
    this.rows.addEventListener('pointerleave', () => this.scatter.mark(undefined));
    this.#setPaused(false);
  }

  /** Begins, or goes on after `suspend`. */
  resume() {
    this.readAddress();
    this.#clock = setInterval(() => this.#tick(), CLOCK_MS);
    if (!this.#paused) this.#poll.start();
    else if (!this.#shown) this.#poll.now();
    this.#tick();
    this.scatter.draw();
  }

  /** Stops asking while another view is open. */
  suspend() {
    clearInterval(this.#clock);
    this.#poll.stop();
  }

  /** Takes the filters from the address bar, as after "back". */
  readAddress() {
    const filters = parseFilters(location.search);
    const changed = filtersToQuery(filters) !== filtersToQuery(this.#filters);
    this.#filters = filters;
    this.filters.show(filters);
    if (changed) this.#restart();
  }

  /** Keys of the list; true when the key was used. */
  onKey(event) {
    if (event.key === 'p') this.#setPaused(!this.#paused);
    else if (event.key === 'ArrowDown' || event.key === 'j') this.#moveFocus(1);
    else if (event.key === 'ArrowUp' || event.key === 'k') this.#moveFocus(-1);
    else return false;
    return true;
  }

  #head() {
    return el('div.list-head', { 'aria-hidden': 'true' },
      ['', 'Request', 'Services', 'Spans', 'Duration', 'Started'].map((title) => el('span', {}, title)));
  }

  async #refresh(signal) {
    try {
      this.#latest = await fetchTraces(this.#filters, signal);
      answered('list');
    } catch (error) {
      if (signal.aborted) return;
      unanswered('list', error);
      if (!this.#shown) fill(this.message, emptyState('The observatory does not answer', `Reason: ${error.message}. This page goes on trying.`));
      return;
    }
    this.#latest.traces ??= [];
    this.filters.learnServices(this.#latest.traces);
    if (this.#mayMove()) this.#apply();
    else this.#updateInPlace();
  }

  /** Rows may come and go while nobody can be reading or aiming at one. */
  #mayMove() {
    if (!this.#shown || this.#shown.traces.length === 0) return true;
    const atTop = window.scrollY < 8;
    return atTop && !this.#pointerInside && !this.rows.contains(document.activeElement);
  }

  #apply() {
    this.#shown = this.#latest;
    const { traces } = this.#shown;
    const old = this.#rows;
    this.#rows = new Map(traces.map((summary) => [summary.traceId, old.get(summary.traceId) ?? new ListRow(summary)]));
    const full = barScale(traces.map((summary) => Number(summary.durationNano)));
    for (const summary of traces) {
      const row = this.#rows.get(summary.traceId);
      row.update(summary);
      row.scale(full);
    }
    this.#place([...this.#rows.values()].map((row) => row.element));
    this.newChip.hidden = true;
    this.#describe();
    this.scatter.show(traces);
  }

  /** Puts the rows into the document and moves only those that are not where they belong. */
  #place(elements) {
    const keep = new Set(elements);
    for (const child of [...this.rows.children]) {
      if (!keep.has(child)) child.remove();
    }
    elements.forEach((element, i) => {
      if (this.rows.children[i] !== element) this.rows.insertBefore(element, this.rows.children[i] ?? null);
    });
  }

  #updateInPlace() {
    let fresh = 0;
    for (const summary of this.#latest.traces) {
      const row = this.#rows.get(summary.traceId);
      if (row) row.update(summary);
      else fresh += 1;
    }
    const all = fresh === this.#latest.traces.length;
    setText(this.newChip, '');
    fill(this.newChip, icon('up'), `${count(fresh)}${all ? '+' : ''} new`);
    this.newChip.hidden = fresh === 0;
  }

  #showNew() {
    this.#apply();
    window.scrollTo({ top: 0 });
  }

  #describe() {
    const { traces, total } = this.#shown;
    const partly = Number.isFinite(total) && total > traces.length;
    setText(this.summary, traces.length === 0 ? '' : partly ? `newest ${count(traces.length)} of ${count(total)}` : plural(traces.length, 'trace'));
    const next = LIMITS.find((limit) => limit > this.#filters.limit);
    this.moreButton.hidden = !partly || next === undefined;
    setText(this.moreButton, `Show the newest ${count(next ?? 0)}`);
    const empty = traces.length === 0;
    this.listArea.classList.toggle('empty', empty);
    if (!empty) fill(this.message);
    else if (isFiltered(this.#filters)) fill(this.message, nothingMatches(() => this.filters.clearButton.click()));
    else if (!this.message.querySelector('.first-steps')) fill(this.message, nothingYet());
    this.scatter.element.hidden = empty;
  }

  #onFilters(filters) {
    this.#filters = filters;
    history.replaceState(history.state, '', `/${filtersToQuery(filters)}`);
    this.#restart();
  }

  #showMore() {
    const limit = LIMITS.find((candidate) => candidate > this.#filters.limit) ?? this.#filters.limit;
    this.#onFilters({ ...this.#filters, limit });
  }

  /** Another question: its answer is shown whatever somebody is doing. */
  #restart() {
    this.#shown = null;
    if (this.#paused) this.#poll.now();
    else this.#poll.start();
  }

  #setPaused(paused) {
    this.#paused = paused;
    fill(this.liveButton, icon(paused ? 'play' : 'pause'), el('span', {}, paused ? 'Paused' : 'Live'), !paused && el('span.pulse', { 'aria-hidden': 'true' }));
    this.liveButton.title = paused ? 'Go on showing new traces (p)' : 'Stop showing new traces (p)';
    this.liveButton.setAttribute('aria-pressed', String(!paused));
    this.liveButton.setAttribute('aria-label', paused ? 'Live refresh is paused: go on' : 'Live refresh is on: pause');
    if (!this.element?.isConnected) return;
    announce(paused ? 'Paused' : 'Live');
    if (paused) this.#poll.stop();
    else this.#poll.start();
  }

  #pointer(inside) {
    this.#pointerInside = inside;
  }

  #tick() {
    if (document.hidden) return;
    const now = Date.now();
    for (const row of this.#rows.values()) row.tick(now);
  }

  #highlight(id) {
    this.rows.querySelector('.marked')?.classList.remove('marked');
    if (id) this.#rows.get(id)?.link.classList.add('marked');
  }

  #moveFocus(step) {
    const links = [...this.rows.querySelectorAll('.trace-row')];
    const at = links.indexOf(document.activeElement);
    links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  }
}
