// Starts the page: which view the address asks for, the search box, the theme, the store's status.

import { parsePath, tracePath, findTraceId } from './query.js';
import { bindThemeButton } from './theme.js';
import { ListView } from './list-view.js';
import { TraceView } from './trace-view.js';
import { startStatusBar } from './status-bar.js';
import { bindHelp, toggleHelp } from './help.js';
import { setText } from './dom.js';

const view = document.getElementById('view');
const searchInput = document.getElementById('trace-search-input');
const searchHint = document.getElementById('trace-search-hint');

/** The list is kept while a trace is open, so that going back is instant and lands on the same row. */
let list = null;
let trace = null;
let listScroll = 0;

function show() {
  const route = parsePath(location.pathname);
  if (route.view === 'trace') showTrace(route.id);
  else showList();
}

function showList() {
  trace?.close();
  trace = null;
  document.documentElement.dataset.view = 'list';
  document.title = 'Traces · observatory';
  list ??= new ListView(navigate);
  if (list.element.parentNode !== view) {
    view.replaceChildren(list.element);
    list.resume();
    window.scrollTo(0, listScroll);
  } else {
    list.readAddress();
  }
}

function showTrace(id) {
  if (trace?.id === id) {
    trace.openSpanOfAddress();
    return;
  }
  if (list?.element.parentNode === view) {
    listScroll = window.scrollY;
    list.suspend();
  }
  trace?.close();
  document.documentElement.dataset.view = 'trace';
  trace = new TraceView(id, navigate);
  view.replaceChildren(trace.element);
  window.scrollTo(0, 0);
  trace.open();
}

/** Goes to another address of this page without loading it again. */
function navigate(path) {
  history.pushState({ inside: true }, '', path);
  show();
}

/** Links inside the page are followed here, unless somebody wants a new tab or window. */
function onClick(event) {
  const link = event.target.closest?.('a[data-nav]');
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || event.defaultPrevented) return;
  event.preventDefault();
  // From a trace, "all traces" is a step back when the list is where one came from: filters and place are kept.
  if (link.dataset.nav === 'back' && history.state?.inside) history.back();
  else navigate(link.getAttribute('href'));
}

function openPasted(text, complain) {
  const id = findTraceId(text);
  setText(searchHint, id || !complain || !text.trim() ? '' : 'No trace id in this: it has 32 hexadecimal digits.');
  searchInput.toggleAttribute('aria-invalid', Boolean(complain && text.trim() && !id));
  if (!id) return false;
  searchInput.value = '';
  searchInput.blur();
  navigate(tracePath(id));
  return true;
}

function bindSearch() {
  document.getElementById('trace-search').addEventListener('submit', (event) => {
    event.preventDefault();
    openPasted(searchInput.value, true);
  });
  searchInput.addEventListener('paste', (event) => {
    if (openPasted(event.clipboardData?.getData('text') ?? '', false)) event.preventDefault();
  });
  searchInput.addEventListener('input', () => openPasted('', false));
}

function onKey(event) {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  const typing = event.target.matches?.('input, select, textarea');
  if (typing) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (document.querySelector('dialog[open]')) return;
  if (event.key === '?') toggleHelp();
  else if (trace ? trace.onKey(event) : list?.onKey(event)) event.preventDefault();
  else if (event.key === '/') {
    event.preventDefault();
    searchInput.focus();
    searchInput.select();
  }
}

history.scrollRestoration = 'manual';
bindThemeButton(document.getElementById('theme-button'));
bindHelp();
bindSearch();
startStatusBar();
document.addEventListener('click', onClick);
document.addEventListener('keydown', onKey);
window.addEventListener('popstate', show);
window.addEventListener('hashchange', () => trace?.openSpanOfAddress());
show();
