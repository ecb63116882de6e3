/**
 * Picking by scanner. Scans are counted here as they come, so that none waits for the engine and none is lost;
 * they are sent in batches, each once, and kept over a reload until the engine has them. Each is told to be
 * right or wrong by color, sound and vibration.
 */
(() => {
  "use strict";

  const station = document.getElementById("station");
  if (station === null) return;
  const field = station.querySelector("input[data-scan]");
  const said = document.getElementById("scan-said");
  const offer = document.getElementById("scan-offer");
  const { url, csrf, done = "picked", what = "order" } = station.dataset;
  const storageName = `scans of ${url}`;
  const number = new Intl.NumberFormat(document.documentElement.lang);

  /** Until a batch that could not be sent is tried again. */
  const againMs = { first: 500, most: 5_000 };
  /** Refusals of one and the same state, before the scans are given up. */
  const mostRefusals = 3;

  const stateInPage = () => {
    const { state } = document.getElementById("work-state")?.dataset ?? {};
    return state === undefined ? null : JSON.parse(state);
  };

  const saved = () => {
    try {
      return JSON.parse(sessionStorage.getItem(storageName)) ?? {};
    } catch {
      return {};
    }
  };

  let state = stateInPage();
  const names = new Map(JSON.parse(station.dataset.names));
  const nameOf = ({ sku }) => names.get(sku) ?? sku;
  /** Scans that were counted, in their order: those that are being sent, in batches, and those that are not yet. */
  let { waiting = [], batches = [], unjudged = [] } = saved();
  /** Of batches from before this page was loaded nobody knows whether the state has them: until then scans wait. */
  let unsure = batches.length;
  let refusals = 0;
  let sending = false;

  const keep = () => {
    try {
      const all = { waiting, batches, unjudged };
      if (Object.values(all).every(({ length }) => length === 0)) {
        sessionStorage.removeItem(storageName);
      } else sessionStorage.setItem(storageName, JSON.stringify(all));
    } catch {
      // Without a store of the browser's, scans are kept as long as the page is.
    }
  };

  const unsent = () => batches.reduce((sum, { scans }) => sum + scans.length, waiting.length);

  const fold = (text) => text.normalize("NFC").toLowerCase();

  const counted = ({ lineId }) =>
    [...waiting, ...batches.slice(unsure).flatMap(({ scans }) => scans)]
      .filter((scan) => scan.lineId === lineId).length;

  const leftOf = (line) => line.quantity - line.picked - counted(line);

  let audio = null;

  /** High and short for right, low and long for wrong: to be heard without looking. */
  const sound = (right) => {
    if (globalThis.AudioContext === undefined) return;
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const seconds = right ? 0.07 : 0.4;
    tone.type = right ? "sine" : "square";
    tone.frequency.value = right ? 1_320 : 165;
    volume.gain.setValueAtTime(right ? 0.3 : 0.2, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  };

  const tell = (right, text, code) => {
    said.className = `message ${right ? "good" : "bad"}`;
    said.setAttribute("role", right ? "status" : "alert");
    said.textContent = `${right ? "✓" : "✕"} ${text}`;
    const numbers = document.querySelector("#work input[name=trackingNumber]");
    offer.hidden = right || code === undefined || numbers === null;
    offer.dataset.code = code ?? "";
    station.dataset.last = right ? "right" : "wrong";
    sound(right);
    navigator.vibrate?.(right ? 40 : [150, 80, 150]);
  };

  const textOf = (selector, text) => {
    const element = station.querySelector(selector);
    if (element !== null && element.textContent !== text) element.textContent = text;
  };

  const render = () => {
    let [done, all] = [0, 0];
    for (const line of state.lines) {
      const picked = line.picked + counted(line);
      done += picked;
      all += line.quantity;
      const row = station.querySelector(`[data-row="${CSS.escape(line.lineId)}"]`);
      if (row === null) continue;
      row.classList.toggle("done", picked >= line.quantity);
      const count = row.querySelector("[data-picked]");
      count.textContent = `${number.format(picked)} / ${number.format(line.quantity)}`;
      count.dataset.count = picked;
    }
    textOf("[data-progress]", `${number.format(done)} of ${number.format(all)} units`);
    const open = unsent() + unjudged.length;
    textOf("[data-unsent]", open === 0 ? "" : ` · ${number.format(open)} being sent`);
    station.dataset.unsent = open;
    const next = state.canPick ? state.lines.find((line) => leftOf(line) > 0) : undefined;
    const card = document.getElementById("scan-next");
    card.hidden = next === undefined;
    if (next === undefined) return;
    textOf("[data-next=what]", `${number.format(leftOf(next))} × ${nameOf(next)}`);
    textOf("[data-next=sku]", next.sku);
    textOf(
      "[data-next=count]",
      `${number.format(next.picked + counted(next))} / ${number.format(next.quantity)}`,
    );
  };

  /** Where each scan does one of several things, a code may say which. */
  const chosen = (code) => {
    const modes = [...station.querySelectorAll("[data-scan-mode]")];
    const mode = modes.find(({ value }) => fold(value) === fold(code));
    if (mode === undefined) return false;
    mode.checked = true;
    tell(true, `Now: ${mode.labels[0].textContent.trim()}`);
    return true;
  };

  const judge = (code) => {
    const exact = state.lines.filter(({ sku }) => sku === code);
    const lines = exact.length > 0
      ? exact
      : state.lines.filter(({ sku }) => fold(sku) === fold(code));
    if (state.held) return tell(false, state.why);
    if (lines.length === 0 && chosen(code)) return;
    if (lines.length === 0) return tell(false, `${code} is not in this ${what}`, code);
    const [{ sku }] = lines;
    const line = lines.find((each) => leftOf(each) > 0);
    if (line === undefined) {
      const all = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      return tell(false, `All ${number.format(all)} of ${sku} are ${done} already`);
    }
    if (!state.canPick) return tell(false, state.why);
    const { value: mode } = station.querySelector("[data-scan-mode]:checked") ?? {};
    waiting.push({ lineId: line.lineId, code, mode });
    keep();
    const picked = number.format(line.picked + counted(line));
    tell(true, `${nameOf(line)}: ${picked} of ${number.format(line.quantity)}`);
  };

  /** Counts again, by another state, what was counted and is not there yet. */
  const judgeAgain = (scans, why) => {
    const again = waiting;
    waiting = [];
    let lost = 0;
    for (const scan of [...scans, ...again]) {
      const line = state.lines.find(({ lineId }) => lineId === scan.lineId);
      if (state.canPick && line !== undefined && leftOf(line) > 0) waiting.push(scan);
      else lost++;
    }
    if (lost > 0) tell(false, `${number.format(lost)} of the last scans not counted: ${why}`);
  };

  const isNewer = (other) => other !== null && other.version > state.version;

  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** The same form each time: what is sent again is known again. */
  const formOf = ({ once, scans }) => {
    const units = new Map();
    for (const { lineId, mode } of scans) {
      const name = mode === undefined ? lineId : `${lineId}:${mode}`;
      units.set(name, (units.get(name) ?? 0) + 1);
    }
    const form = new URLSearchParams({ once, csrf });
    for (const [name, count] of units) form.set(`line:${name}`, count);
    return form;
  };

  const ask = async (form) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "hx-request": "true" },
      body: form,
      keepalive: true,
    });
    const signIn = answer.headers.get("hx-redirect");
    if (signIn !== null) return { signIn };
    return answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  };

  /** The answer to a batch; asked for until there is one. Null when nobody is signed in any more. */
  const answerTo = async (batch) => {
    const form = formOf(batch);
    for (let pauseMs = againMs.first;; pauseMs = Math.min(2 * pauseMs, againMs.most)) {
      const told = await ask(form).catch(() => ({}));
      if (told.signIn !== undefined) return null;
      if (told.state !== undefined || told.refused !== undefined && !told.again) return told;
      textOf("[data-unsent]", ` · not sent yet: ${number.format(unsent())}`);
      await wait(pauseMs);
    }
  };

  const signedOut = () => {
    tell(false, `The session is over. ${number.format(unsent())} scans are kept: sign in again.`);
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = " Sign in";
    said.append(link);
  };

  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  const newBatch = () => {
    if (waiting.length === 0) return;
    batches.push({ once: random(), scans: waiting });
    waiting = [];
    keep();
  };

  const by = () => state.why || "somebody else has picked them";

  const takeFromPage = () => {
    const other = stateInPage();
    if (batches.length > 0 || !isNewer(other)) return;
    state = other;
    judgeAgain([], by());
  };

  const settle = ({ scans }, told) => {
    const before = state;
    if (isNewer(told.state ?? null)) state = told.state;
    if (told.refused === undefined) {
      refusals = 0;
      return;
    }
    refusals = isSame(before, state) ? refusals + 1 : 0;
    if (told.state !== undefined && refusals < mostRefusals) judgeAgain(scans, told.refused);
    else tell(false, `${number.format(scans.length)} scans not counted: ${told.refused}`);
  };

  const judgeLate = () => {
    if (unsure > 0) return;
    const codes = unjudged;
    unjudged = [];
    for (const code of codes) judge(code);
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    while (unsent() > 0) {
      if (batches.length === 0) newBatch();
      const told = await answerTo(batches[0]);
      if (told === null) {
        signedOut();
        break;
      }
      const batch = batches.shift();
      unsure = Math.max(0, unsure - 1);
      settle(batch, told);
      takeFromPage();
      if (unsure === 0) { for (const code of unjudged.splice(0)) judge(code); }
      keep();
      render();
    }
    sending = false;
  };

  const scanned = (code) => {
    unjudged.push(code);
    judgeLate();
    keep();
    render();
    send();
  };

  field.addEventListener("scan", (event) => {
    event.preventDefault();
    scanned(event.detail.code);
  });
  // By hand: somebody presses the button beside the field.
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code !== "") scanned(code);
    field.focus();
  });

  // While a batch is on its way nobody can say whether what the page hears has it.
  document.addEventListener("htmx:after:swap", () => {
    takeFromPage();
    keep();
    render();
  });

  // What was not sent yet goes with the page; should it not arrive, it is sent again from the next one.
  addEventListener("pagehide", () => {
    if (waiting.length === 0) return;
    newBatch();
    navigator.sendBeacon?.(url, formOf(batches.at(-1)));
  });

  offer.addEventListener("click", () => {
    const numbers = document.querySelector("#work input[name=trackingNumber]");
    if (numbers === null) return;
    numbers.closest("details")?.setAttribute("open", "");
    const { code } = offer.dataset;
    numbers.value = numbers.value.trim() === "" ? code : `${numbers.value}, ${code}`;
    offer.hidden = true;
    said.className = "message good";
    said.textContent = `✓ ${code} is a tracking number of the parcel now`;
  });

  station.dataset.ready = "";
  judgeLate();
  render();
  send();
})();
