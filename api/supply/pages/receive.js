/**
 * Receiving by scanner: each scan of a SKU counts up its line, and nothing is sent before somebody presses the
 * button. What is counted is kept over a reload, until it is sent.
 */
(() => {
  "use strict";

  const desk = document.getElementById("receiving");
  if (desk === null) return;
  const scans = desk.querySelector("input[data-scan]");
  const form = desk.querySelector("form[method=post]");
  const said = document.getElementById("scan-said");
  const lines = JSON.parse(desk.dataset.lines);
  const storageName = `receipt of ${desk.dataset.id}`;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const fold = (text) => text.normalize("NFC").toLowerCase();

  const fieldOf = ({ lineId }) => form.elements.namedItem(`line:${lineId}`);
  const countOf = (line) => Number(fieldOf(line).value) || 0;

  const keep = () => {
    try {
      const counts = lines.map((line) => [line.lineId, countOf(line)]).filter(([, count]) =>
        count > 0
      );
      if (counts.length === 0) sessionStorage.removeItem(storageName);
      else sessionStorage.setItem(storageName, JSON.stringify(counts));
    } catch {
      // Without a store of the browser's, counts are kept as long as the page is.
    }
  };

  const kept = () => {
    try {
      return new Map(JSON.parse(sessionStorage.getItem(storageName)) ?? []);
    } catch {
      return new Map();
    }
  };

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

  const tell = (right, text) => {
    said.className = `message ${right ? "good" : "bad"}`;
    said.setAttribute("role", right ? "status" : "alert");
    said.textContent = `${right ? "✓" : "✕"} ${text}`;
    desk.dataset.last = right ? "right" : "wrong";
    sound(right);
    navigator.vibrate?.(right ? 40 : [150, 80, 150]);
  };

  const count = (code) => {
    const exact = lines.filter(({ sku }) => sku === code);
    const found = exact.length > 0 ? exact : lines.filter(({ sku }) => fold(sku) === fold(code));
    if (found.length === 0) return tell(false, `${code} is not to come with this`);
    const line = found.find((each) => countOf(each) < each.left) ?? found[found.length - 1];
    const units = countOf(line) + 1;
    fieldOf(line).value = String(units);
    keep();
    const all = `${line.sku}: ${number.format(units)} of ${number.format(line.left)}`;
    tell(units <= line.left, units <= line.left ? all : `${all}, more than were to come`);
  };

  const counts = kept();
  for (const line of lines) {
    const before = counts.get(line.lineId);
    if (before !== undefined && countOf(line) === 0) fieldOf(line).value = String(before);
  }
  scans.addEventListener("scan", (event) => {
    event.preventDefault();
    count(event.detail.code);
  });
  form.addEventListener("input", keep);
  form.addEventListener("submit", () => {
    try {
      sessionStorage.removeItem(storageName);
    } catch {
      // There is none.
    }
  });
  desk.dataset.ready = "";
})();
