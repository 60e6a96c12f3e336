// The drawer in which one asks the assistant, and the forms of a talk, there and on its own page.
import htmx from "htmx.org/dist/htmx.esm.js";

function fetchTalk() {
  const drawer = document.getElementById("ask");
  if (drawer?.open) htmx.trigger(drawer.querySelector("[data-ask-place]"), "ask-open");
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "Slash") return;
  const drawer = document.getElementById("ask");
  const box = drawer || document.querySelector("[data-ask] textarea");
  if (!box) return;
  event.preventDefault();
  if (!drawer) return box.focus();
  if (drawer.open) return drawer.close();
  drawer.showModal();
  fetchTalk();
});
// Enter sends, as on the residents' page; with Shift it is a new line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("[data-ask] textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  if (event.target.closest('[data-dialog="ask"]')) setTimeout(fetchTalk); // app.js has opened it by then
  const filler = event.target.closest("[data-fill]");
  if (!filler) return;
  const box = document.getElementById(filler.dataset.fill);
  const text = document.getElementById(filler.dataset.from).textContent;
  box.value = (box.value ? `${box.value}\n${text}` : text).slice(0, box.maxLength > 0 ? box.maxLength : undefined);
  box.focus();
});

// The drawer's content has come: the cursor goes where one writes.
document.addEventListener("htmx:afterSettle", (event) => {
  const box = event.target.closest?.("[data-ask-place]") && event.target.querySelector("[data-ask] textarea");
  if (!box) return;
  box.closest("[data-asking]").querySelector(".ql-qa:last-child")?.scrollIntoView({block: "nearest"});
  box.focus({preventScroll: true});
});
// A question was answered: what was typed is gone from the field, the answer comes into view and is read out from its beginning.
document.addEventListener("htmx:afterRequest", (event) => {
  const talk = event.target.closest?.("[data-asking]");
  if (!talk || !event.detail.successful || event.detail.xhr.getResponseHeader("HX-Retarget")) return;
  talk.querySelector("[data-said]").replaceChildren();
  talk.querySelector("[data-starts]")?.remove();
  if (event.target.matches("[data-ask]")) event.target.reset();
  const turn = talk.querySelector(".ql-qa:last-child");
  if (!turn || !event.detail.requestConfig.path.endsWith("/question/")) return;
  turn.scrollIntoView({block: "start"});
  turn.focus({preventScroll: true});
});
