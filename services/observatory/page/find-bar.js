// The tools above the waterfall: find, step through matches, fold, critical path.

import { announce, el, icon, iconButton, setText } from './dom.js';
import { count, plural } from './format.js';
import { findSpans, stepMatch } from './find.js';

/** Searching thousands of spans at each letter would be felt. */
const TYPING_PAUSE_MS = 120;

export class FindBar {
  #trace = null;
  #matches = [];
  #current = null;
  #timer = null;
  #actions;

  /** `actions`: found(), go(node), leave(), fold(boolean), toggleCritical(). */
  constructor(actions) {
    this.#actions = actions;
    this.input = el('input', {
      type: 'text', placeholder: 'Find in this trace', 'aria-label': 'Find in this trace: names, ids, attributes as key=value',
      autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
      on: { input: () => this.#typed(), keydown: (event) => this.#onKey(event) },
    });
    this.count = el('span.find-count', { role: 'status' });
    this.steps = el('span.find-steps', { hidden: true },
      iconButton('up', 'Previous match (N)', () => this.step(-1, this.#current)),
      iconButton('down', 'Next match (n)', () => this.step(1, this.#current)));
    this.criticalButton = el('button.tool', { type: 'button', title: 'Critical path: what the request was waiting for (c)', on: { click: () => actions.toggleCritical() } },
      icon('path'), el('span', {}, 'Critical path'));
    this.element = el('div.find-bar', {},
      el('div.find-box', { role: 'search', 'aria-label': 'This trace' }, icon('search'), this.input, this.count, this.steps),
      el('div.tools-end', {}, this.criticalButton,
        iconButton('collapse', 'Fold all ([)', () => actions.fold(true), 'tool'),
        iconButton('expand', 'Unfold all (])', () => actions.fold(false), 'tool')));
  }

  /** The matching nodes, or null when nothing is searched for. */
  get matchSet() {
    return this.input.value.trim() ? new Set(this.#matches) : null;
  }

  setTrace(trace) {
    this.#trace = trace;
    this.#current = null;
    this.#search();
  }

  setCritical(on) {
    this.criticalButton.setAttribute('aria-pressed', String(on));
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** Empties the box; false when it was empty. */
  clear() {
    if (!this.input.value) return false;
    this.input.value = '';
    this.#search();
    this.#actions.found();
    return true;
  }

  /** Goes to the next or the previous match from a node. */
  step(step, from) {
    const node = stepMatch(this.#matches, from, step);
    if (!node) return;
    this.#current = node;
    this.#describe();
    this.#actions.go(node);
    announce(`${node.name}, ${node.service}`);
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#current = null;
      this.#search();
      this.#actions.found();
    }, TYPING_PAUSE_MS);
  }

  #search() {
    this.#matches = this.#trace ? findSpans(this.#trace.nodes, this.input.value) : [];
    this.#describe();
  }

  #describe() {
    const searching = Boolean(this.input.value.trim());
    const at = this.#matches.indexOf(this.#current);
    const total = count(this.#matches.length);
    setText(this.count, !searching ? '' : at < 0 ? (this.#matches.length ? plural(this.#matches.length, 'match', 'matches') : 'no match') : `${count(at + 1)} / ${total}`);
    this.steps.hidden = this.#matches.length === 0;
  }

  #onKey(event) {
    if (event.key === 'Enter') {
      event.preventDefault();
      clearTimeout(this.#timer);
      this.#search();
      this.step(event.shiftKey ? -1 : 1, this.#current);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (!this.clear()) this.#actions.leave();
    }
  }
}
