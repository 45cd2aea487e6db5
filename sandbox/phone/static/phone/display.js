// Before the page is drawn: the type size and the colours somebody has chosen on this machine.
"use strict";
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("phone.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("phone.type") === "large") root.dataset.type = "large";
  } catch {
    // Storage may be forbidden: then the page looks as the system says.
  }
})();
