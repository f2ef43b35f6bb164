// The sheet: a grid in which a person types, sorts and inserts; cells that changed are marked with who did it.

import { moment, now } from "./clock.js";
import { fill, h, oneAtATime } from "./dom.js";
import { get, post } from "./api.js";
import { menu } from "./menu.js";
import { state } from "./store.js";
import { link } from "./text.js";
import { complain } from "./toast.js";

const FRESH_SECONDS = 600;
let parts = null;
let tab = null;
let grid = null; // the last answer
let at = { row: 0, column: 0 }; // the selected cell
let editing = null; // {row, column, input}
let marked = null; // a row that a link pointed at

export function buildSheet(panel) {
  const title = h("h2", {});
  const tabs = h("div", { class: "sheet-tabs", role: "tablist", "aria-label": "Tabs of the sheet" });
  const table = h("table", { class: "grid", role: "grid", "data-test": "grid" });
  const scroller = h("div", { class: "grid-scroller" }, table);
  const note = h(
    "p",
    { class: "hint" },
    "Click a cell and type; Alt+Enter begins a new line. The marks on a column's or row's head have more. ",
    h("span", { class: "key by-bot" }),
    " changed by Touchpoint, ",
    h("span", { class: "key by-person" }),
    " by a person, in the last ten minutes.",
  );
  const formula = h("div", { class: "cell-line", "data-test": "cell-line" });
  panel.append(h("div", { class: "row sheet-title" }, title), formula, scroller, tabs, note);
  parts = { title, tabs, table, scroller, formula };
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-cell]");
    if (cell && !editing) select(Number(cell.dataset.row), Number(cell.dataset.column));
  });
  table.addEventListener("dblclick", (event) => event.target.closest("td[data-cell]") && edit());
  table.addEventListener("keydown", keys);
}

export const letters = (column) =>
  (column >= 26 ? letters(Math.floor(column / 26) - 1) : "") + String.fromCharCode(65 + (column % 26));

export const refreshSheet = oneAtATime(async () => {
  let answer;
  try {
    answer = await get("/sandbox/sheets/grid", { tab: tab ?? undefined });
  } catch (error) {
    parts.title.textContent = "No sheet";
    parts.table.replaceChildren();
    parts.formula.textContent = error.message;
    tab = null;
    return;
  }
  grid = answer;
  tab = grid.tab;
  if (!editing) draw();
});

export function drawSheet() {
  if (grid && !editing) draw();
}

export function mark(row, column = 0) {
  marked = row;
  at = { row: row ? row - 1 : 0, column };
  if (!grid) return;
  draw();
  cellAt(at.row, at.column)?.scrollIntoView({ block: "center", inline: "center" });
}

function freshness(cell) {
  if (!cell?.changed_at) return "";
  if ((now() - Date.parse(cell.changed_at)) / 1000 > FRESH_SECONDS) return "";
  return cell.by === "Touchpoint" ? "fresh by-bot" : "fresh by-person";
}

// Row 0 is the header.
const cells = () => [grid.header.map((value) => ({ v: value })), ...grid.rows];

function draw() {
  const all = cells();
  const focused = parts.table.contains(document.activeElement);
  parts.title.textContent = grid.spreadsheet.title;
  fill(
    parts.tabs,
    ...grid.spreadsheet.tabs.map((one) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-selected": String(one.title === tab),
          onclick: () => {
            tab = one.title;
            at = { row: 0, column: 0 };
            refreshSheet();
          },
        },
        one.title,
      ),
    ),
  );
  const print = JSON.stringify([all, tab, marked, Math.floor(now() / 60000)]);
  if (parts.table.print !== print) {
    parts.table.print = print;
    const left = parts.scroller.scrollLeft;
    const top = parts.scroller.scrollTop;
    parts.table.replaceChildren(heads(all[0].length), h("tbody", {}, all.map(row)));
    parts.scroller.scrollLeft = left;
    parts.scroller.scrollTop = top;
  }
  at.row = Math.min(at.row, all.length - 1);
  at.column = Math.min(at.column, all[0].length - 1);
  paint(focused);
}

function heads(width) {
  const one = (column) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "head-button",
        tabindex: "-1",
        "aria-label": `Column ${letters(column)}`,
        "aria-haspopup": "menu",
        "data-column-menu": column,
        onclick: () => columnMenu(button, column),
      },
      letters(column),
    );
    return h("th", { scope: "col" }, button);
  };
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { class: "corner" }),
      Array.from({ length: width }, (_, column) => one(column)),
    ),
  );
}

function row(cellsOfRow, index) {
  const button = h(
    "button",
    {
      type: "button",
      class: "head-button",
      tabindex: "-1",
      "aria-label": `Row ${index + 1}`,
      "aria-haspopup": "menu",
      "data-row-menu": index,
      onclick: () => rowMenu(button, index),
    },
    String(index + 1),
  );
  return h(
    "tr",
    { class: [index === 0 ? "header-row" : "", index + 1 === marked ? "marked" : ""].join(" ") },
    h("th", { scope: "row" }, button),
    cellsOfRow.map((cell, column) => {
      const text = cell.v === null || cell.v === undefined ? "" : String(cell.v);
      const number = typeof cell.v === "number" || /^[$€£]?-?[\d,]+(\.\d+)?%?$/.test(text);
      const tip = cell.changed_at ? `${cell.by || "somebody"}, ${moment(new Date(cell.changed_at))}` : null;
      return h(
        "td",
        {
          role: "gridcell",
          tabindex: "-1",
          class: [freshness(cell), number && text ? "number" : ""].join(" "),
          "data-cell": `${letters(column)}${index + 1}`,
          "data-row": index,
          "data-column": column,
          title: tip,
        },
        cell.link ? link(cell.link, [text]) : text,
      );
    }),
  );
}

