/**
 * Lists that are kept up to date and whose rows do not move under a pointer that rests on them, or while one of
 * them has the focus: what came meanwhile is counted, and shown when somebody asks for it or has left.
 */
(() => {
  "use strict";

  /** Between two looks at what came meanwhile, milliseconds. */
  const countEveryMs = 2_000;
  const lookEveryMs = 500;
  /** A finger leaves no pointer behind: after it was lifted, somebody may be about to press again. */
  const fingerMs = 1_500;

  let finger = { list: null, at: -Infinity };
  let byMouse = false;

  addEventListener("pointermove", ({ pointerType }) => (byMouse = pointerType !== "touch"));
  addEventListener("pointerdown", ({ pointerType, target }) => {
    byMouse = pointerType !== "touch";
    if (!byMouse) finger = { list: target.closest?.("[data-calm]"), at: performance.now() };
  });

  const isPointed = (list) =>
    byMouse
      ? list.matches(":hover")
      : finger.list === list && performance.now() - finger.at < fingerMs;

  const isInUse = (list) =>
    isPointed(list) ||
    list.contains(document.activeElement) &&
      document.activeElement.closest("tr, .waits") !== null;

  const rowsOf = (list) => [...list.querySelectorAll("tbody tr[id]")];

  /** What a row says, whatever the time is. */
  const saidBy = (row) => {
    const copy = row.cloneNode(true);
    for (const time of copy.querySelectorAll("time")) time.textContent = time.dateTime;
    return copy.textContent;
  };

  const number = new Intl.NumberFormat(document.documentElement.lang);

  /** What the list would change if it were shown anew; empty for nothing. */
  const changesIn = (list, other) => {
    const before = new Map(rowsOf(list).map((row) => [row.id, saidBy(row)]));
    const after = rowsOf(other);
    const fresh = after.filter(({ id }) => !before.has(id)).length;
    if (fresh > 0) {
      const more = fresh === after.length && before.size > 0 ? "+" : "";
      return `${number.format(fresh)}${more} new: show`;
    }
    const same = after.length === before.size &&
      after.every((row, n) => row.id === rowsOf(list)[n].id && saidBy(row) === before.get(row.id));
    return same ? "" : "Changes: show";
  };

  /** Lists whose rows stand still now, each with the timer that looks whether it may go on. */
  const held = new Map();
  /** Lists that somebody asked to see anew. */
  const asked = new WeakSet();

  const show = (list) => {
    clearInterval(held.get(list)?.timer);
    held.delete(list);
    asked.add(list);
    list.dispatchEvent(new Event("calm"));
  };

  const count = async (list) => {
    const look = held.get(list);
    if (look === undefined || look.counting) return;
    look.counting = true;
    look.stale = false;
    const answer = await fetch(list.getAttribute("hx-get"), { headers: { "hx-request": "true" } })
      .catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    const other = new DOMParser().parseFromString(text, "text/html").getElementById(list.id);
    const bar = list.querySelector(".waits");
    if (other !== null && held.get(list) === look) {
      const changes = changesIn(list, other);
      bar.querySelector("button").textContent = changes;
      bar.hidden = changes === "";
    }
    setTimeout(() => {
      look.counting = false;
      if (look.stale) count(list);
    }, countEveryMs);
  };

  const hold = (list) => {
    const known = held.get(list);
    if (known !== undefined) {
      known.stale = true;
      return count(list);
    }
    const timer = setInterval(() => {
      if (!list.isConnected) clearInterval(timer);
      else if (!isInUse(list)) show(list);
    }, lookEveryMs);
    held.set(list, { timer, counting: false, stale: false });
    count(list);
  };

  document.addEventListener("htmx:config:request", (event) => {
    const list = event.target;
    if (list.dataset?.calm === undefined || asked.delete(list) || !isInUse(list)) return;
    event.preventDefault();
    hold(list);
  });

  document.addEventListener("click", ({ target }) => {
    const list = target.closest?.(".waits button")?.closest("[data-calm]");
    if (list) show(list);
  });
})();
