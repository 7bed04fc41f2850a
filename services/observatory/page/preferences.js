// What this browser remembers between visits: the theme, the width of the tree column, the critical path.

/** A stored preference, or the fallback when there is none or storage is forbidden. */
export function readPreference(name, fallback) {
  try {
    return localStorage.getItem(`observatory.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Stores a preference; null forgets it. */
export function writePreference(name, value) {
  try {
    if (value === null) localStorage.removeItem(`observatory.${name}`);
    else localStorage.setItem(`observatory.${name}`, value);
  } catch {
    // Without storage the preference lasts as long as the page.
  }
}
