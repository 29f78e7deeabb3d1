// Light and dark: the button that chooses, remembered on this device.
const root = document.documentElement;
const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

const repaint = () => document.dispatchEvent(new Event("theme"));

// Paper is white: what is drawn is drawn anew for it, and anew for the screen afterwards.
for (const [name, isPrinted] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(name, () => { root.toggleAttribute("data-printing", isPrinted); repaint(); });
}
matchMedia("print").addEventListener("change", repaint);

export function offerThemes(button) {
  if (!button) return;
  const say = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} page`);
  };
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it holds for this page only */ }
    say();
    repaint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    say();
    repaint();
  });
}
