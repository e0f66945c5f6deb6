// The page of the segments: the cross table follows its form, and an open filter closes when one looks elsewhere.
// Stays out: how a form is answered in place (refresh.js).
import { refreshInPlace } from "./refresh.js";

refreshInPlace();

document.addEventListener("click", (event) => {
  for (const filter of document.querySelectorAll("details.filter[open]")) {
    if (!filter.contains(event.target)) filter.removeAttribute("open");
  }
});

document.addEventListener("keydown", (event) => {
  const filter = event.key === "Escape" && event.target.closest("details.filter[open]");
  if (!filter) return;
  filter.removeAttribute("open");
  filter.querySelector("summary").focus();
});
