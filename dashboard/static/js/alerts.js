// Marks alerts without leaving the page: sends the form, then takes the list and the bell from the page anew.
// Stays out: counting and wording; the server does both. Without this script the forms work by themselves.
import { isOfThisSnapshot } from "./fresh.js";

const PARTS = ["[data-alerts]", "[data-bell]"];
const said = document.querySelector("[data-said]");

async function send(form) {
  const response = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  if (!response.ok || response.redirected) throw new Error(`${form.action}: ${response.status}`);
  return (await response.json()).said;
}

async function pageAnew() {
  const response = await fetch(location.href);
  if (!response.ok || response.redirected) throw new Error(`${location.href}: ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// Where the reader was: the same alert, else the one that took its place, else the heading.
function refocus(alert, place) {
  const rows = [...document.querySelectorAll("[data-alert]")];
  const row = rows.find((one) => one.dataset.alert === alert) ?? (place >= 0 ? rows[place] : undefined);
  (row?.querySelector("button") ?? document.querySelector("[data-heading]")).focus({ preventScroll: true });
}

async function mark(form) {
  const row = form.closest("[data-alert]");
  const place = [...document.querySelectorAll("[data-alert]")].indexOf(row);
  const words = await send(form);
  const page = await pageAnew();
  if (!isOfThisSnapshot(page)) {
    location.reload();
    return;
  }
  for (const part of PARTS) document.querySelector(part)?.replaceWith(page.querySelector(part));
  said.textContent = words;
  refocus(row?.dataset.alert, place);
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-mark]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await mark(form);
  } catch {
    form.submit();
  }
});
