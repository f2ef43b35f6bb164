// What stands between using an element and telling the app: its confirm dialog.
// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object

import { confirmed } from "./menu.js";
import { textObject } from "./text.js";

export async function ask(element) {
  const wanted = element.confirm;
  if (!wanted) return true;
  return confirmed({
    title: textObject(wanted.title),
    text: textObject(wanted.text),
    confirm: textObject(wanted.confirm),
    deny: textObject(wanted.deny),
    danger: wanted.style === "danger",
  });
}

// A function to call after every change: it tells the app of a new value, once. What the person takes back in the
// confirm dialog is drawn as it was before. An input tells the app only where it dispatches, and asks nothing.
export function telling(element, block, ctx, { read, restore }) {
  let settled = read();
  return async () => {
    const value = read();
    if (JSON.stringify(value) === JSON.stringify(settled)) return;
    if (block.type !== "input" && !(await ask(element))) {
      restore(settled);
      return;
    }
    settled = value;
    await ctx.changed(element, block, value);
  };
}
