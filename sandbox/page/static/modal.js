// The acting person's modal: the top of their stack of views, with what they have typed kept over every update.

import { h } from "./dom.js";
import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { icon } from "./icons.js";
import { optionsOf } from "./elements.js";
import { closeMenu } from "./menu.js";
import { emit, state } from "./store.js";
import { textObject } from "./text.js";
import { complain } from "./toast.js";

let dialog = null; // the open <dialog>
let drawn = ""; // which view, in which version, it shows
let form = new Map(); // block/action -> {block, element, node}
let opener = null;
const kept = new Map(); // view id -> block/action -> what to redraw with

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;

export function drawViews(views) {
  const top = views.at(-1);
  for (const id of kept.keys()) if (!views.some((view) => view.id === id)) kept.delete(id);
  if (!top) return shut();
  const print = `${top.id} ${top.hash ?? JSON.stringify(top)} ${views.length}`;
  if (print === drawn) return;
  remember();
  drawn = print;
  draw(top, views.length);
}

function shut() {
  drawn = "";
  form = new Map();
  if (!dialog) return;
  const old = dialog;
  dialog = null;
  closeMenu({ refocus: false });
  old.close();
  old.remove();
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  else document.getElementById("composer-main")?.focus();
}

function remember() {
  if (!dialog?.view) return;
  const values = kept.get(dialog.view.id) ?? new Map();
  for (const [key, { element, node }] of form) values.set(key, { type: element.type, keep: node.keep() });
  kept.set(dialog.view.id, values);
}

function draw(view, depth) {
  const fresh = !dialog;
  const sameView = dialog?.view?.id === view.id;
  const focusKey = sameView ? document.activeElement?.dataset.focus : null;
  const scroll = sameView ? dialog.querySelector(".modal-body").scrollTop : 0;
  if (fresh) open();
  form = new Map();
  dialog.view = view;
  const body = h(
    "div",
    { class: "modal-body" },
    blocks(
      (view.blocks ?? []).map((block) => withKept(block, view)),
      context(view),
    ),
  );
  const name = `modal-title-${view.id}`;
  dialog.setAttribute("aria-labelledby", name);
  dialog.dataset.callback = view.callback_id ?? "";
  dialog.dataset.view = view.id;
  const submit = view.submit
    ? h("button", { type: "submit", class: "button primary-solid", "data-focus": "submit" }, textObject(view.submit))
    : null;
  const sheet = h(
    "form",
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        send(view);
      },
    },
    h(
      "div",
      { class: "modal-head" },
      depth > 1
        ? h(
            "button",
            { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => leave(view) },
            icon("back"),
          )
        : h("img", { src: "/static/icon.svg", alt: "", width: "22", height: "22" }),
      h("h2", { id: name }, textObject(view.title)),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => leave(view, true) },
        icon("close"),
      ),
    ),
    body,
    h("div", { class: "modal-error", role: "alert", hidden: true }),
    submit || view.close
      ? h(
          "div",
          { class: "modal-foot" },
          h(
            "button",
            { type: "button", class: "button", "data-focus": "close", onclick: () => leave(view) },
            view.close ? textObject(view.close) : "Close",
          ),
          submit,
        )
      : null,
  );
  dialog.replaceChildren(sheet);
  body.scrollTop = scroll;
  const again = focusKey && dialog.querySelector(`[data-focus="${CSS.escape(focusKey)}"]`);
  // What is prefilled needs nobody; begin at the first field that is empty.
  const fields = [...body.querySelectorAll("input, textarea")];
  const empty = fields.find((node) => !node.value || /^(checkbox|radio)$/.test(node.type));
  const first =
    dialog.querySelector("[autofocus]") ??
    empty ??
    fields[0] ??
    body.querySelector("button") ??
    submit ??
    dialog.querySelector(".modal-foot button");
  (again || first)?.focus({ preventScroll: Boolean(again) });
}

