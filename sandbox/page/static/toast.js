// Short notes at the edge: what did not go through, and what a phone would show.

import { byId, h } from "./dom.js";

export function toast({ title, text, kind = "note", act, seconds = 7 }) {
  const close = () => node.remove();
  const node = h(
    "div",
    { class: `toast ${kind}`, "data-test": `toast-${kind}` },
    h(
      act ? "button" : "div",
      {
        type: act ? "button" : null,
        class: "toast-main",
        onclick: act
          ? () => {
              close();
              act();
            }
          : null,
      },
      title ? h("b", {}, title) : null,
      h("span", {}, text),
    ),
    h("button", { type: "button", class: "toast-close", "aria-label": "Dismiss", onclick: close }, "×"),
  );
  const holder = byId("toasts");
  while (holder.children.length >= 4) holder.firstChild.remove();
  holder.append(node);
  let timer = setTimeout(close, seconds * 1000);
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => {
    timer = setTimeout(close, 3000);
  });
}

export const complain = (error) => toast({ text: error?.message ?? String(error), kind: "problem", seconds: 10 });

// What the stand-in says a person would see after a command, a click or a submit.
export function showSeen(seen) {
  if (!seen || seen.ok !== false) return;
  const sentence = seen.text || seen.error;
  if (sentence) toast({ text: sentence, kind: "problem", seconds: 10 });
}

// What one person's phone shows is nothing to the next.
export function clearPushes() {
  for (const node of byId("toasts").querySelectorAll(".push")) node.remove();
}
