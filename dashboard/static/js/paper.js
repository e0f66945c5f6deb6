// Printing: paper is light, and a chart that scales with its box is drawn for about the width it will have there.
// Stays out: what is drawn (main.js, actions.js).
const root = document.documentElement;
let theme;

export const PAPER_HEIGHT = 170;

// A drawing that scales with its box, as paper needs it.
export function scale(element, chart) {
  const { svgWidth, svgHeight } = chart.w.globals;
  element.querySelector("svg").setAttribute("viewBox", `0 0 ${svgWidth} ${svgHeight}`);
}

// The printer does not wait, so that a chart must not move.
export function still(options, width) {
  return { ...options, chart: { ...options.chart, width, animations: { enabled: false } } };
}

export function whenPrinted(drawForPaper, drawForScreen) {
  window.addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    drawForPaper();
  });
  window.addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    drawForScreen();
  });
}