function open() {
  opener = document.activeElement;
  closeMenu({ refocus: false });
  dialog = h("dialog", { class: "modal", "data-test": "modal" });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (dialog) leave(dialog.view, true);
  });
  dialog.addEventListener("close", (event) => {
    if (dialog && event.target === dialog) dialog.showModal();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// Give an input what was typed into it before this version of the view arrived.
function withKept(block, view) {
  const values = kept.get(view.id);
  const one = (element) => {
    const had = element && values?.get(keyOf(block, element));
    return had && had.type === element.type ? { ...element, ...had.keep } : element;
  };
  if (!values) return block;
  return {
    ...block,
    ...(block.element ? { element: one(block.element) } : {}),
    ...(block.accessory ? { accessory: one(block.accessory) } : {}),
  };
}

// What a field holds, as the sandbox takes it: {block: answer}. A row of several elements is told at each pick.
const inputs = () => [...form.values()].filter(({ block }) => block.type === "input" || block.accessory);
const values = () => Object.fromEntries(inputs().map(({ block, node }) => [block.block_id, node.read()]));
const inRows = (view) =>
  Object.fromEntries(
    (view.blocks ?? [])
      .filter((block) => block.type === "actions")
      .map((block) => [block.block_id, view.state?.values?.[block.block_id]]),
  );

function context(view) {
  const act = async (element, block, value) => {
    try {
      report(
        await post("/sandbox/slack/click_in_view", {
          as: state.me,
          view_id: view.id,
          block_id: block.block_id,
          action_id: element.action_id,
          value,
          values: values(),
        }),
      );
    } catch (error) {
      complain(error);
    }
    emit("slack");
  };
  return {
    kind: "view",
    values: inRows(view),
    act,
    changed: act,
    field: (element, block, node) => form.set(keyOf(block, element), { block, element, node }),
    suggest: (element, block, text) =>
      post("/sandbox/slack/suggest", { as: state.me, view_id: view.id, action_id: element.action_id, text }).then(
        optionsOf,
      ),
  };
}

// What Slack itself checks before the app hears of it.
function ownErrors(view) {
  const errors = {};
  for (const block of view.blocks ?? []) {
    const held = [...form.values()].find((one) => one.block.block_id === block.block_id);
    if (block.type !== "input" || !held) continue;
    const value = held.node.read();
    const empty =
      value === null ||
      value === "" ||
      (Array.isArray(value) && !value.length) ||
      (typeof value === "string" && !value.trim());
    if (empty && !block.optional) errors[block.block_id] = "Please complete this required field.";
    else if (!empty) Object.assign(errors, lengthError(block, value));
  }
  return errors;
}

function lengthError(block, value) {
  const { type, min_length: least, max_length: most, min_value: low, max_value: high } = block.element;
  const id = block.block_id;
  if (type === "number_input") {
    if (!/^-?\d+(\.\d+)?$/.test(value)) return { [id]: "Please enter a number." };
    if (low !== undefined && Number(value) < Number(low)) return { [id]: `Please enter ${low} or more.` };
    if (high !== undefined && Number(value) > Number(high)) return { [id]: `Please enter ${high} or less.` };
  }
  if (type === "plain_text_input") {
    if (least && value.length < least) return { [id]: `Please use at least ${least} characters.` };
    if (most && value.length > most) return { [id]: `Please use at most ${most} characters.` };
  }
  return {};
}

async function send(view) {
  if (dialog.getAttribute("aria-busy")) return;
  const own = ownErrors(view);
  if (Object.keys(own).length) return showErrors(own);
  showErrors({});
  const box = dialog;
  box.setAttribute("aria-busy", "true");
  try {
    report(await post("/sandbox/slack/submit", { as: state.me, view_id: view.id, values: values() }));
  } catch (error) {
    say(error.message);
  } finally {
    box.removeAttribute("aria-busy");
  }
  emit("slack");
}

function report(seen) {
  if (!seen) return;
  if (seen.errors && Object.keys(seen.errors).length) return showErrors(seen.errors);
  if (seen.ok === false) say(seen.text || seen.error || "We had some trouble connecting. Try again?");
}

function showErrors(errors) {
  if (!dialog) return;
  say("");
  let first = null;
  const rows = [...dialog.querySelectorAll(".b-input")];
  for (const row of rows) {
    const sentence = errors[row.dataset.blockId];
    row.showError(sentence);
    if (sentence && !first) first = row;
  }
  const lost = Object.entries(errors).filter(([id]) => !rows.some((row) => row.dataset.blockId === id));
  if (lost.length)
    say(lost.map(([id, sentence]) => `${sentence} (for "${id}", which this form does not have)`).join(" "));
  first?.focusInside();
}

function say(sentence) {
  const box = dialog?.querySelector(".modal-error");
  if (!box) return sentence && complain(new Error(sentence));
  box.hidden = !sentence;
  box.textContent = sentence;
}

// The close button and Back leave one view; the x and Escape leave them all.
async function leave(view, everything = false) {
  try {
    await post("/sandbox/slack/close", { as: state.me, view_id: view.id, everything });
  } catch (error) {
    complain(error);
  }
  emit("slack");
}

export const modalIsOpen = () => Boolean(dialog);
