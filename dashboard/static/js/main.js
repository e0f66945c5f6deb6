// Draws every chart of the page from the JSON beside it, and draws anew when the theme or the room changes.
// Stays out: how each kind of chart looks (donut.js, trend.js, curve.js).
import { curveOptions } from "./curve.js";
import { donutOptions, followSlices } from "./donut.js";
import { trendOptions } from "./trend.js";

const KINDS = { donut: donutOptions, trend: trendOptions, curve: curveOptions };
const AFTER = { donut: followSlices };
const PAPER_HEIGHT = 170;

// A drawing that scales with its box, as paper needs it.
function scale(element, { svgWidth, svgHeight }) {
  element.querySelector("svg").setAttribute("viewBox", `0 0 ${svgWidth} ${svgHeight}`);
}

// ApexCharts takes options that differ in colours alone for the same, so a chart is made anew.
function draw(one, width = one.element.clientWidth, height = one.height) {
  const options = KINDS[one.data.kind](one.data, width, height);
  one.chart?.destroy();
  one.chart = new window.ApexCharts(one.element, { ...options, chart: { ...options.chart, width } });
  one.width = one.element.clientWidth;
  one.chart.render().then(() => {
    scale(one.element, one.chart.w.globals);
    one.element.dataset.drawn = "true";
  });
}

function start(element) {
  const data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const one = { chart: null, data, element, height: element.clientHeight, width: 0 };
  draw(one);
  AFTER[data.kind]?.(element, data);
  return one;
}

const drawn = [...document.querySelectorAll("[data-chart]")].map(start);
const drawAll = () => drawn.forEach((one) => draw(one));

document.addEventListener("themechange", drawAll);

// On paper, which is always light, a chart scales with its box; it is drawn for about the width it will have there, so
// that its letters stay readable.
const root = document.documentElement;
let theme;

window.addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  for (const one of drawn) {
    const width = Number(one.element.dataset.paperWidth);
    if (width) draw(one, width, PAPER_HEIGHT);
    else draw(one);
  }
});
window.addEventListener("afterprint", () => {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  drawAll();
});

let waiting;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => drawn.filter((one) => one.width !== one.element.clientWidth).forEach((one) => draw(one)), 150);
});
