// What every page needs: fragments (htmx), small behaviours (Alpine, the build that needs no eval), and a few habits of
// the house: "/" finds the search box, what cannot be undone asks first, an answer that failed says so.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org/dist/htmx.esm.js";
import "./asking.js";
import "./paper.js";
import "./rows.js";
import "./wall.js";

window.htmx = htmx;
// The page's content security policy allows neither inline styles nor eval.
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0, // pages hold personal data: nothing of them stays in the browser's storage
  scrollBehavior: "auto",
});

// A menu that opens and closes: user menu, phone navigation, filters on a phone.
Alpine.data("menu", () => ({
  open: false,
  toggle() {
    this.open = !this.open;
  },
  close() {
    this.open = false;
  },
  get expanded() {
    return this.open ? "true" : "false";
  },
  get shown() {
    return {show: this.open};
  },
}));
// A branch of a tree; the first one of a page stands open.
Alpine.data("branch", () => ({
  open: false,
  init() {
    this.open = this.$el.hasAttribute("data-open");
  },
  toggle() {
    this.open = !this.open;
  },
  get expanded() {
    return this.open ? "true" : "false";
  },
  get shown() {
    return {show: this.open};
  },
}));
Alpine.start();

function typing(element) {
  return element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const box = document.querySelector("main [data-search]") || document.querySelector("[data-search]");
  if (!box || box.offsetParent === null) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// One place for short news: a fragment that failed, a copy that worked.
function toast(text, kind = "info") {
  const place = document.getElementById("toasts");
  const shape = document.getElementById("toast-shape");
  if (!place || !shape) return;
  const note = shape.content.firstElementChild.cloneNode(true);
  note.classList.add(`ql-toast-${kind}`);
  note.querySelector("[data-text]").textContent = text;
  note.querySelector("button").addEventListener("click", () => note.remove());
  place.append(note);
  if (kind !== "danger") setTimeout(() => note.remove(), 6000);
}

document.addEventListener("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.kind));
document.addEventListener("htmx:sendError", () => toast("连接不上服务器。请检查网络后再试。", "danger"));
document.addEventListener("htmx:timeout", () => toast("服务器超过时限没有回答。请稍后再试。", "danger"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) return window.location.reload();
  const words = {
    403: "您没有做这件事的权限。需要时请联系本区管理员。",
    404: "要找的内容不在了，可能已被合并或移走。请刷新页面。",
    409: "别人刚刚改过这条内容。请刷新页面后再改。",
    429: "操作太频繁，请稍等一分钟。",
  };
  toast(words[status] || `这一步没有完成（${status}）。数据没有改变，请再试一次；仍不行请告诉管理员。`, "danger");
});

// Ask before what cannot be undone: data-confirm on a form, hx-confirm on a fragment's button.
function ask(question, agree) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-question]").textContent = question;
  const yes = dialog.querySelector("[data-yes]");
  const answer = () => {
    dialog.close();
    agree();
  };
  yes.addEventListener("click", answer, {once: true});
  dialog.addEventListener("close", () => yes.removeEventListener("click", answer), {once: true});
  dialog.showModal();
}

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question, () => event.detail.issueRequest(true));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (!question || form.dataset.agreed) {
    delete form.dataset.agreed;
    return;
  }
  event.preventDefault();
  ask(question, () => {
    form.dataset.agreed = "yes";
    form.requestSubmit(event.submitter);
  });
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
  const all = event.target.closest("[data-check-all]");
  if (all) {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`)];
    const open = boxes.some((box) => !box.checked);
    boxes.forEach((box) => (box.checked = open));
  }
});
// A dialog whose form was answered has done its work.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches?.("dialog:not([data-stays]) form")) {
    event.target.reset();
    event.target.closest("dialog").close();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-autosubmit]")) event.target.form?.requestSubmit();
});
// A filter that is not used does not belong in the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-tidy]")) return;
  for (const [key, value] of [...event.formData]) if (value === "") event.formData.delete(key);
});

// Long work: the page says so and the form cannot be sent twice. A page that comes back from the cache is free again.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  if (!form || event.defaultPrevented) return;
  const sign = document.createElement("div");
  sign.className = "ql-busy";
  sign.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = form.dataset.busy;
  sign.append(words);
  document.body.append(sign);
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
document.addEventListener("click", (event) => {
  if (event.target.closest("button[aria-disabled=true]")) event.preventDefault();
});
window.addEventListener("pageshow", () => {
  for (const sign of document.querySelectorAll(".ql-busy")) sign.remove();
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});
