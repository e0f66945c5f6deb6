// Draws every chart of the page from the JSON beside it, and draws anew when the theme or the room changes.
// Stays out: how each kind of chart looks (donut.js, trend.js, curve.js).
import { curveOptions } from "./curve.js";
import { donutOptions, followSlices } from "./donut.js";
import { PAPER_HEIGHT, scale, still, whenPrinted } from "./paper.js";
import { trendOptions } from "./trend.js";

const KINDS = { donut: donutOptions, trend: trendOptions, curve: curveOptions };
const PAPER_HEIGHTS = { curve: 220 };
const AFTER = { donut: followSlices };
// ApexCharts takes options that differ in colours alone for the same, so a chart is made anew.
function render(one, options) {
  one.chart?.destroy();
  one.chart = new window.ApexCharts(one.element, options);
  one.width = one.element.clientWidth;
  one.chart.render().then(() => {
    scale(one.element, one.chart);
    one.element.dataset.drawn = "true";
  });
}

function draw(one) {
  const width = one.element.clientWidth;
  const options = KINDS[one.data.kind](one.data, width, one.height);
  render(one, { ...options, chart: { ...options.chart, width } });
}

function drawForPaper(one) {
  const paper = Number(one.element.dataset.paperWidth);
  const width = paper || one.element.clientWidth;
  const height = paper ? (PAPER_HEIGHTS[one.data.kind] ?? PAPER_HEIGHT) : one.height;
  render(one, still(KINDS[one.data.kind](one.data, width, height), width));
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

whenPrinted(() => drawn.forEach(drawForPaper), drawAll);

let waiting;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => drawn.filter((one) => one.width !== one.element.clientWidth).forEach((one) => draw(one)), 150);
});
