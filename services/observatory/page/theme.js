// The theme: the system's, until somebody chooses; colours for what is drawn on a canvas.

import { icon, fill } from './dom.js';
import { readPreference, writePreference } from './preferences.js';

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();
const colours = new Map();

/** `light` or `dark`, as painted now. */
export function currentTheme() {
  return document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light');
}

/** Makes a button switch the theme. Choosing what the system has anyway gives the choice back to the system. */
export function bindThemeButton(button) {
  const show = () => {
    const next = currentTheme() === 'dark' ? 'light' : 'dark';
    fill(button, icon(next === 'dark' ? 'moon' : 'sun'));
    button.title = `Switch to the ${next} theme`;
    button.setAttribute('aria-label', button.title);
  };
  button.addEventListener('click', () => {
    const next = currentTheme() === 'dark' ? 'light' : 'dark';
    const system = dark.matches ? 'dark' : 'light';
    writePreference('theme', next === system ? null : next);
    if (next === system) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    changed();
  });
  listeners.add(show);
  dark.addEventListener('change', changed);
  const stored = readPreference('theme', '');
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
  show();
}

function changed() {
  colours.clear();
  for (const listener of listeners) listener();
}

/** Calls back when the theme has changed, for what is drawn on a canvas. Returns what ends that. */
export function onThemeChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The colour behind a custom property in the theme of now. */
export function colour(variable) {
  if (!colours.has(variable)) {
    // light-dark() is resolved on a real property only, never on the custom property itself.
    const probe = document.createElement('span');
    probe.style.color = `var(${variable})`;
    document.body.append(probe);
    colours.set(variable, getComputedStyle(probe).color);
    probe.remove();
  }
  return colours.get(variable);
}
