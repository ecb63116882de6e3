/** Keeps what somebody types until it is done: while the engine does not answer, and while they sign in again. */
(() => {
  "use strict";

  /** So long an engine may take to say that it is there. */
  const answerMs = 5_000;
  const storageKey = "allot-typed";
  const { key, page } = document.body.dataset;
  let forgets = false;

  // Under the address to which a form was sent there is no page to come back to.
  if (page !== undefined) history.replaceState(null, "", page);

  const mayBeKept = ({ name, type }) =>
    name !== "" && !["hidden", "password", "file", "submit"].includes(type);

  /** Of choices none of which is said to be chosen, the first one is. */
  const chosenAtFirst = ({ options }) =>
    Math.max(0, [...options].findIndex(({ defaultSelected }) => defaultSelected));

  const isChanged = (field) =>
    field.tagName === "SELECT"
      ? field.selectedIndex !== chosenAtFirst(field)
      : field.value !== field.defaultValue;

  const fieldsOf = (form) => [...form.elements].filter(mayBeKept);

  /** The address alone may have several forms. */
  const nameOf = (form) =>
    JSON.stringify([form.getAttribute("action"), form.elements.namedItem("form")?.value ?? ""]);

  const formsToKeep = () => [...document.querySelectorAll("form[data-keep]")];

  /** Only for the key that typed it, and for this tab. */
  const keep = () => {
    const forms = formsToKeep()
      .map((form) => [nameOf(form), fieldsOf(form).filter(isChanged)])
      .filter(([, fields]) => fields.length > 0)
      .map(([name, fields]) => [name, fields.map((field) => [field.name, field.value])]);
    if (forms.length === 0) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, JSON.stringify({ key, forms }));
  };

  const say = (form, text, role) => {
    form.querySelector(".said")?.remove();
    if (text === "") return;
    const said = document.createElement("p");
    said.className = `said message ${role === "alert" ? "bad" : "good"}`;
    said.setAttribute("role", role);
    said.textContent = text;
    form.append(said);
  };

  const fill = (form, values) => {
    const folded = form.closest("details");
    if (folded !== null) folded.open = true;
    for (const [name, value] of values) {
      const field = fieldsOf(form).find((each) => each.name === name);
      if (field === undefined) continue;
      field.value = value;
      field.focus();
    }
    say(form, "What you had typed is still here. It was not sent.", "status");
  };

  /** Whether the page was left for no good reason: to sign in, or for one that could not be shown. */
  const isBack = () => {
    const [{ type }] = performance.getEntriesByType("navigation");
    return URL.parse(document.referrer)?.pathname === "/sign-in" || type === "back_forward" ||
      type === "reload";
  };

  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(storageKey) ?? "null");
    sessionStorage.removeItem(storageKey);
    if (kept === null || kept.key !== key || page !== undefined || !isBack()) return;
    const byName = new Map(kept.forms);
    for (const form of formsToKeep()) {
      const values = byName.get(nameOf(form));
      if (values !== undefined) fill(form, values);
    }
  };

  const answers = async () => {
    try {
      const options = { cache: "no-store", signal: AbortSignal.timeout(answerMs) };
      return (await fetch("/healthz", options)).status < 500;
    } catch {
      // Whatever it is: the page is not to be left for it.
      return false;
    }
  };

  /** Those that are on their way: not to be kept back once more. */
  const leaving = new WeakSet();

  const send = async (form, submitter) => {
    say(form, "", "status");
    if (await answers()) {
      leaving.add(form);
      // By its button: it may ask for another thing than the form does.
      return form.requestSubmit(submitter);
    }
    delete form.dataset.sent;
    say(
      form,
      "Allot does not answer. Nothing was sent, and what you typed stays here: press again.",
      "alert",
    );
  };

  // A second press while the first is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    // It goes into a frame of the page, which stays where it is.
    if (event.submitter?.formTarget) return;
    if (leaving.delete(form)) return;
    if (form.dataset.sent === "true") return event.preventDefault();
    form.dataset.sent = "true";
    if (form.getAttribute("action") === "/sign-out") forgets = true;
    if (form.dataset.keep === undefined) return;
    event.preventDefault();
    void send(form, event.submitter);
  });

  addEventListener("pagehide", () => {
    if (forgets) sessionStorage.removeItem(storageKey);
    else keep();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  restore();
})();
