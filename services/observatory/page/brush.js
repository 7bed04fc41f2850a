// Dragging across a strip of time to choose a part of it.

/** A drag shorter than this is a click. */
const LEAST_DRAG_PX = 4;

/** Calls `onRange(from, to)`, shares of the element's width, while somebody drags, and `onDone()` after a drag. */
export function bindBrush(element, onRange, onDone = () => {}) {
  let begin = null;
  let range = null;
  const share = (event) => {
    const box = element.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const end = () => {
    if (range) onDone(range.from, range.to);
    begin = null;
    range = null;
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    begin = { x: event.clientX, share: share(event) };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (!begin || (!range && Math.abs(event.clientX - begin.x) < LEAST_DRAG_PX)) return;
    const now = share(event);
    if (now === begin.share) return;
    range = { from: Math.min(now, begin.share), to: Math.max(now, begin.share) };
    onRange(range.from, range.to);
  });
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
}
