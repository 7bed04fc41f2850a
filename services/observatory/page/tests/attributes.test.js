import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupAttributes, isLongText, isStatement } from '../attribute-groups.js';
import { formatSql } from '../sql.js';

const lines = (sql) => formatSql(sql).map((line) => line.map((token) => token.text).join(''));

test('a statement breaks at its clauses and nowhere else', () => {
  assert.deepEqual(lines('SELECT id, name FROM users WHERE id = $1'), ['SELECT id, name', 'FROM users', 'WHERE id = $1']);
  assert.deepEqual(lines('INSERT INTO orders (id, "from") VALUES ($1, \'a from b\') RETURNING created_at'),
    ['INSERT INTO orders (id, "from")', "VALUES ($1, 'a from b')", 'RETURNING created_at']);
  assert.deepEqual(lines('SELECT * FROM a LEFT JOIN b ON a.x = b.x WHERE a.y IN (SELECT y FROM c)'),
    ['SELECT *', 'FROM a', 'LEFT JOIN b', 'ON a.x = b.x', 'WHERE a.y IN (SELECT y FROM c)']);
  assert.deepEqual(lines('DELETE FROM t WHERE x::uuid[] = :name'), ['DELETE FROM t', 'WHERE x::uuid[] = :name']);
  assert.deepEqual(lines('BEGIN'), ['BEGIN']);
  assert.deepEqual(lines('SELECT 1 -- why\nFROM t'), ['SELECT 1 -- why', 'FROM t']);
  assert.deepEqual(lines(''), []);
});

test('a formatted statement says the same as the one sent', () => {
  const bare = (text) => text.replace(/\s+/g, '');
  for (const sql of ["UPDATE t SET a = 'x ''y'' z', b = 1.5 WHERE c = ? /* note */", 'select 1', "SELECT 'unclosed", 'WITH q AS (SELECT 1) SELECT * FROM q FOR UPDATE']) {
    assert.equal(bare(lines(sql).join('')), bare(sql));
  }
});

test('kinds of tokens', () => {
  const kinds = formatSql("SELECT a, 'b', 3 FROM t WHERE c = $1").flat().map((token) => token.kind);
  assert.deepEqual(kinds, ['keyword', 'word', 'sign', 'string', 'sign', 'number', 'keyword', 'word', 'keyword', 'word', 'sign', 'parameter']);
});

test("errors come first, then the application's own, then the conventions'", () => {
  const keys = ['http.route', 'order.total', 'db.namespace', 'error.type', 'server.address', 'user.id', 'otel.scope', 'errand.id'];
  const groups = groupAttributes(keys.map((key) => ({ key, value: 1 })));
  assert.deepEqual(groups.map(({ title, entries }) => [title, entries.map((entry) => entry.key)]), [
    ['Error', ['error.type']], ['Application', ['errand.id', 'order.total', 'user.id']], ['HTTP', ['http.route']],
    ['Database', ['db.namespace']], ['Network', ['server.address']], ['Code and runtime', ['otel.scope']],
  ]);
  assert.ok(isStatement('db.query.text'));
  assert.ok(isLongText('exception.stacktrace', 'one line'));
});
