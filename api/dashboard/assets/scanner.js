/**
 * Tells a scanner from a person, on every page. A scanner is a keyboard that types quickly and ends with Enter:
 * what it types goes to the page's field for scans wherever the focus is, and never presses anything. What a
 * person types stays where it is typed. This runs before the page is there, so that it is there for every key.
 */
(() => {
  "use strict";

  /** Between two keys of a scan, milliseconds. Nobody types a whole word so evenly and so fast. */
  const slowestGapMs = 120;
  const slowestMeanMs = 70;
  /** A short word may be two keys at once by chance, so it must have come faster than that. */
  const fewKeys = 3;
  const slowestGapOfFewMs = 30;
  /** Some scanners end with a carriage return and a line feed, which are two keys. */
  const echoMs = 100;
  /** Where nothing is typed, a word and Enter are a scan at any speed that a scanner may have. */
  const guardMs = 1_000;

  const field = () => document.querySelector("input[data-scan]");

  const typed = new Set([
    ...["text", "search", "email", "tel", "url", "password", "number"],
    ...["date", "datetime-local", "month", "time", "week"],
  ]);

  /** Whether keys change what stands there. */
  const takesText = (element) =>
    element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ||
    (element instanceof HTMLInputElement && typed.has(element.type));

  const snapshot = (element) => {
    if (!takesText(element)) return null;
    const { value } = element;
    let selection = null;
    try {
      if ("selectionStart" in element && element.selectionStart !== null) {
        selection = [element.selectionStart, element.selectionEnd];
      }
    } catch {
      // Fields of numbers have none.
    }
    return { element, value, selection };
  };

  const restore = (before) => {
    if (before === null) return;
    const { element, value, selection } = before;
    element.value = value;
    if (selection !== null) element.setSelectionRange(...selection);
  };

  addEventListener("DOMContentLoaded", () => {
    const codes = early;
    early = null;
    codes.forEach(take);
  });

  /** The keys that came without a pause; `before` is what stood in the field then. */
  let burst = null;
  let endedAt = -Infinity;

  const isQuick = (at) => {
    if (burst === null) return false;
    const { keys, longestMs, startedAt, lastAt } = burst;
    const longest = Math.max(longestMs, at - lastAt);
    return keys.length < fewKeys
      ? keys.length > 1 && longest <= slowestGapOfFewMs
      : longest <= slowestGapMs && (at - startedAt) / keys.length <= slowestMeanMs;
  };

  const add = (key, at, target) => {
    const gap = burst === null ? Infinity : at - burst.lastAt;
    const pauseMs = takesText(target) ? slowestGapMs : guardMs;
    if (gap > pauseMs || burst.target !== target) {
      burst = { keys: "", startedAt: at, lastAt: at, longestMs: 0, target };
      burst.before = snapshot(target);
    }
    burst.longestMs = Math.max(burst.longestMs, at - burst.lastAt);
    burst.keys += key;
    burst.lastAt = at;
  };

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  /** Scans that came before the page was ready for them. */
  let early = [];

  const take = (code) => {
    if (code === "") return;
    if (early !== null) {
      early.push(code);
      const scans = field();
      if (scans !== null) scans.value = "";
      return;
    }
    const scans = field();
    if (scans === null) return;
    scans.value = "";
    const taken = new CustomEvent("scan", { detail: { code }, cancelable: true });
    // A page that handles scans itself says so.
    if (!scans.dispatchEvent(taken)) return;
    scans.value = code;
    scans.form.requestSubmit();
  };

  const ends = (event) => {
    const at = event.timeStamp;
    const scans = field();
    const quick = isQuick(at);
    const last = burst;
    burst = null;
    if (last === null && at - endedAt <= echoMs) return stop(event);
    if (event.target === scans) {
      const code = quick ? last.keys : scans.value;
      endedAt = at;
      stop(event);
      return take(code.trim());
    }
    if (takesText(event.target)) {
      // A form on another page is filled by scanner, too; here it is not.
      if (!quick || scans === null) return;
      restore(last.before);
    } else if (last === null || at - last.lastAt > guardMs || last.keys.length < 2) return;
    endedAt = at;
    stop(event);
    take(last.keys.trim());
  };

  addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.ctrlKey && !event.altKey && event.timeStamp - endedAt <= echoMs) return stop(event);
    if (event.key === "Enter") return ends(event);
    const isText = [...event.key].length === 1 && !event.metaKey &&
      (!(event.ctrlKey || event.altKey) || event.getModifierState("AltGraph"));
    if (!isText) return;
    // A key that is held down is nobody's word.
    if (event.repeat) {
      burst = null;
      return;
    }
    const { target } = event;
    if (takesText(target)) return add(event.key, event.timeStamp, target);
    const isBegun = burst !== null && event.timeStamp - burst.lastAt <= guardMs;
    // By itself a space presses the button that has the focus, or scrolls.
    if (event.key === " " && !isBegun) return;
    const scans = field();
    if (scans === null) {
      add(event.key, event.timeStamp, target);
      if (isBegun && event.key === " ") event.preventDefault();
      return;
    }
    // The key itself goes where the focus is by then.
    scans.focus({ preventScroll: true });
    add(event.key, event.timeStamp, scans);
  }, { capture: true });
})();
