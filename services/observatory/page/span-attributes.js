// Attributes as the panel shows them: grouped, copyable, statements formatted.

import { groupAttributes, isLongText, isStatement } from './attribute-groups.js';
import { copyButton, el, icon } from './dom.js';
import { valueText } from './otlp.js';
import { formatSql } from './sql.js';

/**
 * The sections of a set of attributes: one a group; one named `title`; or, for `title` null, the bare list.
 */
export function attributeSections(entries, title, open = true) {
  if (entries.length === 0) return [];
  if (title === null) return [list(entries)];
  const groups = title ? [{ title, entries: [...entries].sort((a, b) => (a.key < b.key ? -1 : 1)) }] : groupAttributes(entries);
  return groups.map((group) => el('details.section', { open }, el('summary', {}, icon('chevron'), group.title), list(group.entries)));
}

function list(entries) {
  const statements = entries.filter((entry) => isStatement(entry.key));
  const others = entries.filter((entry) => !isStatement(entry.key));
  return [
    ...statements.map((entry) => statement(entry.key, valueText(entry.value))),
    others.length > 0 && el('dl.attributes', {}, others.flatMap(attributeLine)),
  ].filter(Boolean);
}

function attributeLine({ key, value, type }) {
  const text = valueText(value);
  const long = isLongText(key, text);
  return [
    el('dt', { title: key }, breakable(key)),
    el(long ? 'dd.long' : `dd.${type}`, {}, long ? el('pre', { tabindex: 0 }, text) : el('span.value', {}, text === '' ? '(empty)' : text), copyButton(text, key)),
  ];
}

/** A key may be broken after its dots and underscores, so that no word of it is. */
function breakable(key) {
  return key.split(/(?<=[._])/).flatMap((part) => [part, el('wbr')]).slice(0, -1);
}

function statement(key, text) {
  const lines = formatSql(text);
  return el('div.code-block.statement', { title: key },
    el('pre', { tabindex: 0, 'aria-label': key }, el('code', {}, lines.map((line) => el('span.code-line', {}, line.map((token) => (
      ['word', 'sign'].includes(token.kind) ? token.text : el(`span.sql-${token.kind}`, {}, token.text)
    )))))),
    copyButton(text, key));
}
