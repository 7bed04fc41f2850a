// Rules that hold for every file of the page.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../', import.meta.url);
const names = readdirSync(folder).filter((name) => /\.(js|css|html|svg)$/.test(name));
const read = (name) => readFileSync(new URL(name, folder), 'utf8');

test('what the API sends is never parsed as HTML or run', () => {
  for (const name of names) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
  }
});

test('the content security policy has nothing to refuse', () => {
  const html = read('index.html');
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)/);
  for (const name of names) {
    assert.doesNotMatch(read(name), /(?:src|href)="(?:https?:)?\/\/|@import|url\(\s*["']?https?:|setAttribute\('style'/, name);
  }
});

test('every file that is referred to exists', () => {
  for (const name of names) {
    const text = read(name);
    for (const [, asset] of text.matchAll(/["'`]\/assets\/([\w.-]+)/g)) assert.ok(names.includes(asset), `${name} -> ${asset}`);
    for (const [, module] of text.matchAll(/from '\.\/([\w.-]+)'/g)) assert.ok(names.includes(module), `${name} -> ${module}`);
  }
});

test('every icon that is used is drawn', () => {
  const drawn = new Set([...read('icons.svg').matchAll(/<symbol id="([\w-]+)"/g)].map((match) => match[1]));
  for (const name of names) {
    for (const [, used] of read(name).matchAll(/(?:\bicon\(|iconButton\(|icons\.svg#)'?([\w-]+)(?=['"])/g)) assert.ok(drawn.has(used), `${name}: ${used}`);
  }
  for (const kind of ['internal', 'server', 'client', 'producer', 'consumer', 'database']) assert.ok(drawn.has(kind), kind);
});

test('files stay small enough to be read', () => {
  for (const name of names) {
    const lines = read(name).split('\n').length - 1;
    assert.ok(lines <= 300, `${name} has ${lines} lines`);
  }
});
