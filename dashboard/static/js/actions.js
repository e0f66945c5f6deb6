// The page of the actions: the plan follows its form, and its curve is drawn.
// Stays out: how a form is answered in place (refresh.js) and every text and number (the server's).
import { axisText, colour, escapeHtml, frame } from "./look.js";
import { PAPER_HEIGHT, scale, still, whenPrinted } from "./paper.js";
import { refreshInPlace } from "./refresh.js";

const TICKS = 4;
const HEIGHT = 300;
const PAPER_WIDTH = 660;

let chart;

function tip(data, at) {
  const point = data.points[at];
  const texts = [point.contacted, point.cost, point.extra, point.net];
  const rows = data.names.map(
    (name, i) => `<div class="tip-row"><span>${escapeHtml(name)}</span>
      <span class="tip-value">${escapeHtml(texts[i])}</span></div>`,
  );
  return `<div class="tip">${rows.join("")}</div>`;
}

// The first mark's label stands above its point; a second one's below, for the two may lie close together.
function markPoint(mark, last, isFirst) {
  return {
    x: mark.x,
    y: mark.y,
    marker: { size: 6, fillColor: colour(mark.token), strokeColor: colour("card"), strokeWidth: 2 },
    label: {
      text: mark.label,
      textAnchor: mark.x > 0.7 * last ? "end" : mark.x < 0.2 * last ? "start" : "middle",
      offsetY: isFirst ? -8 : 34,
      borderColor: "transparent",
      style: { background: colour("ink"), color: colour("card"), fontSize: "12px", fontWeight: 600, padding: { left: 8, right: 8, top: 4, bottom: 4 } },
    },
  };
}

function markLine(mark) {
  return { x: mark.x, borderColor: colour(mark.token), strokeDashArray: 4 };
}

function moneyOnAxis(value) {
  return value < 0 ? `\u2212${axisText(-value, "money")}` : axisText(value, "money");
}

function roundStep(step) {
  const unit = 10 ** Math.floor(Math.log10(step));
  return unit * [1, 2, 2.5, 5, 10].find((round) => round * unit >= step * 0.9999);
}

// From the smallest return to the largest with room for the label above it, in round steps.
function bounds(points) {
  const returns = points.map((point) => point.y);
  const low = Math.min(0, ...returns);
  const high = Math.max(0, ...returns);
  const top = high + 0.15 * (high - low || 1);
  const step = roundStep((top - low) / TICKS);
  const [min, max] = [Math.floor(low / step) * step, Math.ceil(top / step) * step];
  return { min, max, tickAmount: Math.round((max - min) / step) };
}

function options(data, height) {
  const last = data.points.at(-1).x;
  return {
    chart: frame("area", height),
    series: [{ name: data.names[3], data: data.points.map((point) => ({ x: point.x, y: point.y })) }],
    colors: [colour("accent")],
    stroke: { width: 2.5, curve: "straight" },
    fill: { type: "solid", opacity: 0.1 },
    markers: { size: 0, hover: { size: 5 } },
    dataLabels: { enabled: false },
    legend: { show: false },
    grid: { borderColor: colour("grid"), padding: { left: 12, right: 20 } },
    annotations: {
      yaxis: [{ y: 0, borderColor: colour("faint"), strokeDashArray: 0 }],
      xaxis: data.marks.map(markLine),
      points: data.marks.map((mark, i) => markPoint(mark, last, i === 0)),
    },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(data, dataPointIndex) },
    xaxis: {
      type: "numeric",
      min: 0,
      max: last,
      tickAmount: TICKS,
      labels: { style: { fontSize: "12px" }, formatter: (value) => axisText(Math.round(Number(value)), "count") },
      axisBorder: { show: false },
      axisTicks: { show: false },
      tooltip: { enabled: false },
      crosshairs: { stroke: { color: colour("line") } },
    },
    yaxis: {
      ...bounds(data.points),
      labels: { style: { fontSize: "12px" }, formatter: moneyOnAxis },
    },
  };
}

function draw(adapt = (asked) => asked, height = HEIGHT) {
  chart?.destroy();
  chart = undefined;
  const element = document.getElementById("plan-chart");
  if (!element) return;
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  chart = new window.ApexCharts(element, adapt(options(data, height)));
  chart.render().then(() => {
    scale(element, chart);
    element.dataset.drawn = "true";
  });
}

function markWrongFields() {
  for (const error of document.querySelectorAll("[data-error-of]")) {
    const isWrong = error.textContent.trim() !== "";
    document.getElementById(error.dataset.errorOf).setAttribute("aria-invalid", String(isWrong));
  }
}

refreshInPlace();
draw();
document.addEventListener("themechange", () => draw());
whenPrinted(
  () => draw((asked) => still(asked, PAPER_WIDTH), PAPER_HEIGHT),
  () => draw(),
);
document.addEventListener("refreshed", () => {
  markWrongFields();
  draw();
});
