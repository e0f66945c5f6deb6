// Looks up the glossary while one types.
// Stays out: the charts (main.js). Without this script the form asks the server.
const input = document.getElementById("look-up");
const entries = [...document.querySelectorAll("[data-glossary] [data-entry]")].map((element) => ({
  element,
  text: element.textContent.toLocaleLowerCase(),
}));
const nothing = document.getElementById("nothing-found");
const columns = document.getElementById("columns");
const terms = document.getElementById("terms");

function lookUp() {
  const wanted = input.value.trim().toLocaleLowerCase();
  let found = 0;
  for (const { element, text } of entries) {
    element.hidden = !text.includes(wanted);
    found += element.hidden ? 0 : 1;
  }
  nothing.hidden = found > 0;
  terms.hidden = !terms.querySelector("[data-entry]:not([hidden])");
  if (columns) {
    columns.hidden = !columns.querySelector("[data-entry]:not([hidden])");
    if (wanted) columns.open = true;
  }
}

document.querySelector("[data-search-button]").hidden = true;
input.addEventListener("input", lookUp);
input.form.addEventListener("submit", (event) => {
  event.preventDefault();
  lookUp();
});
lookUp();
