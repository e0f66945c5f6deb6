// A donut of customers by segment with its total in the centre.
// Stays out: the legend, which the page holds as a table.
import { colour, escapeHtml, frame, mark } from "./look.js";

function tip(slice) {
  return `<div class="tip"><div class="tip-row" data-token="${escapeHtml(slice.token)}">${mark(slice)}
    <span>${escapeHtml(slice.label)}</span><span class="tip-value">${escapeHtml(slice.count)}</span></div>
    <div>${escapeHtml(slice.share)} of customers</div></div>`;
}

function centre(data) {
  return {
    show: true,
    name: {
      show: true,
      fontSize: "12px",
      fontWeight: 500,
      color: colour("faint"),
      offsetY: -4,
      formatter: (name) => data.slices[Number(name)]?.label ?? name,
    },
    value: {
      show: true,
      fontSize: "22px",
      fontWeight: 650,
      color: colour("ink"),
      offsetY: 4,
      formatter: (value) => Number(value).toLocaleString(document.documentElement.lang),
    },
    total: {
      show: true,
      showAlways: false,
      label: "Total",
      fontSize: "12px",
      fontWeight: 500,
      color: colour("faint"),
      formatter: () => data.total,
    },
  };
}

export function donutOptions(data) {
  return {
    chart: frame("donut", 224),
    series: data.slices.map((slice) => slice.customers),
    // ApexCharts writes labels as markup in places, so it is given numbers; our own texts replace them.
    labels: data.slices.map((_, i) => String(i)),
    colors: data.slices.map((slice) => colour(slice.token)),
    legend: { show: false },
    dataLabels: { enabled: false },
    stroke: { width: 2, colors: [colour("card")] },
    states: { hover: { filter: { type: "none" } }, active: { filter: { type: "none" } } },
    plotOptions: { pie: { expandOnClick: true, donut: { size: "74%", labels: centre(data) } } },
    tooltip: { custom: ({ seriesIndex }) => tip(data.slices[seriesIndex]) },
  };
}
