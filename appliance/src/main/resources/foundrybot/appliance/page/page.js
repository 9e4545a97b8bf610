// SPDX-License-Identifier: Apache-2.0
// Comforts only: the page says the same without this file.
"use strict";

// How long ago an instant was, in the words of the command line.
function ago(at) {
  const s = Math.max(0, Math.round((Date.now() - at) / 1000));
  if (s < 60) return s + " s ago";
  if (s < 3600) return Math.floor(s / 60) + " min ago";
  if (s < 86400) return Math.floor(s / 3600) + " h ago";
  return Math.floor(s / 86400) + " d ago";
}

function tellTimes(root) {
  for (const time of root.querySelectorAll("time:not(.clock)")) {
    const text = ago(Date.parse(time.dateTime));
    if (time.textContent !== text) {
      time.title = time.dateTime;
      time.textContent = text;
    }
  }
}

// The same rule as the server's, at once and for cells that have just come.
function filter() {
  const form = document.getElementById("filter");
  if (!form) return;
  const words = form.q.value.toLowerCase().split(/\s+/);
  const tone = form.show.value;
  let shown = 0;
  for (const slot of document.querySelectorAll(".slot")) {
    const cell = slot.firstElementChild;
    const fits = (!tone || cell.dataset.tone === tone) && words.every((w) => cell.dataset.text.includes(w));
    if (slot.hidden === fits) slot.hidden = !fits;
    if (fits) shown++;
  }
  for (const cabinet of document.querySelectorAll(".cabinet")) {
    cabinet.classList.toggle("filtered", Boolean(tone || form.q.value));
  }
  document.getElementById("none").hidden = shown > 0;
}

function offline(text) {
  const banner = document.getElementById("offline");
  banner.textContent = text;
  banner.hidden = !text;
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("filter");
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }
  const log = document.querySelector("pre.log");
  if (log) log.scrollTop = log.scrollHeight;
  tellTimes(document);
  setInterval(() => tellTimes(document), 5000);
});

document.addEventListener("htmx:afterSettle", () => {
  filter();
  tellTimes(document);
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const log = event.target.querySelector && event.target.querySelector("pre.log");
  if (log) log.scrollTop = log.scrollHeight;
});
for (const silent of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(silent, () => offline("The appliance does not answer; what you see is old."));
}
document.addEventListener("htmx:responseError", (event) =>
  offline("The appliance answers with error " + event.detail.xhr.status + "; what you see is old."));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) offline("");
});
