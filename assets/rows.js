// Rows that a form takes several of: each can be taken away again; the next thing to go on with gets the focus.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-remove-row]")?.closest("[data-row]");
  if (!row) return;
  const next = (row.nextElementSibling || row.previousElementSibling)?.querySelector("input:not([type=hidden]), textarea");
  const button = row.closest("form")?.querySelector("button[type=submit]");
  row.remove();
  (next || button)?.focus();
});
