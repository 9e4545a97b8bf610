// SPDX-License-Identifier: Apache-2.0
// Comforts only: the page says the same without this file.
"use strict";

// For how long, in the words of the command line.
function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min";
  if (s < 86400) return Math.floor(s / 3600) + " h";
  return Math.floor(s / 86400) + " d";
}

function tellTimes(root) {
  for (const time of root.querySelectorAll("time:not(.clock)")) {
    const passed = span(Date.now() - Date.parse(time.dateTime));
    const text = time.classList.contains("since") ? "for " + passed : passed + " ago";
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
    const cell = slot.lastElementChild;
    const fits = (!tone || cell.dataset.tone === tone) && words.every((w) => cell.dataset.text.includes(w));
    if (slot.hidden === fits) slot.hidden = !fits;
    if (fits) shown++;
  }
  for (const cabinet of document.querySelectorAll(".cabinet")) {
    cabinet.classList.toggle("filtered", Boolean(tone || form.q.value));
  }
  document.getElementById("none").hidden = shown > 0;
}

// How many are ticked; who ticks one means those that are.
function tellTicked(event) {
  const count = document.querySelectorAll(".slot > input:checked").length;
  tell("ticked", count > 0 ? count + " ticked" : "");
  if (event && count > 0) document.getElementById("whom").value = "ticked";
}

function tickAllShown() {
  const boxes = [...document.querySelectorAll(".slot:not([hidden]) > input")];
  const wanted = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = wanted;
  tellTicked(true);
}

function tell(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
  return place;
}

// The appliance says what has changed by a stream of events; where that does not come through, the
// page asks by itself, and says so. It speaks at least every 15 s, so silence is no peace.
const SILENCE = 40000;
const ASKING = 2000;
let source = null;
let heardAt = 0;
let startedAt = Date.now();
let liveUntil = null;
let newest = "";

function clock(at) {
  return new Date(at).toTimeString().slice(0, 8);
}

function isLive() {
  return Boolean(source) && source.readyState === EventSource.OPEN && Date.now() - heardAt < SILENCE && heardAt >= startedAt;
}

function ask() {
  const poll = document.getElementById("poll");
  if (poll && !document.hidden) htmx.trigger(poll, "again");
}

// Asks only if the page has not what is there now: a mark may come while an answer is on its way.
function askIfOld() {
  const poll = document.getElementById("poll");
  if (poll && newest && poll.dataset.mark !== newest) ask();
}

htmx.createEventSource = (url) => {
  if (source) source.close();
  startedAt = Date.now();
  source = new EventSource(url);
  // A browser has six connections to a server: pages that nobody sees leave them to others.
  if (document.hidden) source.close();
  source.addEventListener("alive", heard);
  source.addEventListener("changed", (event) => {
    newest = event.data;
    heard();
    askIfOld();
  });
  source.addEventListener("dropped", ask);
  source.addEventListener("error", tellLive);
  return source;
};

function heard() {
  heardAt = Date.now();
  tellLive();
}

function tellLive() {
  const stream = document.getElementById("stream");
  if (!stream || document.hidden) return;
  if (isLive()) {
    liveUntil = null;
    tell("live", "live").className = "live";
  } else {
    // So short a time is that of a page that loads, or of a connection that comes again.
    liveUntil = liveUntil || heardAt || startedAt;
    if (Date.now() - liveUntil > ASKING) tell("live", "not live since " + clock(liveUntil)).className = "live not";
  }
}

document.addEventListener("visibilitychange", () => {
  const stream = document.getElementById("stream");
  if (!stream) return;
  if (document.hidden) {
    if (source) source.close();
  } else {
    const url = new URL(stream.getAttribute("sse-connect"), location.href);
    url.searchParams.set("have", document.getElementById("poll").dataset.mark);
    url.searchParams.set("seen", String(Date.now()));
    heardAt = 0;
    liveUntil = null;
    stream.setAttribute("sse-connect", url.pathname + url.search);
    htmx.process(stream);
    ask();
    tellTimes(document);
  }
});

let offlineSince = null;

function offline(text) {
  const banner = document.getElementById("offline");
  if (text) {
    offlineSince = offlineSince || Date.now();
    text = "Since " + clock(offlineSince) + " " + text + "; what you see is old.";
  } else {
    offlineSince = null;
  }
  tell("offline", text);
  banner.hidden = !text;
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("filter");
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }
  const tick = document.getElementById("tick");
  if (tick) {
    tick.hidden = false;
    tick.addEventListener("click", tickAllShown);
    document.addEventListener("change", (event) => {
      if (event.target.matches(".slot > input")) tellTicked(event);
    });
    tellTicked(null);
  }
  const log = document.querySelector("pre.log");
  if (log) log.scrollTop = log.scrollHeight;
  tellTimes(document);
  setInterval(() => tellTimes(document), 5000);
  setInterval(() => {
    tellLive();
    if (document.getElementById("stream") && !isLive() && Date.now() - startedAt > ASKING) ask();
  }, ASKING);
});

document.addEventListener("htmx:afterSettle", () => {
  filter();
  tellTimes(document);
  askIfOld();
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const log = event.target.querySelector && event.target.querySelector("pre.log");
  if (log) log.scrollTop = log.scrollHeight;
});

// The question stands in a dialog: it has the focus, Escape leaves it, and the focus goes back.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "ask" && !event.target.open) event.target.showModal();
});
document.addEventListener("click", (event) => {
  const dialog = document.getElementById("ask");
  if (dialog && dialog.open && event.target.closest(".cancel")) {
    event.preventDefault();
    dialog.close();
  }
});
document.addEventListener("over", () => {
  const dialog = document.getElementById("ask");
  if (dialog && dialog.open) dialog.close();
  ask();
});

for (const silent of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(silent, () => offline("the appliance does not answer"));
}
document.addEventListener("htmx:responseError", (event) =>
  offline("the appliance answers with error " + event.detail.xhr.status));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) offline("");
});
