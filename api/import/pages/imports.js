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

  const show = async () => {
    const chosen = file.files[0];
    if (chosen === undefined) return;
    const mine = ++asked;
    const whole = chosen.size <= previewBytes;
    const response = await fetch(`/imports/preview?${queryOf(chosen, { whole })}`, {
      method: "POST",
      headers,
      body: chosen.slice(0, previewBytes),
    });
    const text = await response.text();
    // Somebody chose something else meanwhile.
    if (mine !== asked) return;
    put(preview, text);
    const form = preview.querySelector("#act-mapping");
    // What somebody is filling in stays, or is about to: the click that left the channel may be on its way there.
    const isInUse = making.querySelector("details[open]") !== null ||
      making.contains(document.activeElement);
    if (!isInUse) making.replaceChildren();
    if (form !== null && making.childElementCount === 0) making.append(form);
    else form?.remove();
  };

  const send = () => {
    const chosen = file.files[0];
    if (chosen === undefined) return;
    const request = new XMLHttpRequest();
    request.open("POST", `/imports/upload?${queryOf(chosen, {})}`);
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
  for (const field of [file, channel, mapping]) field.addEventListener("change", show);

  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop" || event.dataTransfer.files.length === 0) return;
      file.files = event.dataTransfer.files;
      show();
    });
  }

  // A mapping was made: choose it, and look again.
  document.addEventListener("htmx:after:swap", () => {
    const name = document.querySelector("[data-saved-mapping]")?.dataset.savedMapping;
    if (name === undefined) return;
    if (![...mapping.options].some(({ value }) => value === name)) mapping.add(new Option(name));
    mapping.value = name;
    show();
  });
})();
