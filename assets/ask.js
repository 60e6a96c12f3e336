// What a resident's pages need and no more: fragments (htmx), reading aloud, speaking, the kiosk that begins anew.
// Nothing said or read leaves the device: only voices and recognition that the browser has on it are used.
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  historyEnabled: false,
  historyCacheSize: 0,
  scrollBehavior: "auto",
});

function tell(text) {
  const place = document.getElementById("toast");
  if (!place) return;
  place.textContent = text;
  place.hidden = false;
  setTimeout(() => (place.hidden = true), 8000);
}

// A refusal in words is shown where its answer says; what was typed stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (![422, 429].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 404) return window.location.reload(); // the talk has been forgotten meanwhile
  if (status === 403) return tell("页面过期了，请刷新后再问；还不行，请在浏览器设置里允许本网站的 Cookie。");
  tell("这一步没有完成，请再试一次。急事请直接打电话。");
});
document.addEventListener("htmx:sendError", () => tell("连接不上。请看看网络，再试一次。急事请直接打电话。"));

// A question was answered: its box is free again, and the answer is in sight.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "said") event.detail.target.scrollIntoView({block: "center"});
  if (event.detail.target.id !== "turns") return;
  document.body.classList.add("talking");
  document.getElementById("said")?.replaceChildren();
  const turn = event.detail.target.lastElementChild;
  const box = document.getElementById("text");
  if (box && event.detail.elt?.matches?.("[data-ask], #turns")) box.value = "";
  if (box) document.querySelector("label[for=text]").textContent = "接着问";
  for (const one of document.querySelectorAll("#start details[open]")) one.open = false;
  offer(turn);
  turn.scrollIntoView({block: "start"});
  turn.focus({preventScroll: true});
});
// Enter sends, as on every telephone; with Shift it is a new line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("[data-ask] textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// --- reading aloud: with a voice of this device alone ----------------------------------------------------------------------
let voice = null;

function findVoice() {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  voice = voices.find((one) => one.localService === true && /^zh([-_](CN|Hans))?/i.test(one.lang)) ?? null;
  for (const button of document.querySelectorAll("[data-read]")) button.hidden = !voice;
}

function hush() {
  window.speechSynthesis?.cancel();
  for (const words of document.querySelectorAll("[data-read] span")) words.textContent = "读给我听";
}

function read(button) {
  const going = speechSynthesis.speaking && button.dataset.reading;
  hush();
  for (const one of document.querySelectorAll("[data-read]")) delete one.dataset.reading;
  if (going || !voice) return;
  const speech = new SpeechSynthesisUtterance(spoken(button.closest(".turn")));
  speech.voice = voice;
  speech.lang = voice.lang;
  speech.rate = 0.9;
  speech.addEventListener("end", hush);
  button.dataset.reading = "yes";
  button.querySelector("span").textContent = "停下";
  speechSynthesis.speak(speech);
}

function spoken(turn) {
  const parts = [...turn.querySelectorAll(".danger, [data-speech], .details > div, .handed")];
  return parts.map((one) => one.innerText.replace(/\s+/g, "，")).join("。");
}

if (window.speechSynthesis) {
  speechSynthesis.addEventListener?.("voiceschanged", findVoice);
  window.addEventListener("pagehide", hush);
}

// --- speaking: only where the browser itself recognises speech, on the device --------------------------------------------------
const HERE = {langs: ["zh-CN"], processLocally: true};

// Builds of Chromium without a speech service (of some kiosks, and those that are driven by a program) take the page down when
// they are asked. So a driven one is not asked, and one that did not live to answer is not asked again.
const ASKED = "ql-on-device-speech";

async function onDevice(Recognition) {
  if (!Recognition?.available || navigator.webdriver || localStorage.getItem(ASKED) === "asking") return false;
  localStorage.setItem(ASKED, "asking");
  const found = await Recognition.available(HERE).catch(() => "unavailable");
  localStorage.removeItem(ASKED);
  return found === "available";
}

async function offerVoice() {
  const button = document.querySelector("[data-mic]");
  const Recognition = window.SpeechRecognition;
  if (!button || !(await onDevice(Recognition))) return;
  button.hidden = false;
  button.addEventListener("click", () => listen(button, new Recognition()));
}

let listening = null;
function listen(button, recognition) {
  if (listening) return listening.stop();
  const box = document.getElementById("text");
  recognition.lang = "zh-CN";
  recognition.processLocally = true;
  recognition.interimResults = true;
  const before = box.value;
  recognition.addEventListener("result", (event) => {
    box.value = before + [...event.results].map((one) => one[0].transcript).join("");
  });
  recognition.addEventListener("error", () => tell("没有听清，请再说一遍，或者打字。"));
  recognition.addEventListener("end", () => {
    listening = null;
    button.querySelector("span").textContent = "说给它听";
    box.focus();
  });
  hush();
  listening = recognition;
  button.querySelector("span").textContent = "正在听，说完点这里";
  recognition.start();
}

// --- printing one answer ----------------------------------------------------------------------------------------------------
function print(turn) {
  turn.classList.add("printed");
  document.body.classList.add("printing");
  window.print();
}
window.addEventListener("afterprint", () => {
  document.body.classList.remove("printing");
  for (const one of document.querySelectorAll(".printed")) one.classList.remove("printed");
});

function offer(place) {
  for (const button of place.querySelectorAll("[data-read]")) button.hidden = !voice;
  for (const button of place.querySelectorAll("[data-print-turn]")) button.hidden = !window.print;
}
document.addEventListener("click", (event) => {
  const reading = event.target.closest("[data-read]");
  if (reading) read(reading);
  const printing = event.target.closest("[data-print-turn]");
  if (printing) print(printing.closest(".turn"));
  if (event.target.closest("[data-print]")) window.print();
});

// --- the kiosk: without a touch for a while it begins anew, for the next who comes ------------------------------------------------
const WARNS = 15; // seconds before the end

function kiosk(seconds, home) {
  const warning = document.getElementById("leaving");
  let left = seconds;
  const touched = () => {
    left = seconds;
    if (warning.hidden) return;
    warning.hidden = true;
  };
  const used = () =>
    document.body.classList.contains("talking") ||
    document.getElementById("text").value !== "" ||
    document.querySelector("#start details[open]") !== null;
  const end = () => {
    hush();
    if (document.body.classList.contains("talking")) document.getElementById("again").submit();
    else window.location.replace(home);
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "touchmove", "input"])
    document.addEventListener(kind, touched, {passive: true});
  setInterval(() => {
    if (!used() || window.speechSynthesis?.speaking) return touched();
    left -= 1;
    if (left <= 0) return end();
    if (left > WARNS) return;
    warning.querySelector("[data-left]").textContent = String(left);
    warning.hidden = false;
  }, 1000);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
}

function start() {
  findVoice();
  offer(document);
  offerVoice().catch(() => {}); // storage refused, or the browser says no: there is the keyboard
  const {kiosk: seconds, home} = document.body.dataset;
  if (seconds) kiosk(Number(seconds), home);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
