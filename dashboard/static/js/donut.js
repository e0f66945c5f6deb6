// A donut of customers by segment with its total in the centre; a click on a part leads to its customers.
// Stays out: the legend, which the page holds as a table of links for the keyboard and for screen readers.
import { colour, escapeHtml, frame, mark } from "./look.js";

const SETTLED = 150; // milliseconds

function tip(slice) {
  return `<div class="tip"><div class="tip-row" data-token="${escapeHtml(slice.token)}">${mark(slice)}
    <span>${escapeHtml(slice.label)}</span><span class="tip-value">${escapeHtml(slice.count)}</span></div>
    <div>${escapeHtml(slice.tip)}</div></div>`;
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
      formatter: (value) => data.slices.find((slice) => slice.customers === Number(value))?.count ?? data.total,
    },
    total: {
      show: true,
      showAlways: false,
      label: data.total_label,
      fontSize: "12px",
      fontWeight: 500,
      color: colour("faint"),
      formatter: () => data.total,
    },
  };
}

// A mouse has seen the count by pointing before it clicks; a finger's first tap shows it, a second one follows.
export function followSlices(element, data) {
  let shown = null;
  let isTouch = false;
  element.addEventListener("pointerdown", (event) => {
    isTouch = event.pointerType === "touch";
  });
  element.addEventListener("click", (event) => {
    const path = event.target.closest(".apexcharts-pie-area");
    if (!path) return;
    const slice = data.slices[Number(path.getAttribute("j"))];
    if (isTouch && shown !== slice) {
      shown = slice;
      // ApexCharts drops the move that a tap makes when it comes right before its release.
      const { clientX, clientY } = event;
      setTimeout(() => path.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true })), SETTLED);
      return;
    }
    window.location.assign(slice.link);
  });
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
    plotOptions: { pie: { expandOnClick: false, donut: { size: "74%", labels: centre(data) } } },
    tooltip: { custom: ({ seriesIndex }) => tip(data.slices[seriesIndex]) },
  };
}
