// Elements of Block Kit that hold a date, a time, both, or ticks in a list.
// https://docs.slack.dev/reference/block-kit/block-elements

import { clockTime, dayKey, placeOf, secondsAt, zone } from "./clock.js";
import { telling } from "./confirm.js";
import { freshId, h } from "./dom.js";
import { plainText, textObject } from "./text.js";

// The browser's own picker. It reports a change at every key that makes the date valid (the year 0002 on the way to
// 2027), so what is typed is told once the field is left or Enter is pressed, and what is clicked at once.
function field(type, value, told, attributes) {
  const node = h("input", { type, class: "field picker", ...attributes });
  let typing = false;
  node.value = value;
  node.addEventListener("keydown", (event) => {
    typing = event.key !== "Enter";
    if (event.key === "Enter") told();
  });
  node.addEventListener("pointerdown", () => {
    typing = false;
  });
  node.addEventListener("change", () => !typing && told());
  node.addEventListener("blur", () => told());
  return node;
}

function pickerOf(type, initial) {
  return (element, block, ctx) => {
    let tell = () => {};
    const node = field(type, element[initial] ?? "", () => tell(), {
      "data-action-id": element.action_id,
      "data-focus": `${block.block_id}/${element.action_id}`,
      "aria-label": ctx.label ?? plainText(element.placeholder),
      title: plainText(element.placeholder) || null,
    });
    const put = (value) => {
      node.value = value ?? "";
    };
    const read = () => node.value || null;
    const keep = () => ({ [initial]: node.value });
    tell = telling(element, block, ctx, { read, restore: put });
    if (!element.timezone) return Object.assign(node, { read, keep });
    const input = node;
    const row = h("span", { class: "picker-row" }, input, h("small", {}, `in ${placeOf(element.timezone)}`));
    return Object.assign(row, { read, keep, input });
  };
}

// Date and time of the reader's own time zone; the value is a moment.
export function dateTimePicker(element, block, ctx) {
  const start = element.initial_date_time ? new Date(element.initial_date_time * 1000) : null;
  const [firstDay, firstTime] = element.kept ?? (start ? [dayKey(start), clockTime(start)] : ["", ""]);
  let tell = () => {};
  const part = (type, value, label) =>
    field(type, value, () => tell(), {
      "aria-label": label,
      "data-focus": `${block.block_id}/${element.action_id}/${type}`,
    });
  const day = part("date", firstDay, "Date");
  const time = part("time", firstTime, "Time");
  const node = h(
    "div",
    { class: "picker-row", role: "group", "aria-label": ctx.label, "data-action-id": element.action_id },
    day,
    time,
    h("small", {}, `in ${placeOf(zone())}`),
  );
  node.read = () => (day.value && time.value ? secondsAt(day.value, time.value) : null);
  node.keep = () => ({ kept: [day.value, time.value] });
  tell = telling(element, block, ctx, {
    read: node.read,
    restore: (value) => {
      day.value = value ? dayKey(new Date(value * 1000)) : "";
      time.value = value ? clockTime(new Date(value * 1000)) : "";
    },
  });
  return node;
}

export function optionList(element, block, ctx) {
  const many = element.type === "checkboxes";
  const start = many ? (element.initial_options ?? []) : [element.initial_option].filter(Boolean);
  const name = freshId("choice");
  const node = h("div", {
    class: "choices",
    role: many ? "group" : "radiogroup",
    "aria-label": ctx.label,
    "data-action-id": element.action_id,
  });
  const inputs = () => [...node.querySelectorAll("input")];
  const ticked = () => inputs().flatMap((input) => (input.checked ? [input.value] : []));
  node.read = () => (many ? ticked() : (ticked()[0] ?? null));
  let tell = () => {};
  for (const option of element.options ?? []) {
    const input = h("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: start.some((one) => one.value === option.value),
      "data-focus": `${block.block_id}/${element.action_id}/${option.value}`,
    });
    input.addEventListener("change", () => tell());
    const described = option.description ? h("small", {}, textObject(option.description)) : null;
    node.append(h("label", {}, input, h("span", {}, textObject(option.text), described)));
  }
  tell = telling(element, block, ctx, {
    read: node.read,
    restore: (value) => {
      for (const input of inputs()) input.checked = [value].flat().includes(input.value);
    },
  });
  node.keep = () => {
    const kept = (element.options ?? []).filter((option) => ticked().includes(option.value));
    return many ? { initial_options: kept } : { initial_option: kept[0] };
  };
  return node;
}

export const datePicker = pickerOf("date", "initial_date");
export const timePicker = pickerOf("time", "initial_time");
