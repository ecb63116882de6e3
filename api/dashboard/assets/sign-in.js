/**
 * Fills in the key of a link to sign in. It stands behind the #, which no browser sends anywhere, and leaves the
 * address at once. To press the button stays with whoever opened the link.
 */
(() => {
  "use strict";
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  const field = document.querySelector("input[name=key]");
  if (given === null || field === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  field.value = given;
  field.form.querySelector("button").focus();
})();