const cellAt = (rowIndex, column) => parts.table.querySelector(`td[data-row="${rowIndex}"][data-column="${column}"]`);

function paint(focus) {
  parts.table.querySelector("td.selected")?.classList.remove("selected");
  for (const cell of parts.table.querySelectorAll("td[tabindex='0']")) cell.tabIndex = -1;
  const cell = cellAt(at.row, at.column);
  if (!cell) return;
  cell.classList.add("selected");
  cell.tabIndex = 0;
  const held = cells()[at.row]?.[at.column];
  const by = held?.changed_at ? ` ${held.by || "somebody"}, ${moment(new Date(held.changed_at))}` : "";
  parts.formula.replaceChildren(
    h("b", {}, cell.dataset.cell),
    h("span", {}, held?.formula ?? (held?.v === null || held?.v === undefined ? "" : String(held.v))),
    h("small", {}, by),
  );
  if (focus) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function select(rowIndex, column) {
  const all = cells();
  at = {
    row: Math.max(0, Math.min(rowIndex, all.length - 1)),
    column: Math.max(0, Math.min(column, all[0].length - 1)),
  };
  paint(true);
}

function keys(event) {
  if (editing || !event.target.matches("td")) return;
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (moves[event.key]) {
    event.preventDefault();
    select(at.row + moves[event.key][0], at.column + moves[event.key][1]);
  } else if (event.key === "Enter" || event.key === "F2") {
    event.preventDefault();
    edit();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    save(at.row, at.column, "");
  } else if (event.key === "ContextMenu") {
    event.preventDefault();
    columnMenu(event.target, at.column);
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    edit(event.key);
  }
}

function edit(typed) {
  if (editing) return;
  const cell = cellAt(at.row, at.column);
  if (!cell) return;
  const held = cells()[at.row][at.column];
  const options = at.row ? grid.validations?.[at.column] : null;
  const listId = Array.isArray(options) ? "cell-options" : null;
  const text = typed ?? held.formula ?? (held.v === null || held.v === undefined ? "" : String(held.v));
  // Where several lines may stand: an input would make one of them.
  const input = h(listId ? "input" : "textarea", {
    class: "cell-input",
    "aria-label": `Cell ${cell.dataset.cell}`,
    list: listId,
    autocomplete: "off",
  });
  input.value = text;
  const { row: rowIndex, column } = at;
  const before = input.value;
  let over = false;
  const finish = async (keep, down = 0, right = 0) => {
    if (over) return;
    over = true;
    editing = null;
    if (keep && (typed !== undefined || input.value !== before)) await save(rowIndex, column, input.value);
    parts.table.print = null;
    draw();
    select(rowIndex + down, column + right);
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.altKey || event.ctrlKey)) {
      event.preventDefault();
      input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
      grow(input);
    } else if (event.key === "Enter") finish(true, event.shiftKey ? -1 : 1);
    else if (event.key === "Tab") {
      event.preventDefault();
      finish(true, 0, event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") finish(false);
  });
  input.addEventListener("input", () => grow(input));
  input.addEventListener("blur", () => finish(true));
  editing = { row: rowIndex, column, input };
  cell.replaceChildren(
    input,
    listId
      ? h(
          "datalist",
          { id: listId },
          options.map((option) => h("option", { value: option })),
        )
      : "",
  );
  grow(input);
  input.focus();
  if (typed === undefined) input.select();
  else input.setSelectionRange(text.length, text.length);
}

// As high as what stands in it.
function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 170)}px`;
}

// The control counts rows from the sheet's first, the header, as 0.
async function send(what, body) {
  try {
    await post(`/sandbox/sheets/${what}`, { as: state.me, tab, ...body });
  } catch (error) {
    complain(error);
  }
  await refreshSheet();
}
const save = (rowIndex, column, text) => send("edit", { row: rowIndex, column, text });

function columnMenu(anchor, column) {
  menu(
    anchor,
    [
      { text: "Sort A to Z", act: () => send("sort", { column, descending: false }) },
      { text: "Sort Z to A", act: () => send("sort", { column, descending: true }) },
      "-",
      { text: "Insert a column to the left", act: () => send("insert_column", { column }) },
      { text: "Insert a column to the right", act: () => send("insert_column", { column: column + 1 }) },
      {
        text: "Rename the heading",
        act: () => {
          select(0, column);
          edit();
        },
      },
      { text: "Delete this column", danger: true, act: () => send("delete_column", { column }) },
    ],
    { label: `Column ${letters(column)}` },
  );
}

function rowMenu(anchor, index) {
  menu(
    anchor,
    [
      ...(index ? [{ text: "Insert a row above", act: () => send("insert_row", { row: index }) }] : []),
      { text: "Insert a row below", act: () => send("insert_row", { row: index + 1 }) },
      ...(index ? [{ text: "Delete this row", danger: true, act: () => send("delete_row", { row: index }) }] : []),
    ],
    { label: `Row ${index + 1}` },
  );
}
