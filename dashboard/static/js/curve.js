// Curves over a number: what was predicted against what came, what was found against how many were asked.
// Stays out: the legend and the table of numbers, which the page holds.
import { axisText, colour, escapeHtml, frame, mark, roundTop } from "./look.js";

const TICKS = 4;

function tip(data, point) {
  const rows = data.tips[point].rows.map(
    ({ label, text, token }) => `<div class="tip-row" data-token="${escapeHtml(token)}">${token ? mark({}) : ""}
      <span>${escapeHtml(label)}</span><span class="tip-value">${escapeHtml(text)}</span></div>`,
  );
  return `<div class="tip"><div class="tip-title">${escapeHtml(data.tips[point].title)}</div>${rows.join("")}</div>`;
}

function axis(values, unit, title) {
  return {
    min: 0,
    max: unit === "share" && Math.max(...values) > 0.999 ? 1 : roundTop(values, TICKS),
    tickAmount: TICKS,
    labels: { style: { fontSize: "12px" }, formatter: (value) => axisText(Number(value), unit) },
    title: { text: title, style: { fontSize: "12px", fontWeight: 500, color: colour("faint") } },
  };
}

function points(data, line) {
  return data.x.map((x, i) => ({
    x,
    y: line.form === "band" ? [line.values[i], line.tops[i]] : line.values[i],
  }));
}

export function curveOptions(data, _width, height) {
  const drawn = [...data.series].sort((one, other) => (other.form === "band") - (one.form === "band"));
  const isRange = drawn.some((line) => line.form === "band");
  const heights = drawn.flatMap((line) => (line.form === "band" ? line.tops : line.values)).map((value) => value ?? 0);
  return {
    chart: frame(isRange ? "rangeArea" : "line", height),
    series: drawn.map((line) => ({
      name: line.label,
      ...(isRange ? { type: line.form === "band" ? "rangeArea" : "line" } : {}),
      data: points(data, line),
    })),
    colors: drawn.map((line) => colour(line.token)),
    stroke: {
      width: drawn.map((line) => ({ band: 0, dashed: 2, line: 3 })[line.form]),
      dashArray: drawn.map((line) => (line.form === "dashed" ? 5 : 0)),
      curve: "straight",
    },
    markers: { size: drawn.map((line) => (line.form === "line" && data.has_points ? 4 : 0)), strokeWidth: 0 },
    fill: { type: "solid", opacity: drawn.map((line) => (line.form === "band" ? 0.22 : 1)) },
    dataLabels: { enabled: false },
    legend: { show: false },
    grid: { borderColor: colour("grid"), strokeDashArray: 0, padding: { left: 12, right: 28 } },
    states: { hover: { filter: { type: "none" } }, active: { filter: { type: "none" } } },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(data, dataPointIndex) },
    xaxis: {
      type: "numeric",
      ...axis(data.x, data.x_unit, data.x_label),
      axisBorder: { color: colour("line") },
      axisTicks: { show: false },
      tooltip: { enabled: false },
      crosshairs: { stroke: { color: colour("line") } },
    },
    yaxis: axis(heights, data.y_unit, data.y_label),
  };
}
