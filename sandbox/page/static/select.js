// A select with typeahead, for one choice or several: what Slack draws for every kind of select.

import { freshId, h } from "./dom.js";
import { placeBeside } from "./menu.js";

// load(text) gives [{value, text, note, group}]; chosen is a list of {value, text}; changed(list) is told of every change.
export function combobox({
  label,
  placeholder,
  multi = false,
  load,
  chosen = [],
  changed,
  remote = false,
  minimum = 0,
  max = Infinity,
  clearable = false,
  focusKey,
}) {
  let picked = [...chosen];
  let shown = [];
  let active = -1;
  let round = 0;
  let timer = null;
  const listId = freshId("options");
  const input = h("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-label": label,
    placeholder,
    "data-focus": focusKey,
  });
  const list = h("ul", { id: listId, role: "listbox", class: "options", popover: "manual", "aria-label": "Choices" });
  const clear = h(
    "button",
    {
      type: "button",
      class: "combo-clear",
      "aria-label": "Clear",
      tabindex: "-1",
      onclick: () => {
        pick([]);
        input.focus();
      },
    },
    "×",
  );
  const box = h(
    "div",
    { class: multi ? "combo multi" : "combo" },
    input,
    clear,
    h("span", { class: "combo-arrow", "aria-hidden": "true" }),
  );

  const isOpen = () => list.isConnected;
  const close = () => {
    round++;
    clearTimeout(timer);
    list.remove();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  function draw() {
    box.querySelectorAll(".chip").forEach((chip) => chip.remove());
    if (multi) {
      for (const one of picked) {
        const drop = h(
          "button",
          {
            type: "button",
            "aria-label": `Remove ${one.text}`,
            onclick: () => pick(picked.filter((other) => other !== one)),
          },
          "×",
        );
        input.before(h("span", { class: "chip" }, one.text, drop));
      }
      input.placeholder = picked.length ? "" : placeholder || "";
      input.value = "";
    } else {
      input.value = picked[0]?.text ?? "";
    }
    clear.hidden = multi || !clearable || !picked.length;
  }

  function pick(next) {
    picked = next;
    draw();
    changed?.(picked);
  }

  function choose(option) {
    if (!option) return;
    const already = picked.some((one) => one.value === option.value);
    close();
    if (!multi) pick([option]);
    else if (already) pick(picked.filter((one) => one.value !== option.value));
    else if (picked.length < max) pick([...picked, option]);
    if (!multi) input.select();
  }

  function drawOptions(options, hint) {
    shown = options;
    list.replaceChildren();
    let group = null;
    options.forEach((option, index) => {
      if (option.group && option.group !== group)
        list.append(h("li", { role: "presentation", class: "options-group" }, (group = option.group)));
      const selected = picked.some((one) => one.value === option.value);
      const row = h(
        "li",
        { role: "option", id: `${listId}-${index}`, "aria-selected": String(selected), "data-value": option.value },
        h("span", {}, option.text),
        option.note ? h("small", {}, option.note) : null,
      );
      row.addEventListener("pointerdown", (event) => event.preventDefault());
      row.addEventListener("click", () => choose(option));
      list.append(row);
    });
    if (!options.length)
      list.append(h("li", { class: "options-hint", role: "presentation" }, hint ?? "Nothing matches"));
    if (!isOpen()) {
      (box.closest("dialog") ?? document.body).append(list);
      list.showPopover();
    }
    list.style.minWidth = `${box.offsetWidth}px`;
    placeBeside(box, list);
    input.setAttribute("aria-expanded", "true");
    const at = options.findIndex((option) => picked.some((one) => one.value === option.value));
    mark(Math.max(at, options.length ? 0 : -1));
  }

  function mark(index) {
    active = index;
    list.querySelectorAll("[role=option]").forEach((row, place) => {
      row.classList.toggle("active", place === index);
      if (place === index) row.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) input.setAttribute("aria-activedescendant", `${listId}-${index}`);
  }

  async function search(text) {
    const mine = ++round;
    if (text.length < minimum)
      return drawOptions([], minimum > 1 ? `Type ${minimum} letters to search` : "Type to search");
    try {
      const options = await load(text);
      if (mine === round && document.activeElement === input) drawOptions(options);
    } catch (error) {
      if (mine === round) drawOptions([], error.message);
    }
  }

  const typed = () => (picked[0] && input.value === picked[0].text && !multi ? "" : input.value.trim());
  const show = () => {
    if (!isOpen()) search(typed());
  };
  input.addEventListener("focus", () => !multi && input.select());
  input.addEventListener("click", show);
  box.addEventListener("pointerdown", (event) => {
    if (event.target !== box && !event.target.classList.contains("combo-arrow")) return;
    event.preventDefault();
    input.focus();
    show();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value.trim()), remote ? 160 : 0);
  });
  input.addEventListener("blur", () => {
    if (isOpen()) close();
    clearTimeout(timer);
    if (!multi && !input.value.trim() && picked.length && clearable) pick([]);
    else if (!multi) input.value = picked[0]?.text ?? "";
    else input.value = "";
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) show();
      else if (shown.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (isOpen()) choose(shown[active]);
      else show();
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
      draw();
    } else if (event.key === "Backspace" && multi && !input.value && picked.length) {
      pick(picked.slice(0, -1));
    } else if (event.key === "Tab" && isOpen() && input.value && shown[active] && typed()) {
      choose(shown[active]);
    }
  });
  draw();
  const put = (next) => {
    picked = next;
    draw();
  };
  return Object.assign(box, { input, picked: () => picked, put });
}

// Options that are already here, filtered by what was typed: every word must occur. Names that begin so come first.
export function among(options) {
  return (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const begins = (option) => words.every((word) => ` ${option.text.toLowerCase()}`.includes(` ${word}`));
    const found = options.filter((option) =>
      words.every((word) => `${option.text} ${option.note ?? ""}`.toLowerCase().includes(word)),
    );
    return words.length ? [...found.filter(begins), ...found.filter((option) => !begins(option))] : found;
  };
}
