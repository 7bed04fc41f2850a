// The colours of style.css, measured: contrast as WCAG 2 defines it, distance as seen with colour blindness.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PALETTE_SIZE, serviceColour } from '../colours.js';

const css = readFileSync(new URL('../style.css', import.meta.url), 'utf8');
const themes = { light: {}, dark: {} };
for (const [, name, light, dark] of css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
  themes.light[name] = channels(light);
  themes.dark[name] = channels(dark);
}

function channels(hex) {
  return [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function contrast(a, b) {
  const [low, high] = [a, b].map(([r, g, blue]) => 0.2126 * r + 0.7152 * g + 0.0722 * blue).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test('text is readable on everything it is written on (AA: 4.5)', () => {
  for (const [theme, colours] of Object.entries(themes)) {
    for (const text of ['text', 'muted', 'accent', 'error', 'warn', 'ok']) {
      for (const ground of ['page', 'surface', 'raised', 'hover']) {
        const value = contrast(colours[text], colours[ground]);
        assert.ok(value >= 4.5, `${theme}: ${text} on ${ground} is ${value.toFixed(2)}`);
      }
    }
    for (const [text, ground] of [['text', 'selected'], ['on-accent', 'accent'], ['error', 'error-soft'], ['warn', 'warn-soft'], ['text', 'warn-soft'], ['page', 'text']]) {
      const value = contrast(colours[text], colours[ground]);
      assert.ok(value >= 4.5, `${theme}: ${text} on ${ground} is ${value.toFixed(2)}`);
    }
  }
});

test('bars and marks stand out from the ground (AA: 3)', () => {
  for (const [theme, colours] of Object.entries(themes)) {
    for (let i = 0; i < PALETTE_SIZE; i += 1) {
      const value = contrast(colours[`service-${i}`], colours.surface);
      assert.ok(value >= 3, `${theme}: service-${i} is ${value.toFixed(2)}`);
    }
    assert.ok(contrast(colours['service-none'], colours.surface) >= 3);
    assert.ok(contrast(colours['line-strong'], colours.surface) >= 3, `${theme}: line-strong`);
  }
});

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
const SIGHT = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function oklab(rgb) {
  const multiply = (matrix, vector) => matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));
  const cones = multiply([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], rgb).map(Math.cbrt);
  return multiply([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], cones);
}

function seen(rgb, matrix) {
  return oklab(matrix.map((row) => Math.min(1, Math.max(0, row.reduce((sum, factor, i) => sum + factor * rgb[i], 0)))));
}

/** In OKLab about 0.02 is just noticeable side by side; several times that is told apart without comparing. */
const LEAST_DISTANCE = 0.09;

test("the chain's own colours differ for every kind of sight", () => {
  const names = ['service-0', 'service-1', 'service-2', 'service-3'];
  for (const [theme, colours] of Object.entries(themes)) {
    for (const [sight, matrix] of Object.entries(SIGHT)) {
      const points = names.map((name) => seen(colours[name], matrix));
      for (let i = 0; i < points.length; i += 1) {
        for (let j = i + 1; j < points.length; j += 1) {
          const distance = Math.hypot(...points[i].map((value, k) => value - points[j][k]));
          assert.ok(distance >= LEAST_DISTANCE, `${theme}, ${sight}: ${names[i]} and ${names[j]} are ${distance.toFixed(3)} apart`);
        }
      }
    }
  }
});

test('a service has the same colour everywhere, and the chain does not collide', () => {
  const chain = ['api-gateway', 'user-service', 'order-service', 'audit-service'];
  assert.deepEqual(chain.map(serviceColour), [0, 1, 2, 3]);
  assert.equal(serviceColour('fraud-service'), serviceColour('fraud-service'));
  for (const name of ['fraud-service', 'mailer', '', 'constructor', '__proto__']) {
    const index = serviceColour(name);
    assert.ok(name === '' ? index === -1 : index >= chain.length && index < PALETTE_SIZE, `${name}: ${index}`);
  }
});
