// Try this: steps of one click each, that tick themselves.

import { h, keyed, oneAtATime, busyWhile } from "./dom.js";
import { get, post } from "./api.js";
import { icon } from "./icons.js";
import { emit } from "./store.js";
import { complain } from "./toast.js";

let parts = null;

export function buildTour(panel) {
  const progress = h("p", { class: "tour-progress" });
  const bar = h("div", { class: "bar", "aria-hidden": "true" }, h("i"));
  const list = h("ol", { class: "steps", "data-test": "steps" });
  panel.append(h("div", { class: "tour-head" }, h("h2", {}, "Try this"), progress, bar), list);
  parts = { progress, bar, list };
}

export const refreshTour = oneAtATime(async () => {
  const { steps } = await get("/sandbox/tour");
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.id;
  parts.progress.textContent = steps.length
    ? done === steps.length
      ? "All of it has happened."
      : `${done} of ${steps.length} have happened.`
    : "No steps yet.";
  parts.bar.firstChild.style.width = `${steps.length ? (100 * done) / steps.length : 0}%`;
  keyed(parts.list, steps, {
    key: (step) => step.id,
    print: (step) => JSON.stringify([step, step.id === next]),
    draw: (step) => {
      const go = h(
        "button",
        { type: "button", class: step.id === next ? "button primary-solid" : "button", "data-focus": `do-${step.id}` },
        step.button ?? "Do it",
      );
      go.addEventListener("click", () => busyWhile(go, act(step)));
      const state = step.done ? "done" : step.id === next ? "next" : "";
      return h(
        "li",
        { class: `step ${state}`, "data-step": step.id, "data-done": String(Boolean(step.done)), tabindex: "-1" },
        h(
          "span",
          { class: "tick", role: "img", "aria-label": step.done ? "has happened" : "not yet" },
          step.done ? icon("check") : null,
        ),
        h(
          "div",
          { class: "step-main" },
          h("h3", {}, step.title),
          h("p", {}, step.what),
          h("p", { class: "look" }, h("b", {}, "Look at "), step.look),
          go,
        ),
      );
    },
  });
});

async function act(step) {
  try {
    const { goto: place } = await post(`/sandbox/tour/${step.id}/do`);
    if (place) emit("goto", place);
  } catch (error) {
    complain(error);
  }
  for (const part of ["slack", "salesforce", "tour"]) emit(part);
}
