// The filters above the list. They live in the address bar, so that a filtered list can be shared.

import { el, fill } from './dom.js';
import { isFiltered, NO_FILTERS } from './query.js';

const STATUSES = [['', 'All'], ['ok', 'OK'], ['error', 'Errors']];
const DURATIONS_MS = [10, 25, 50, 100, 250, 500, 1000, 5000];

/** Typing a number shall not ask the backend at each digit. */
const TYPING_PAUSE_MS = 350;

export class ListFilters {
  #filters = NO_FILTERS;
  #services = new Set();
  #onChange;
  #timer = null;

  /** `onChange(filters)` is called when somebody has changed something. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.serviceSelect = el('select', { id: 'filter-service', on: { change: () => this.#set({ service: this.serviceSelect.value }) } });
    this.statusRadios = STATUSES.map(([value, label]) => {
      const input = el('input.spoken', { type: 'radio', name: 'filter-status', value, on: { change: () => this.#set({ status: value }) } });
      return { value, input, element: el('label', {}, input, el('span', {}, label)) };
    });
    this.durationInput = el('input', {
      id: 'filter-duration', type: 'number', min: 0, step: 'any', placeholder: '0', inputmode: 'decimal', list: 'filter-durations',
      on: { input: () => this.#durationTyped(), change: () => this.#durationTyped(0) },
    });
    this.clearButton = el('button.text-button', { type: 'button', on: { click: () => this.#set({ ...NO_FILTERS, limit: this.#filters.limit }) } }, 'Clear');
    this.element = el('form.filters', { 'aria-label': 'Filters', on: { submit: (event) => event.preventDefault() } },
      el('label.field', { for: 'filter-service' }, el('span', {}, 'Service'), this.serviceSelect),
      el('fieldset.segments', {}, el('legend.spoken', {}, 'Status'), this.statusRadios.map((radio) => radio.element)),
      el('label.field', { for: 'filter-duration' }, el('span', {}, 'At least'), this.durationInput, el('span.unit', {}, 'ms')),
      el('datalist', { id: 'filter-durations' }, DURATIONS_MS.map((value) => el('option', { value }))),
      this.clearButton);
    this.show(NO_FILTERS);
  }

  /** Shows filters that came from the address. */
  show(filters) {
    this.#filters = filters;
    if (filters.service) this.#services.add(filters.service);
    this.#fillServices();
    for (const { value, input } of this.statusRadios) input.checked = value === filters.status;
    if (document.activeElement !== this.durationInput) this.durationInput.value = filters.minDurationMs || '';
    this.clearButton.hidden = !isFiltered(filters);
  }

  /** Offers the services of these traces as well. */
  learnServices(summaries) {
    const before = this.#services.size;
    for (const summary of summaries) {
      for (const service of summary.services ?? []) this.#services.add(service.name);
    }
    if (this.#services.size !== before) this.#fillServices();
  }

  #fillServices() {
    fill(this.serviceSelect,
      el('option', { value: '' }, 'any'),
      [...this.#services].sort().map((name) => el('option', { value: name }, name)));
    this.serviceSelect.value = this.#filters.service;
  }

  #durationTyped(pauseMs = TYPING_PAUSE_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const minDurationMs = Math.max(0, this.durationInput.valueAsNumber || 0);
      if (minDurationMs !== this.#filters.minDurationMs) this.#set({ minDurationMs });
    }, pauseMs);
  }

  #set(change) {
    const filters = { ...this.#filters, ...change };
    this.show(filters);
    this.#onChange(filters);
  }
}
