// Interactive Block Kit elements. `ctx` says where they stand:
//   act(element, block, value)    somebody used it; resolves when the app has answered
//   suggest(element, block, text) options of an external select
//   field(element, block, node)   an element that holds a value: node.read() gives it, node.keep() what to redraw it with
// https://docs.slack.dev/reference/block-kit/block-elements

import { ask, telling } from "./confirm.js";
import { busyWhile, h } from "./dom.js";
import { menu } from "./menu.js";
import { kindOf } from "./people.js";
import { datePicker, dateTimePicker, optionList, timePicker } from "./pickers.js";
import { among, combobox } from "./select.js";
import { personName, state } from "./store.js";
import { openAddress, plainText as plain, textObject } from "./text.js";

const asOption = (option, group) => ({
  value: option.value,
  text: plain(option.text),
  note: option.description ? plain(option.description) : "",
  group,
});

function button(element, block, ctx) {
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${{ primary: "primary", danger: "danger" }[element.style] ?? ""}`,
      "data-action-id": element.action_id,
      "data-focus": `${block.block_id}/${element.action_id}`,
      "aria-label": element.accessibility_label,
      title: element.url,
    },
    textObject(element.text),
  );
  node.addEventListener("click", async () => {
    if (!(await ask(element))) return;
    if (element.url) openAddress(element.url);
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
          if (option.url) openAddress(option.url);
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
  // Everybody whose account is active, guests and apps too: Slack cannot be told to leave those out (bolt-js#1981).
  const people = () =>
    [...state.users.values()]
      .filter((one) => !one.deleted)
      .map((one) => ({ value: one.id, text: personName(one.id), note: kindOf(one) || one.title }))
      .sort((a, b) => a.text.localeCompare(b.text));
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
  const node = combobox({
    ...given,
    multi,
    max: element.max_selected_items,
    clearable: ctx.kind === "view",
    label: ctx.label ?? plain(element.placeholder),
    placeholder: plain(element.placeholder) || "Choose",
    focusKey: `${block.block_id}/${element.action_id}`,
    changed: () => busyWhile(node, tell()),
  });
  const told = { changed: (_element, _block, picked) => ctx.changed(element, block, read(picked)) };
  const tell = telling(element, block, told, { read: node.picked, restore: node.put });
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
  }
  if (block.dispatch_action && triggers.includes("on_enter_pressed")) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault(); // the app is told; the form is not sent, and the text gets no new line
      ctx.changed(element, block, node.value);
    });
  }
  node.read = () => node.value;
  node.keep = () => ({ initial_value: node.value });
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
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTimePicker,
};
for (const kind of ["static", "external", "users", "conversations", "channels"]) {
  DRAW[`${kind}_select`] = select;
  DRAW[`multi_${kind}_select`] = select;
}

export const unknown = (what) =>
  h("div", { class: "unknown", role: "alert", "data-test": "unknown-block" }, `This page cannot draw ${what}.`);

// An element with what the person has picked in it since, where the sandbox remembers that.
function asLeft(spec, block, ctx) {
  const held = ctx.values?.[block.block_id]?.[spec.action_id];
  if (!held || held.type !== spec.type) return spec;
  const { type, ...value } = held;
  const [[key, content]] = Object.entries(value);
  return { ...spec, [key === "value" ? "initial_value" : key.replace("selected_", "initial_")]: content ?? undefined };
}

export function element(given, block, ctx) {
  const draw = DRAW[given?.type];
  if (!draw) return unknown(`the element "${given?.type}"`);
  const spec = asLeft(given, block, ctx);
  const node = draw(spec, block, ctx);
  if (node.read) ctx.field?.(spec, block, node);
  return node;
}

// What the sandbox answers to a typeahead: options, or groups of them.
export const optionsOf = (answer) => (Array.isArray(answer) ? answer : (answer.option_groups ?? answer.options ?? []));
