// Interactive Block Kit elements. `ctx` says where they stand:
//   act(element, block, value)    somebody used it; resolves when the app has answered
//   suggest(element, block, text) options of an external select
//   field(element, block, node)   an element that holds a value: node.read() gives it, node.keep() what to redraw it with
// https://docs.slack.dev/reference/block-kit/block-elements

import { busyWhile, freshId, h } from "./dom.js";
import { confirmed, menu } from "./menu.js";
import { among, combobox } from "./select.js";
import { state } from "./store.js";
import { textObject, unescape } from "./text.js";

const plain = (object) => unescape(object?.text ?? "");
const asOption = (option, group) => ({
  value: option.value,
  text: plain(option.text),
  note: option.description ? plain(option.description) : "",
  group,
});

async function ask(element) {
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

function button(element, block, ctx) {
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${{ primary: "primary", danger: "danger" }[element.style] ?? ""}`,
      "data-action-id": element.action_id,
      "data-focus": `${block.block_id}/${element.action_id}`,
      "aria-label": element.accessibility_label,
    },
    textObject(element.text),
  );
  node.addEventListener("click", async () => {
    if (!(await ask(element))) return;
    if (element.url) window.open(element.url, "_blank", "noopener");
    await busyWhile(node, ctx.act(element, block, element.value));
  });
  return node;
}

function overflow(element, block, ctx) {
  const node = h(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": "More actions",
      "data-action-id": element.action_id,
      "data-focus": `${block.block_id}/${element.action_id}`,
    },
    "⋯",
  );
  node.addEventListener("click", () =>
    menu(
      node,
      (element.options ?? []).map((option) => ({
        text: textObject(option.text),
        note: option.description ? plain(option.description) : null,
        act: async () => {
          if (!(await ask(element))) return;
          if (option.url) window.open(option.url, "_blank", "noopener");
          await busyWhile(node, ctx.act(element, block, option.value));
        },
      })),
    ),
  );
  return node;
}

// Every select: what may be picked, what is picked at the start, and the key that keeps it over a redraw.
function choices(element, ctx, block) {
  const kind = element.type.replace("multi_", "");
  const people = () =>
    [...state.users.values()]
      .filter((one) => one.kind !== "bot" && !one.deleted)
      .map((one) => ({ value: one.id, text: one.real_name, note: one.title }));
  const channels = () =>
    state.channels.filter((one) => one.kind !== "im").map((one) => ({ value: one.id, text: `#${one.name}` }));
  const named = (all, ids) =>
    (Array.isArray(ids) ? ids : [ids])
      .filter(Boolean)
      .map((id) => all().find((one) => one.value === id) ?? { value: id, text: id });
  const initial = (stem) => element[`initial_${stem}s`] ?? element[`initial_${stem}`];
  if (kind === "users_select") return { load: (text) => among(people())(text), chosen: named(people, initial("user")) };
  if (kind === "channels_select")
    return { load: (text) => among(channels())(text), chosen: named(channels, initial("channel")) };
  if (kind === "conversations_select")
    return { load: (text) => among(channels())(text), chosen: named(channels, initial("conversation")) };
  const start = initial("option");
  const chosen = (Array.isArray(start) ? start : [start]).filter(Boolean).map((option) => asOption(option));
  if (kind === "external_select") {
    return {
      load: async (text) => flat(await ctx.suggest(element, block, text)),
      chosen,
      remote: true,
      minimum: element.min_query_length ?? 3,
    };
  }
  const all = element.option_groups
    ? flat(element.option_groups)
    : (element.options ?? []).map((option) => asOption(option));
  return { load: among(all), chosen };
}

const flat = (list) =>
  (list ?? []).flatMap((one) =>
    one.options ? one.options.map((option) => asOption(option, plain(one.label))) : [asOption(one)],
  );

function select(element, block, ctx) {
  const multi = element.type.startsWith("multi_");
  const read = (picked) => (multi ? picked.map((one) => one.value) : (picked[0]?.value ?? null));
  const given = choices(element, ctx, block);
  if (element.kept) given.chosen = element.kept;
  let settled = given.chosen;
  const node = combobox({
    ...given,
    multi,
    max: element.max_selected_items,
    clearable: ctx.kind === "view",
    label: ctx.label ?? plain(element.placeholder),
    placeholder: plain(element.placeholder) || "Choose",
    focusKey: `${block.block_id}/${element.action_id}`,
    changed: async (picked) => {
      if (ctx.kind === "message" && !(await ask(element))) return;
      if (JSON.stringify(read(settled)) === JSON.stringify(read(picked))) return;
      settled = picked;
      await busyWhile(node, Promise.resolve(ctx.changed(element, block, read(picked))));
    },
  });
  node.dataset.actionId = element.action_id;
  node.read = () => read(node.picked());
  node.keep = () => ({ kept: node.picked() });
  return node;
}

function textInput(element, block, ctx) {
  const number = element.type === "number_input";
  const node = h(element.multiline ? "textarea" : "input", {
    type: element.multiline ? null : "text",
    inputmode: number ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    rows: element.multiline ? 3 : null,
    placeholder: plain(element.placeholder),
    maxlength: element.max_length,
    "data-action-id": element.action_id,
    "data-focus": `${block.block_id}/${element.action_id}`,
    class: "field",
    autocomplete: "off",
  });
  node.value = element.initial_value ?? "";
  if (element.focus_on_load) node.autofocus = true;
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (block.dispatch_action && triggers.includes("on_character_entered")) {
    let timer;
    node.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ctx.changed(element, block, node.value), 250);
    });
  } else if (block.dispatch_action) {
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) ctx.changed(element, block, node.value);
    });
  }
  node.read = () => node.value;
  node.keep = () => ({ initial_value: node.value });
  return node;
}

