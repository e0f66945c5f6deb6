// Answers a form in place: fetches its address and swaps the parts of the page that are marked as fresh.
// Stays out: what the parts hold; without this script the form opens the same address as a page.
import { isOfThisSnapshot } from "./fresh.js";

const PATIENCE_MS = 350;

let request;

// Read as an attribute: a field named "action" would hide the property.
function address(form) {
  const url = new URL(form.getAttribute("action"), window.location.href);
  url.search = new URLSearchParams(new FormData(form)).toString();
  return url;
}

function focusedPlace() {
  const focused = document.activeElement;
  const open = [...document.querySelectorAll("details[open][id]")].map((element) => element.id);
  return () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused?.id && !focused.isConnected) document.getElementById(focused.id)?.focus({ preventScroll: true });
  };
}

// The links of the languages lead back to the page as it stands now.
function swapLanguageLinks(fresh) {
  const links = [...fresh.querySelectorAll('a[href^="/language/"]')];
  document.querySelectorAll('a[href^="/language/"]').forEach((link, i) => {
    if (links[i]) link.href = links[i].getAttribute("href");
  });
}

function swap(fresh) {
  const restore = focusedPlace();
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const replacement = fresh.getElementById(part.id);
    if (replacement) part.replaceWith(document.importNode(replacement, true));
  }
  swapLanguageLinks(fresh);
  restore();
}

async function load(url) {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  try {
    const answer = await fetch(url, { signal });
    const text = await answer.text();
    if (signal.aborted) return;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!isOfThisSnapshot(fresh)) {
      window.location.replace(url);
      return;
    }
    swap(fresh);
    history.replaceState(null, "", url);
    document.dispatchEvent(new CustomEvent("refreshed"));
  } catch (error) {
    if (error.name !== "AbortError") window.location.assign(url);
  }
}

export function refreshInPlace() {
  let timer;
  const soon = (form, wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => load(address(form)), wait);
  };
  document.documentElement.classList.add("has-script");
  for (const name of ["input", "submit"]) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest("form[data-refresh]");
      if (!form) return;
      if (name === "submit") event.preventDefault();
      soon(form, event.target.matches("input[type=text]") ? PATIENCE_MS : 0);
    });
  }
}
