"use strict";
(() => {
  const player = document.getElementById("player");
  const position = document.getElementById("position");
  if (!position) return;
  const play = document.getElementById("play");
  const step = document.getElementById("step");
  const steps = {{ player.frames | map(attribute="step") | list | tojson }};
  const thumbs = [...player.querySelectorAll(".thumb")];
  let timer = null;

  const show = (index) => {
    position.value = index;
    step.textContent = "step " + steps[index];
    position.setAttribute("aria-valuetext", step.textContent);
    for (const figure of player.querySelectorAll(".stage figure")) {
      for (const frame of figure.querySelectorAll(".frame")) {
        const on = Number(frame.dataset.frame) === index;
        frame.classList.toggle("on", on);
        if (on) figure.querySelector(".note").textContent = frame.dataset.note;
      }
    }
    for (const thumb of thumbs) {
      thumb.setAttribute("aria-pressed", String(Number(thumb.dataset.frame) === index));
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    play.setAttribute("aria-label", "Play");
  };
  const advance = () => {
    const next = Number(position.value) + 1;
    show(next);
    if (next >= steps.length - 1) stop();
  };

  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    if (Number(position.value) >= steps.length - 1) show(0);
    play.textContent = "Pause";
    play.setAttribute("aria-label", "Pause");
    timer = setInterval(advance, 220);
  });
  position.addEventListener("input", () => {
    stop();
    show(Number(position.value));
  });
  for (const thumb of thumbs) {
    thumb.addEventListener("click", () => {
      stop();
      show(Number(thumb.dataset.frame));
    });
  }
  show(steps.length - 1);
  player.querySelector(".controls").hidden = false;
})();
