// Find-in-trace: which spans contain a text. Pure.

import { attributes, events, valueText } from './otlp.js';

/** Every span's searchable text is made once, on the first search: thousands of spans take some milliseconds. */
const haystacks = new WeakMap();

/** The nodes, in tree order, that contain every word of the query. `key=value` matches an attribute. */
export function findSpans(nodes, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return nodes.filter((node) => !node.missing && words.every((word) => haystack(node).includes(word)));
}

function haystack(node) {
  let text = haystacks.get(node);
  if (text === undefined) {
    const parts = [node.name, node.service, node.kind, node.spanId, `status=${node.status}`, node.statusMessage];
    const add = ({ key, value }) => parts.push(`${key}=${valueText(value)}`);
    attributes(node.raw?.attributes).forEach(add);
    for (const event of events(node)) {
      parts.push(event.name);
      event.attributes.forEach(add);
    }
    text = parts.join('\n').toLowerCase();
    haystacks.set(node, text);
  }
  return text;
}

/** The match after (or before, when `step` is -1) the current node in tree order, going round at the end. */
export function stepMatch(matches, current, step) {
  if (matches.length === 0) return null;
  const at = current?.index ?? -1;
  if (step > 0) return matches.find((node) => node.index > at) ?? matches[0];
  return matches.findLast((node) => node.index < at) ?? matches[matches.length - 1];
}
