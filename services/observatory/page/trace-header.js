// The top of a trace: what it was, how long it took, where the time went, and what is not right with it.

import { traceUrl } from './api.js';
import { colourVariable } from './colours.js';
import { timeByService } from './critical-path.js';
import { copyButton, el, icon } from './dom.js';
import { count, dateTime, duration, nanosToMs, percent, plural, relativeTime } from './format.js';

/** The header's elements; `onService(name)` highlights a service and returns the one highlighted now. */
export function traceHeader(trace, id, segments, onService) {
  return [
    el('div.trace-title', {},
      el('a.icon-button', { href: '/', 'data-nav': 'back', title: 'All traces (Esc)', 'aria-label': 'All traces' }, icon('back')),
      title(trace),
      el('span.trace-id', {}, el('code', { title: 'Trace id' }, id), copyButton(id, 'trace id'),
        el('a.text-link', { href: traceUrl(id), target: '_blank', rel: 'noopener', title: 'The trace as OTLP JSON' }, 'JSON', icon('external')))),
    el('div.trace-summary', {}, facts(trace), serviceList(trace, segments, onService)),
    warnings(trace),
    shareBar(segments),
  ];
}

function title({ root, errorCount }) {
  const failed = root?.status === 'error';
  return el('h1', {},
    icon(failed || errorCount > 0 ? 'error' : 'ok', failed ? 'The request failed' : errorCount > 0 ? 'A part of it failed' : 'OK'),
    el('span.title-name', {}, root?.name ?? 'Trace'),
    root?.service && el('span.title-service', {}, root.service));
}

function facts(trace) {
  const startMs = nanosToMs(trace.startUnix);
  return el('dl.facts', {},
    fact('Duration', duration(trace.duration), 'strong'),
    fact('Started', [dateTime(startMs), el('span.muted', {}, ` ${relativeTime(startMs, Date.now())}`)]),
    fact('Spans', count(trace.spanCount)),
    fact('Services', count(trace.services.length), 'minor'),
    fact('Depth', count(trace.depth), 'minor'),
    fact('Errors', count(trace.errorCount), trace.errorCount > 0 ? 'bad' : ''));
}

function fact(name, value, className = '') {
  return el(className ? `div.fact.${className}` : 'div.fact', {}, el('dt', {}, name), el('dd', {}, value));
}

function warnings(trace) {
  const { missingParents, outsideCount, roots } = trace;
  const received = roots.filter((root) => !root.missing).length;
  const lines = [
    missingParents > 0 && [icon('broken'), `${plural(missingParents, 'parent span')} not received: this trace is not whole, or is still arriving.`],
    received > 1 && [icon('alert'), `${received} root spans: more than one request used this trace id.`],
    outsideCount > 0 && [icon('clock'), `${plural(outsideCount, 'span reaches', 'spans reach')} outside the parent: clocks that differ, or work that went on after the answer.`],
  ].filter(Boolean);
  return lines.length > 0 && el('ul.warnings', {}, lines.map((line) => el('li', {}, line)));
}

/** The services, each with its share of the critical path; the one that took most of the time first. */
function serviceList(trace, segments, onService) {
  const times = timeByService(segments);
  const total = sum(times);
  const onPath = new Map(times.map((entry) => [entry.service, entry.nanos]));
  const order = [...trace.services].sort((a, b) => (onPath.get(b.name) ?? 0) - (onPath.get(a.name) ?? 0));
  const buttons = order.map((service) => {
    const nanos = onPath.get(service.name) ?? 0;
    return el('button.share', {
      type: 'button', 'aria-pressed': 'false', 'data-service': service.name,
      vars: { '--service': `var(${colourVariable(service.name)})` },
      title: `${service.name}: ${plural(service.spans, 'span')}, ${duration(nanos)} of the critical path. Press to see its spans only.`,
      on: { click: (event) => press(event.currentTarget, onService) },
    }, el('span.swatch'), el('span', {}, service.name), total > 0 && el('span.muted', {}, percent(nanos / total)),
    service.errors > 0 && icon('error', plural(service.errors, 'error')));
  });
  return el('div.share-list', { role: 'group', 'aria-label': 'Services, with their share of the critical path' }, buttons);
}

/** A bar of the critical path by service: it says where the request's time went and adds up to all of it. */
function shareBar(segments) {
  const times = timeByService(segments);
  const total = sum(times);
  return total > 0 && el('div.share-bar', { 'aria-hidden': 'true', title: 'Critical path by service' },
    times.map(({ service, nanos }) => el('span', {
      title: `${service}: ${percent(nanos / total)}`, vars: { '--service': `var(${colourVariable(service)})`, '--share': nanos / total },
    })));
}

function sum(times) {
  return times.reduce((total, entry) => total + entry.nanos, 0);
}

function press(button, onService) {
  const active = onService(button.dataset.service);
  for (const other of button.parentNode.children) other.setAttribute('aria-pressed', String(other.dataset.service === active));
}
