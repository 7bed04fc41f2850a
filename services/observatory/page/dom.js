// Building elements. All text goes through text nodes: what the API sends is never parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * `el('a.name', {href, title, on: {click}, vars: {'--x': 1}}, ...children)`. Children are nodes or texts;
 * null, undefined and false are left out. An attribute that is null, undefined or false is left out too.
 */
export function el(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split('.');
  const node = document.createElement(tag || 'div');
  if (classes.length > 0) node.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...present(children));
  return node;
}

function setAttribute(node, name, value) {
  if (name === 'on') {
    for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
  } else if (name === 'vars') {
    for (const [property, text] of Object.entries(value)) node.style.setProperty(property, String(text));
  } else if (value === true) {
    node.setAttribute(name, '');
  } else if (value !== null && value !== undefined && value !== false) {
    node.setAttribute(name, String(value));
  }
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces what an element holds. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

/** Sets the text of an element, and touches the document only when it differs. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The drawings themselves, read once: hundreds of `<use>` of another file make scrolling slow. */
const symbols = await fetch('/assets/icons.svg')
  .then((response) => response.text())
  .then((text) => new DOMParser().parseFromString(text, 'image/svg+xml'))
  .catch(() => null);
const drawings = new Map();

/** One drawing of icons.svg. It is hidden from screen readers unless it has a label. */
export function icon(name, label = '') {
  const key = `${name} ${label}`;
  // A waterfall has hundreds of icons and makes new ones while it scrolls: copying one is the quick way.
  if (!drawings.has(key)) drawings.set(key, drawIcon(name, label));
  return drawings.get(key).cloneNode(true);
}

function drawIcon(name, label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `icon icon-${name}`);
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    const title = document.createElementNS(SVG, 'title');
    title.textContent = label;
    svg.append(title);
  } else {
    svg.setAttribute('aria-hidden', 'true');
  }
  const symbol = symbols?.getElementById(name);
  if (symbol) {
    svg.setAttribute('viewBox', symbol.getAttribute('viewBox'));
    svg.append(...[...symbol.childNodes].map((child) => document.importNode(child, true)));
  }
  return svg;
}

/** A button with an icon; the label is its accessible name and tooltip. */
export function iconButton(name, label, onClick, className = 'icon-button') {
  return el(`button.${className}`, { type: 'button', title: label, 'aria-label': label, on: { click: onClick } }, icon(name));
}

/** Text for screen readers only. */
export function spoken(text) {
  return el('span.spoken', {}, text);
}

/** How long a copy button says that it has copied: long enough to be read, short enough to be pressed again. */
const COPIED_MS = 1400;

/** A button that copies a text and says so. */
export function copyButton(text, what) {
  const label = `Copy ${what}`;
  const button = iconButton('copy', label, async (event) => {
    event.stopPropagation();
    const done = await copyText(text);
    fill(button, icon(done ? 'check' : 'alert'));
    announce(done ? `${what} copied` : `${what} could not be copied`);
    setTimeout(() => fill(button, icon('copy')), COPIED_MS);
  }, 'copy-button');
  return button;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard API exists on https and localhost only; a selection works everywhere else.
    const area = el('textarea.offscreen', { readonly: true, 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  const region = document.getElementById('announcements');
  if (region) setText(region, text);
}
