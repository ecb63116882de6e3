/** Puts a chosen file into the text area that its form sends, to be looked at first. */
(() => {
  "use strict";

  const file = document.getElementById("supply-file");
  const area = document.getElementById("supply-csv");
  if (file === null || area === null) return;
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (chosen !== undefined) area.value = await chosen.text();
  });
})();
