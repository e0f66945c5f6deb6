// Applies filters as they are changed, pages and sorts without a reload, and copies the address of a segment.
// Stays out: what the list shows; the server renders it for every address, and the page works without this script.
import { isOfThisSnapshot } from "./fresh.js";

const WAIT = 350;
const form = document.getElementById("list-form");
const TYPED = new Set(["search", "number", "date", "text"]);
let running = new AbortController();
let timer;


// The list's address for the form as it stands: fields that are empty, and the usual order, are left out.
function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim() !== "") query.append(name, value.trim());
  }
  if (query.get("sort") === form.dataset.sort) query.delete("sort");
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

// Takes over the parts with an id that begins with `list-`; the form only where it did not cause the change itself.
function show(fresh, keepForm) {
  const focused = document.activeElement?.id;
  for (const part of fresh.querySelectorAll("[id^='list-']")) {
    if (part === fresh.getElementById("list-form") && keepForm) continue;
    const here = document.getElementById(part.id);
    if (here && !part.parentElement.closest(keepForm ? "#list-results" : "#list-results, #list-form")) {
      here.replaceChildren(...part.childNodes);
    }
  }
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  document.title = fresh.title;
  // The switch of the language returns to this address.
  const links = fresh.querySelectorAll("a[href^='/language/']");
  document.querySelectorAll("a[href^='/language/']").forEach((link, i) => {
    link.href = links[i].getAttribute("href");
  });
}

async function load(url, { push = true, keepForm = false } = {}) {
  clearTimeout(timer);
  running.abort();
  running = new AbortController();
  const results = document.getElementById("list-results");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!fresh.getElementById("list-results")) throw new TypeError("no list in the answer");
    if (!isOfThisSnapshot(fresh)) {
      window.location.assign(url);
      return;
    }
    if (push) history.pushState(null, "", url);
    show(fresh, keepForm);
    results.setAttribute("aria-busy", "false");
  } catch (error) {
    // An answer that is no list, or none at all: the browser shows it.
    if (error.name !== "AbortError") window.location.assign(url);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  load(address(), { keepForm: true });
});
form.addEventListener("input", (event) => {
  const field = event.target;
  if (!TYPED.has(field.type)) return;
  clearTimeout(timer);
  if (field.minLength > 0 && field.value !== "" && field.value.length < field.minLength) return;
  timer = setTimeout(() => load(address(), { keepForm: true }), WAIT);
});
document.addEventListener("change", (event) => {
  if (event.target.form === form && !TYPED.has(event.target.type)) load(address(), { keepForm: true });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-list]");
  if (link && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) {
    event.preventDefault();
    load(link.href).then(() => {
      const results = document.getElementById("list-results");
      results.focus({ preventScroll: true });
      if (link.dataset.list === "page") results.scrollIntoView();
    });
  }
  for (const menu of form.querySelectorAll("details[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
// A sheet that would leave the screen opens to the other side.
document.addEventListener(
  "toggle",
  ({ target: menu }) => {
    const sheet = menu.open && menu.querySelector(":scope > .filter-sheet");
    if (!sheet) return;
    delete menu.dataset.flipped;
    if (sheet.getBoundingClientRect().right > document.documentElement.clientWidth) menu.dataset.flipped = "";
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of form.querySelectorAll("details[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
window.addEventListener("popstate", () => load(window.location.href, { push: false }));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const url = new URL(button.dataset.copy, window.location.href).href;
  const label = button.querySelector("[data-copy-label]");
  try {
    await navigator.clipboard.writeText(url);
    label.textContent = button.dataset.done;
  } catch {
    const text = button.parentElement.querySelector("[data-copy-text]");
    text.hidden = false;
    text.value = url;
    text.select();
    label.textContent = button.dataset.failed;
  }
});
