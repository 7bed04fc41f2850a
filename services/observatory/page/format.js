// Numbers and times as people read them. Pure functions of their arguments.

const DURATION_UNITS = [
  { limit: 1e3, divisor: 1, name: 'ns' },
  { limit: 1e6, divisor: 1e3, name: 'µs' },
  { limit: 1e9, divisor: 1e6, name: 'ms' },
  { limit: 60e9, divisor: 1e9, name: 's' },
];

/** Nanoseconds as the shortest text that keeps three digits: `850 ns`, `12.3 ms`, `1 m 03 s`. */
export function duration(nanos) {
  if (!Number.isFinite(nanos)) return '–';
  if (nanos < 0) return `−${duration(-nanos)}`;
  for (const unit of DURATION_UNITS) {
    const text = threeDigits(nanos / unit.divisor);
    // The rounded text decides: 999.7 µs reads as 1 ms and never as 1000 µs.
    if (Number(text) * unit.divisor < unit.limit) return `${text} ${unit.name}`;
  }
  const seconds = Math.round(nanos / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

function threeDigits(value) {
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function pad(value, width = 2) {
  return String(value).padStart(width, '0');
}

/** How long ago, in the one unit that matters: `12 s ago`. A sender's clock may run ahead: `in 3 s`. */
export function relativeTime(thenMs, nowMs) {
  const seconds = Math.round((nowMs - thenMs) / 1000);
  if (Math.abs(seconds) < 2) return 'just now';
  const text = coarse(Math.abs(seconds));
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function coarse(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** Local clock time to the millisecond: `13:45:12.345`. */
export function clockTime(ms) {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** Local date and clock time: `2026-05-04 13:45:12.345`. */
export function dateTime(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockTime(ms)}`;
}

/** The clock time alone when it is of today, else with its date. */
export function shortDateTime(ms, nowMs) {
  const sameDay = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  return sameDay ? clockTime(ms) : dateTime(ms).slice(0, 19);
}

/** Unix nanoseconds (BigInt or decimal string) as milliseconds for `Date`. */
export function nanosToMs(nanos) {
  return Number(BigInt(nanos) / 1000n) / 1000;
}

/** Bytes in binary units: `88.1 MiB`. */
export function bytes(value) {
  let size = value;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (size < 1024 || unit === 'GiB') return `${threeDigits(size)} ${unit}`;
    size /= 1024;
  }
}

/** An integer with thousands separators. */
export function count(value) {
  return Number(value).toLocaleString('en-US');
}

/** A count with its noun: `1 span`, `1,200 spans`. */
export function plural(value, noun, many = `${noun}s`) {
  return `${count(value)} ${Number(value) === 1 ? noun : many}`;
}

/** A share as whole percent, with `<1%` for what would round to nothing. */
export function percent(share) {
  const value = Math.round(share * 100);
  return value === 0 && share > 0 ? '<1%' : `${value}%`;
}
