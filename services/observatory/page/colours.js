// The colour of a service: always the same for the same name. Pure; the colours themselves are in style.css.

/** Colours `--service-0` to `--service-9` exist. */
export const PALETTE_SIZE = 10;

/** The chain's own services have the four colours that are furthest apart, so that they never collide. */
const OWN = { 'api-gateway': 0, 'user-service': 1, 'order-service': 2, 'audit-service': 3 };

/** The palette index of a service; -1 (grey) for an unknown one. */
export function serviceColour(name) {
  if (!name) return -1;
  if (Object.hasOwn(OWN, name)) return OWN[name];
  const first = Object.keys(OWN).length;
  return first + (fnv1a(name) % (PALETTE_SIZE - first));
}

/** The custom property that holds the colour of a service. */
export function colourVariable(name) {
  const index = serviceColour(name);
  return index < 0 ? '--service-none' : `--service-${index}`;
}

function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}
