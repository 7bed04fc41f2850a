// A database statement on readable lines, as coloured pieces. Pure; it never changes what the statement says.

const CLAUSES = new Set([
  'SELECT', 'FROM', 'WHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'OFFSET', 'VALUES', 'SET', 'RETURNING', 'UNION',
  'INSERT', 'UPDATE', 'DELETE', 'WITH', 'JOIN', 'LEFT', 'RIGHT', 'INNER', 'FULL', 'CROSS', 'ON',
]);
const WORDS = new Set([
  ...CLAUSES, 'INTO', 'BY', 'AS', 'AND', 'OR', 'NOT', 'NULL', 'IN', 'IS', 'LIKE', 'ILIKE', 'BETWEEN', 'EXISTS', 'ASC',
  'DESC', 'DISTINCT', 'OUTER', 'CONFLICT', 'DO', 'NOTHING', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'BEGIN', 'COMMIT',
  'ROLLBACK', 'FOR', 'ALL', 'CAST', 'TRUE', 'FALSE', 'LATERAL', 'USING', 'DEFAULT', 'READ', 'ONLY', 'ISOLATION', 'LEVEL',
]);
/** These continue the clause before them, so no line is broken between the two. */
const JOINED = { JOIN: ['LEFT', 'RIGHT', 'INNER', 'FULL', 'CROSS', 'OUTER'], UPDATE: ['DO', 'FOR', 'NO'], FROM: ['DELETE', 'DISTINCT'] };
const TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*'|"(?:[^"]|"")*")|(\$\d+|\?|(?<!:):[A-Za-z_]\w*)|(\d+(?:\.\d+)?)|([A-Za-z_][\w$]*)|(\s+)|([\s\S])/g;
const KINDS = ['comment', 'string', 'parameter', 'number', 'word', 'space', 'sign'];

/** Lines of `{kind, text}`: kinds are keyword, word, string, number, parameter, comment, sign. */
export function formatSql(statement) {
  const lines = [[]];
  let nesting = 0;
  let previousWord = '';
  let space = false;
  for (const token of tokens(statement)) {
    if (token.kind === 'space') {
      space = true;
      continue;
    }
    if (token.text === ')') nesting = Math.max(0, nesting - 1);
    const word = token.kind === 'keyword' ? token.text.toUpperCase() : '';
    const line = lines[lines.length - 1];
    if (breaksBefore(word, previousWord, nesting) && line.length > 0) {
      lines.push([token]);
    } else {
      line.push(space && line.length > 0 ? { ...token, text: ` ${token.text}` } : token);
    }
    // What follows a line comment must not become a part of it.
    if (token.text.startsWith('--')) lines.push([]);
    if (token.text === '(') nesting += 1;
    if (token.kind !== 'sign') previousWord = word;
    space = false;
  }
  return lines.filter((line) => line.length > 0);
}

function breaksBefore(word, previousWord, nesting) {
  if (nesting > 0 || !CLAUSES.has(word)) return false;
  return !JOINED[word]?.includes(previousWord);
}

function* tokens(statement) {
  for (const match of statement.matchAll(TOKEN)) {
    const group = match.slice(1).findIndex((part) => part !== undefined);
    const text = match[0];
    const keyword = KINDS[group] === 'word' && WORDS.has(text.toUpperCase());
    yield { kind: keyword ? 'keyword' : KINDS[group], text };
  }
}
