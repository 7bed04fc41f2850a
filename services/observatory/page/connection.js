// Whether the backend answers, told in one place for the whole page.

import { fill, icon } from './dom.js';

const failing = new Map();

/** A part of the page got its answer. */
export function answered(part) {
  if (failing.delete(part)) show();
}

/** A part of the page got none. It will try again by itself; the banner says so until it succeeds. */
export function unanswered(part, error) {
  failing.set(part, error.message);
  show();
}

function show() {
  const banner = document.getElementById('banner');
  const [reason] = failing.values();
  banner.hidden = reason === undefined;
  document.documentElement.toggleAttribute('data-away', !banner.hidden);
  if (reason !== undefined) {
    fill(banner, icon('alert'), `The observatory does not answer (${reason}). What you see is the last state; trying again…`);
  }
}
