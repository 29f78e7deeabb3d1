// Before the first paint: the colours that this reader chose.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* a reader without storage gets the system's colours */ }
document.documentElement.dataset.js = "";