function nativePicker(type, initial) {
  return (element, block, ctx) => {
    const node = h("input", {
      type,
      class: "field picker",
      "data-action-id": element.action_id,
      "data-focus": `${block.block_id}/${element.action_id}`,
      "aria-label": ctx.label ?? plain(element.placeholder),
    });
    node.value = element[initial] ?? "";
    node.addEventListener("change", () => ctx.changed(element, block, node.value || null));
    node.read = () => node.value || null;
    node.keep = () => ({ [initial]: node.value });
    return node;
  };
}

function optionList(element, block, ctx) {
  const many = element.type === "checkboxes";
  const start = many ? (element.initial_options ?? []) : [element.initial_option].filter(Boolean);
  const name = freshId("choice");
  const node = h("div", {
    class: "choices",
    role: many ? "group" : "radiogroup",
    "aria-label": ctx.label,
    "data-action-id": element.action_id,
  });
  for (const option of element.options ?? []) {
    const input = h("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: start.some((one) => one.value === option.value),
      "data-focus": `${block.block_id}/${element.action_id}/${option.value}`,
    });
    input.addEventListener("change", () => ctx.changed(element, block, node.read()));
    node.append(
      h(
        "label",
        {},
        input,
        h(
          "span",
          {},
          textObject(option.text),
          option.description ? h("small", {}, textObject(option.description)) : null,
        ),
      ),
    );
  }
  const ticked = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  node.read = () => (many ? ticked() : (ticked()[0] ?? null));
  node.keep = () => {
    const kept = (element.options ?? []).filter((option) => ticked().includes(option.value));
    return many ? { initial_options: kept } : { initial_option: kept[0] };
  };
  return node;
}

const image = (element) => h("img", { class: "thumb", src: element.image_url, alt: element.alt_text ?? "" });

const DRAW = {
  button,
  overflow,
  image,
  checkboxes: optionList,
  radio_buttons: optionList,
  plain_text_input: textInput,
  number_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  datepicker: nativePicker("date", "initial_date"),
  timepicker: nativePicker("time", "initial_time"),
};
for (const kind of ["static", "external", "users", "conversations", "channels"]) {
  DRAW[`${kind}_select`] = select;
  DRAW[`multi_${kind}_select`] = select;
}

export const unknown = (what) =>
  h("div", { class: "unknown", role: "alert", "data-test": "unknown-block" }, `This page cannot draw ${what}.`);

export function element(spec, block, ctx) {
  const draw = DRAW[spec?.type];
  if (!draw) return unknown(`the element "${spec?.type}"`);
  const node = draw(spec, block, ctx);
  if (node.read) ctx.field?.(spec, block, node);
  return node;
}

// What the sandbox answers to a typeahead: options, or groups of them.
export const optionsOf = (answer) => (Array.isArray(answer) ? answer : (answer.option_groups ?? answer.options ?? []));
