// Draws every chart of the page from the JSON beside it, and draws anew when the theme changes.
// Stays out: how each kind of chart looks (donut.js, trend.js).
import { donutOptions } from "./donut.js";
import { trendOptions } from "./trend.js";

const KINDS = { donut: donutOptions, trend: trendOptions };

function draw(element) {
  const data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const chart = new window.ApexCharts(element, KINDS[data.kind](data, element.clientWidth));
  chart.render().then(() => {
    element.dataset.drawn = "true";
  });
  return { chart, data, element };
}

const drawn = [...document.querySelectorAll("[data-chart]")].map(draw);

document.addEventListener("themechange", () => {
  for (const { chart, data, element } of drawn) {
    chart.updateOptions(KINDS[data.kind](data, element.clientWidth), false, false);
  }
});
