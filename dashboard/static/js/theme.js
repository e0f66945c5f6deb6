// Light or dark: applies the stored choice before the page is painted, and wires the toggle. Marks, in time for the first
// painting, that scripts run: what only readers without them need is then not shown.
// Stays out: the colours themselves (app.css).
(() => {
  const root = document.documentElement;
  root.dataset.hasScript = "";
  const KEY = "theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const store = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing still shows the chosen theme until the page is left.
    }
  };
  const current = () => root.dataset.theme ?? (system.matches ? "dark" : "light");
  const announce = () => {
    document.querySelector("[data-theme-toggle]")?.setAttribute("aria-pressed", String(current() === "dark"));
    document.dispatchEvent(new CustomEvent("themechange"));
  };

  const choice = stored();
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;

  system.addEventListener("change", announce);
  document.addEventListener("DOMContentLoaded", () => {
    announce();
    document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      store(root.dataset.theme);
      announce();
    });
  });
})();
