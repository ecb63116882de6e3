/** Choosing a file: shows its beginning, and sends it as it is, so that it may be of any size. */
(() => {
  "use strict";

  const form = document.getElementById("import");
  if (form === null) return;
  const file = document.getElementById("import-file");
  const channel = document.getElementById("import-channel");
  const mapping = document.getElementById("import-mapping");
  const drop = document.getElementById("drop");
  const said = document.getElementById("import-said");
  const preview = document.getElementById("preview");
  const making = document.getElementById("making");
  const progress = document.getElementById("import-progress");
  const button = form.querySelector("button.main[type=submit]:last-of-type");
  const previewBytes = 64 * 1024;
  let asked = 0;

  const formatOf = ({ name }) => /\.(ndjson|jsonl)$/i.test(name) ? "ndjson" : "csv";

  const queryOf = (chosen, more) =>
    new URLSearchParams({
      format: formatOf(chosen),
      channel: channel.value.trim(),
      mapping: mapping.value,
      ...more,
    });

  const headers = { "x-csrf-token": form.dataset.csrf, "content-type": "application/octet-stream" };

  /** Only ever with a fragment that this site's server made. */
  const put = (place, text) => {
    place.innerHTML = text;
    htmx.process(place);
  };

  /** What somebody has filled in stays as far as there is a place for it; guesses are made anew. */
  const keepFilledIn = (before, after) => {
    for (const old of before.querySelectorAll("[data-filled-in]")) {
      const field = after.querySelector(`[name="${CSS.escape(old.name)}"]`);
      if (field === null || field.type === "hidden") continue;
      field.value = old.value;
      field.dataset.filledIn = "";
      if (field.tagName === "SELECT" && field.selectedIndex < 0) {
        field.selectedIndex = 0;
        delete field.dataset.filledIn;
      }
    }
    const open = [...before.querySelectorAll("details")].map((details) => details.open);
    after.open = before.open;
    after.querySelectorAll("details").forEach((details, n) => details.open = open[n] ?? false);
  };

  /** The form that is being filled in, as a query; what is empty says nothing. */
  const formQuery = () => {
    const made = making.querySelector("details[open] form");
    if (made === null) return {};
    const entries = [...new FormData(made)].filter(([name, value]) =>
      value !== "" && name !== "csrf" && name !== "once"
    );
    return { form: new URLSearchParams(entries) };
  };

  /**
   * `columns`: others may have come, so that the form has to be made anew even where it is in use. `byForm`: the
   * file is read as the form says.
   */
  const show = async ({ columns = false, byForm = false }) => {
    const chosen = file.files[0];
    if (chosen === undefined) return;
    const mine = ++asked;
    const whole = chosen.size <= previewBytes;
    const query = queryOf(chosen, { whole, ...(byForm ? formQuery() : {}) });
    const response = await fetch(`/imports/preview?${query}`, {
      method: "POST",
      headers,
      body: chosen.slice(0, previewBytes),
    });
    const text = await response.text();
    // Somebody chose something else meanwhile.
    if (mine !== asked) return;
    put(preview, text);
    const next = preview.querySelector("#act-mapping");
    const before = making.querySelector("#act-mapping");
    // What somebody is filling in stays, or is about to: the click that left the channel may be on its way there.
    const isInUse = before !== null && (before.open || before.contains(document.activeElement));
    if (next === null || isInUse && !columns) {
      next?.remove();
      return;
    }
    if (isInUse) keepFilledIn(before, next);
    const focused = isInUse ? document.activeElement?.name : undefined;
    making.replaceChildren(next);
    if (focused) next.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
  };

  const filledIn = ({ target }) => {
    if (target.name) target.dataset.filledIn = "";
  };
  making.addEventListener("input", filledIn);
  making.addEventListener("change", (event) => {
    filledIn(event);
    const columns = ["delimiter", "quoting", "encoding"].includes(event.target.name);
    show({ columns, byForm: true });
  });

  const send = () => {
    const chosen = file.files[0];
    if (chosen === undefined) return;
    const request = new XMLHttpRequest();
    const encoding = document.getElementById("reading")?.dataset.encoding ?? "";
    request.open("POST", `/imports/upload?${queryOf(chosen, { encoding })}`);
    request.setRequestHeader("x-csrf-token", form.dataset.csrf);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      progress.value = total === 0 ? 0 : loaded / total;
    });
    const failed = (text) => {
      progress.hidden = true;
      button.disabled = false;
      put(said, text);
    };
    request.addEventListener("load", () => {
      if (request.status === 201) location.assign(request.getResponseHeader("location"));
      else failed(request.responseText);
    });
    request.addEventListener("error", () => {
      failed("");
      said.textContent = "The connection broke off. What was placed stays; import the file again.";
    });
    said.textContent = "Sending the file…";
    progress.hidden = false;
    button.disabled = true;
    request.send(chosen);
  };

  form.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    send();
  });
  file.addEventListener("change", () => show({ columns: true }));
  for (const field of [channel, mapping]) field.addEventListener("change", () => show({}));

  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop" || event.dataTransfer.files.length === 0) return;
      file.files = event.dataTransfer.files;
      show({ columns: true });
    });
  }

  // A mapping was made: choose it, and look again.
  document.addEventListener("htmx:after:swap", () => {
    const name = document.querySelector("[data-saved-mapping]")?.dataset.savedMapping;
    if (name === undefined) return;
    if (![...mapping.options].some(({ value }) => value === name)) mapping.add(new Option(name));
    mapping.value = name;
    show({});
  });
})();
