// What this browser keeps: the people on the phones, the colours, the type size.

/** Null where nothing is kept or storage is forbidden. */
export function readKept(name) {
  try {
    return localStorage.getItem(`phone.${name}`);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    if (value) localStorage.setItem(`phone.${name}`, value);
    else localStorage.removeItem(`phone.${name}`);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
