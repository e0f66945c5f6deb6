// The profile of a customer: copies the id, and shows the newest months first where they do not all fit.
// Stays out: everything that works without a script.
const SHOWN_MS = 2000;

function wire(button) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    status.textContent = button.dataset.copied;
    setTimeout(() => {
      status.textContent = "";
    }, SHOWN_MS);
  });
  button.hidden = false;
}

// Browsers hand out the clipboard on secure addresses only, which localhost is.
if (navigator.clipboard) {
  document.querySelectorAll("[data-copy]").forEach(wire);
}

for (const region of document.querySelectorAll("[data-scroll-end]")) {
  region.scrollLeft = region.scrollWidth;
}
