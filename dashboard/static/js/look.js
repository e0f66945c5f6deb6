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
    redrawOnParentResize: true,
  };
}

const shortNumber = new Intl.NumberFormat(document.documentElement.lang, {
  notation: "compact",
  maximumFractionDigits: 1,
});

export function axisText(value, unit) {
  const text = shortNumber.format(value);
  return unit === "money" ? `R$\u00a0${text}` : text;
}
