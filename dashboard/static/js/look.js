// What all charts share: colours from the style sheet, font, motion, safe text, short numbers for axes.
// Stays out: exact numbers as text; the server writes those.
const motion = window.matchMedia("(prefers-reduced-motion: no-preference)");

export function colour(token) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}

export function escapeHtml(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML.replaceAll('"', "&quot;");
}

// A series' mark in a tooltip: its shape where it has one, else a square of its colour.
export function mark(item) {
  return item.shape ? `<span class="shape">${escapeHtml(item.shape)}</span>` : '<span class="swatch"></span>';
}

export function frame(type, height) {
  return {
    type,
    height,
    width: "100%",
    fontFamily: "inherit",
    foreColor: colour("soft"),
    background: "transparent",
    nonce: document.querySelector('meta[property="csp-nonce"]').nonce,
    toolbar: { show: false },
    zoom: { enabled: false },
    selection: { enabled: false },
    animations: { enabled: motion.matches, speed: 350, dynamicAnimation: { enabled: false } },
    redrawOnParentResize: false,
    redrawOnWindowResize: false,
  };
}

const LANGUAGE = document.documentElement.lang;
const shortNumber = new Intl.NumberFormat(LANGUAGE, { notation: "compact", maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 2 });

export function axisText(value, unit) {
  if (unit === "share") return percent.format(value);
  const text = shortNumber.format(value);
  return unit === "money" ? `R$\u00a0${text}` : text;
}

// A height no less than all of `values` that `ticks` steps of a round number make up.
export function roundTop(values, ticks) {
  const step = Math.max(...values) / ticks || 1;
  const unit = 10 ** Math.floor(Math.log10(step));
  return ticks * unit * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((round) => round * unit >= step * 0.9999);
}

const pen = document.createElement("canvas").getContext("2d");

// How wide a text of `size` pixels is in the font of the page.
export function textWidth(text, size) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}
