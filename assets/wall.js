// The wall: the whole screen on a button; Escape leaves first the whole screen (the browser does that), then the wall.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-fullscreen]")) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.();
});
document.addEventListener("keydown", (event) => {
  const back = document.querySelector("a[data-escape]");
  if (event.key === "Escape" && back && !document.fullscreenElement && !document.querySelector("dialog[open]")) back.click();
});
