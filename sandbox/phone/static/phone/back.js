// The browser's way back closes what is open, and leaves the page only where nothing is.

// One step of the history stands for all that is open; a page that was loaded anew may have it still.
let guarded = history.state?.open === true;
let leaving = false;
const open = [];

function guard() {
  if (guarded) return;
  history.pushState({ open: true }, "");
  guarded = true;
}

/** `close()` is called when somebody goes back. Returns what says that it has closed otherwise. */
export function closeOnBack(close) {
  open.push(close);
  if (!leaving) guard();
  return () => {
    const place = open.lastIndexOf(close);
    if (place < 0) return;
    open.splice(place, 1);
    // Another sheet may open at once: then the step is kept for it.
    setTimeout(() => {
      if (open.length || !guarded || leaving) return;
      leaving = true;
      history.back();
    });
  };
}

addEventListener("popstate", () => {
  guarded = history.state?.open === true;
  if (leaving) leaving = false;
  else open.pop()?.();
  if (open.length) guard();
});
