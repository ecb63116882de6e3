/** What pages do by themselves: say whether they are live, keep times right, send a form once. */
(() => {
  "use strict";

  /** Without a word from the engine for so long, numbers are stale; it speaks every five seconds. */
  const staleAfterMs = 12_000;
  /** A first connection that comes to nothing is tried again after so long. */
  const retryMs = 3_000;
  const state = document.getElementById("live-state");
  const stream = document.getElementById("live");

  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

  const watch = () => {
    let heardAt = Date.now();
    let triedAt = heardAt;
    let connected = false;
    let began = false;

    const say = (name, text) => {
      if (state.dataset.state === name) return;
      state.dataset.state = name;
      state.textContent = text;
    };

    const judge = () => {
      const silentMs = Date.now() - heardAt;
      if (connected && silentMs <= staleAfterMs) say("live", "Live");
      else if (!began && silentMs <= retryMs) say("connecting", "Connecting…");
      else {say(
          "stale",
          `Not live: the numbers are from ${time.format(heardAt)}. Connecting again…`,
        );}
    };

    const heard = () => {
      heardAt = Date.now();
      connected = true;
      began = true;
      judge();
    };

    const lost = () => {
      connected = false;
      judge();
    };

    stream.addEventListener("htmx:sse:after:connection", heard);
    stream.addEventListener("htmx:sse:before:message", heard);
    // Between two connections nothing is heard, however soon the next one comes.
    stream.addEventListener("htmx:sse:before:connection", () => {
      if (began) lost();
    });
    stream.addEventListener("htmx:sse:error", (event) => {
      lost();
      // The session is over: only signing in helps.
      if (event.detail?.status === 401) location.reload();
    });

    // The library resumes what was connected once; the first connection is for this to repeat.
    setInterval(() => {
      judge();
      if (began || Date.now() - triedAt < retryMs) return;
      triedAt = Date.now();
      htmx.ajax("GET", stream.getAttribute("hx-sse:connect"), { source: stream, swap: "none" });
    }, 1_000);
    judge();
  };

  if (stream !== null && state !== null) watch();

  // Days are told in the reader's own time zone, which only the browser knows.
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const saysZone = `allot_zone=${zone}`;
  if (!document.cookie.split("; ").includes(saysZone)) {
    document.cookie = `${saysZone}; path=/; max-age=31536000; samesite=lax`;
    // It was made in another one.
    if (document.querySelector("[data-zone]") !== null) location.reload();
  }

  const steps = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

  const tellTimes = () => {
    for (const element of document.querySelectorAll("time[datetime]")) {
      const at = Date.parse(element.dateTime);
      if (Number.isNaN(at)) continue;
      const seconds = Math.round((at - Date.now()) / 1_000);
      const [unit, length] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? steps[3];
      const text = relative.format(Math.trunc(seconds / length), unit);
      if (element.textContent !== text) element.textContent = text;
      const title = exact.format(at);
      if (element.title !== title) element.title = title;
    }
  };

  tellTimes();
  setInterval(tellTimes, 10_000);
  document.addEventListener("htmx:after:swap", tellTimes);

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) print();
  });
})();
