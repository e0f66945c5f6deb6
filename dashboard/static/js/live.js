// What every page does: shows the current item of the navigation where the row is wider than the screen; listens for a
// new snapshot and then asks the reader whether to load it, while the page itself stays as it is.
// Stays out: the words, which the page holds in a template.
const region = document.querySelector("[data-live]");
const RETRY_MS = 60_000;

document.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });

if (region) {
  let source = null;
  let later = null;
  let retry = 0;

  const hide = () => region.replaceChildren();

  const show = (snapshot) => {
    if (region.childElementCount || snapshot === later) return;
    region.replaceChildren(document.getElementById("live-notice").content.cloneNode(true));
    region.querySelector("[data-live-later]").addEventListener("click", () => {
      later = snapshot;
      hide();
    });
  };

  const heard = (event) => {
    const snapshot = JSON.parse(event.data).snapshot_id;
    if (snapshot === region.dataset.snapshot) hide();
    else show(snapshot);
  };

  const disconnect = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
  };

  // A browser keeps few connections to a server, so a page in the background gives its own back.
  const connect = () => {
    disconnect();
    if (document.visibilityState !== "visible") return;
    source = new EventSource("/events");
    source.addEventListener("snapshot", heard);
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    });
  };

  document.addEventListener("visibilitychange", connect);
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  connect();
}
