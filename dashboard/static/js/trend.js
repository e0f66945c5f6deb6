// Columns and lines over the months.
// Stays out: the legend and the table of numbers, which the page holds.
import { axisText, colour, escapeHtml, frame, mark } from "./look.js";

const TICKS = 4;
const LABEL_WIDTH = 84;
const AXIS_WIDTH = 60;

function tip(data, point) {
  const rows = data.series.map(
    (series) => `<div class="tip-row" data-token="${escapeHtml(series.token)}">${mark(series)}
      <span>${escapeHtml(series.name)}</span><span class="tip-value">${escapeHtml(series.texts[point])}</span></div>`,
  );
  return `<div class="tip"><div class="tip-title">${escapeHtml(data.categories[point])}</div>${rows.join("")}</div>`;
}

// The newest month and as many before it as fit without turning their labels.
function shownMonths(categories, width) {
  const step = Math.max(1, Math.ceil((categories.length * LABEL_WIDTH) / Math.max(width - AXIS_WIDTH, LABEL_WIDTH)));
  const last = categories.length - 1;
  return categories.map((name, i) => ((last - i) % step === 0 ? name : ""));
}

// The height of the tallest column or point, up to a round number that TICKS divides evenly.
function roundTop(data) {
  const heights = data.categories.map((_, i) => {
    const columns = data.series.filter((series) => series.form === "column").map((series) => series.values[i] ?? 0);
    const lines = data.series.filter((series) => series.form === "line").map((series) => series.values[i] ?? 0);
    return Math.max(columns.reduce((sum, value) => sum + value, 0), ...lines);
  });
  const step = Math.max(...heights) / TICKS || 1;
  const unit = 10 ** Math.floor(Math.log10(step));
  return TICKS * unit * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((round) => round * unit >= step * 0.9999);
}

function axes(data, width) {
  return {
    xaxis: {
      categories: shownMonths(data.categories, width),
      labels: { rotate: 0, hideOverlappingLabels: false, trim: false, style: { fontSize: "12px" } },
      axisBorder: { color: colour("line") },
      axisTicks: { show: false },
      tooltip: { enabled: false },
      crosshairs: { stroke: { color: colour("line") } },
    },
    yaxis: {
      min: 0,
      max: roundTop(data),
      tickAmount: TICKS,
      labels: { style: { fontSize: "12px" }, formatter: (value) => axisText(value, data.unit) },
    },
  };
}

export function trendOptions(data, width) {
  const mixed = data.series.some((series) => series.form === "column");
  return {
    chart: { ...frame(mixed ? "bar" : "line", 300), stacked: mixed, stackOnlyBar: true },
    series: data.series.map((series) => ({
      name: series.name,
      type: mixed ? series.form : "line",
      data: series.values,
    })),
    colors: data.series.map((series) => colour(series.token)),
    stroke: { width: data.series.map((series) => (series.form === "line" ? 3 : 0)), curve: "straight" },
    markers: { size: data.series.map((series) => (series.form === "line" ? 3.5 : 0)), strokeWidth: 0 },
    fill: { opacity: 1 },
    plotOptions: { bar: { columnWidth: `${Math.min(62, 8 * data.categories.length)}%`, borderRadius: 3, borderRadiusApplication: "end", borderRadiusWhenStacked: "last" } },
    dataLabels: { enabled: false },
    legend: { show: false },
    grid: { borderColor: colour("grid"), strokeDashArray: 0, padding: { left: 12, right: 28, bottom: -14 } },
    states: { hover: { filter: { type: "none" } }, active: { filter: { type: "none" } } },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(data, dataPointIndex) },
    ...axes(data, width),
  };
}
