// Columns, lines and bands over the months.
// Stays out: the legend and the table of numbers, which the page holds.
import { axisText, colour, escapeHtml, frame, mark, roundTop, textWidth } from "./look.js";

const TICKS = 4;
const LABEL_GAP = 14;
const AXIS_WIDTH = 72;

function tip(data, point) {
  const rows = data.series.map(
    (series) => `<div class="tip-row" data-token="${escapeHtml(series.token)}">${series.form === "text" ? "" : mark(series)}
      <span>${escapeHtml(series.label)}</span><span class="tip-value">${escapeHtml(series.texts[point])}</span></div>`,
  );
  return `<div class="tip"><div class="tip-title">${escapeHtml(data.categories[point])}</div>${rows.join("")}</div>`;
}

// The newest month and as many before it as fit side by side without turning their labels.
function shownMonths(categories, width) {
  const widest = Math.max(...categories.map((name) => textWidth(name, 12))) + LABEL_GAP;
  const step = Math.max(1, Math.ceil((categories.length * widest) / Math.max(width - AXIS_WIDTH, widest)));
  const last = categories.length - 1;
  return new Set(categories.filter((_, i) => (last - i) % step === 0));
}

// The height of the tallest column, point or band at each month.
function tops(data, drawn) {
  return data.categories.map((_, i) => {
    const columns = drawn.filter((series) => series.form === "column").map((series) => series.values[i] ?? 0);
    const column = data.is_stacked ? columns.reduce((sum, value) => sum + value, 0) : Math.max(0, ...columns);
    const others = drawn.filter((series) => series.form !== "column");
    return Math.max(column, ...others.map((series) => (series.form === "band" ? series.tops : series.values)[i] ?? 0));
  });
}

function axes(data, drawn, width) {
  const shown = shownMonths(data.categories, width);
  return {
    xaxis: {
      type: "category",
      categories: data.categories,
      labels: {
        rotate: 0,
        hideOverlappingLabels: false,
        trim: false,
        style: { fontSize: "12px" },
        formatter: (name) => (shown.has(name) ? name : ""),
      },
      axisBorder: { color: colour("line") },
      axisTicks: { show: false },
      tooltip: { enabled: false },
      crosshairs: { stroke: { color: colour("line") } },
    },
    yaxis: {
      min: 0,
      max: roundTop(tops(data, drawn), TICKS),
      tickAmount: TICKS,
      labels: { style: { fontSize: "12px" }, formatter: (value) => axisText(value, data.unit) },
    },
  };
}

const TYPES = { column: "bar", line: "line", band: "rangeArea" };

function points(data, series, isRange) {
  if (!isRange) return series.values;
  return data.categories.map((name, i) => {
    const value = series.values[i];
    if (series.form !== "band") return { x: name, y: value };
    return { x: name, y: value === null || series.tops[i] === null ? [null, null] : [value, series.tops[i]] };
  });
}

export function trendOptions(data, width, height) {
  // Bands first, so that lines are drawn over them.
  const drawn = data.series.filter((series) => series.form !== "text");
  drawn.sort((one, other) => (other.form === "band") - (one.form === "band"));
  const has = (form) => drawn.some((series) => series.form === form);
  const type = has("band") ? "rangeArea" : has("column") ? "bar" : "line";
  const isMixed = new Set(drawn.map((series) => series.form)).size > 1;
  return {
    chart: { ...frame(type, height), stacked: has("column") && data.is_stacked, stackOnlyBar: true },
    series: drawn.map((series) => ({
      name: series.label,
      ...(isMixed ? { type: TYPES[series.form] } : {}),
      data: points(data, series, has("band")),
    })),
    colors: drawn.map((series) => colour(series.token)),
    stroke: { width: drawn.map((series) => (series.form === "line" ? 3 : 0)), curve: "straight" },
    markers: { size: drawn.map((series) => (series.form === "line" ? 3.5 : 0)), strokeWidth: 0, hover: { sizeOffset: 2 } },
    fill: { type: "solid", opacity: drawn.map((series) => (series.form === "band" ? 0.22 : 1)) },
    plotOptions: {
      bar: {
        columnWidth: `${Math.min(62, (data.is_stacked ? 8 : 16) * data.categories.length)}%`,
        borderRadius: 3,
        borderRadiusApplication: "end",
        borderRadiusWhenStacked: "last",
      },
    },
    dataLabels: { enabled: false },
    legend: { show: false },
    grid: { borderColor: colour("grid"), strokeDashArray: 0, padding: { left: 12, right: 28, bottom: -14 } },
    states: { hover: { filter: { type: "none" } }, active: { filter: { type: "none" } } },
    tooltip: { shared: true, intersect: false, custom: ({ dataPointIndex }) => tip(data, dataPointIndex) },
    ...axes(data, drawn, width),
  };
}
