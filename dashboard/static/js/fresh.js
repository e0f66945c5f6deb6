// A page fetched to take parts from: whether it shows the snapshot that the open page shows, for none may mix two.
// Stays out: fetching it and taking the parts (alerts.js, customers.js, refresh.js).
const snapshotOf = (page) => page.querySelector("[data-live]")?.dataset.snapshot;

export function isOfThisSnapshot(fresh) {
  return snapshotOf(fresh) === snapshotOf(document);
}
