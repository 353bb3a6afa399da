// What a tablet remembers of itself, never of a guest. In some browsers' sign-in windows nothing can be kept.

const PREFIX = "stallbox.";

export function kept(name, otherwise) {
  try {
    return localStorage.getItem(PREFIX + name) || otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // It holds until the page is loaded anew.
  }
}
