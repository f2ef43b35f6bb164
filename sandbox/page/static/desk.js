// What stands beside Slack: tabs.

import { arrowKeys, byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { emit, remembered, state } from "./store.js";

const TABS = [
  ["try", "Try this"],
  ["salesforce", "Salesforce"],
  ["sheet", "Sheet"],
  ["calls", "What happened"],
  ["time", "Time & faults"],
];
const panels = new Map();
let bar = null;

export function buildDesk(built) {
  const wide = h(
    "button",
    {
      type: "button",
      class: "icon-button desk-wide",
      "aria-pressed": "false",
      "aria-label": "Wider",
      title: "Wider",
      onclick: () => widen(!document.body.classList.contains("wide-desk")),
    },
    icon("wide"),
  );
  bar = h("div", { class: "tabs", role: "tablist", "aria-label": "Beside Slack" });
  const body = h("div", { class: "desk-body" });
  for (const [name, title] of TABS) {
    const tab = h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `panel-${name}`,
        "data-tab": name,
        onclick: () => emit("goto", { tab: name }),
      },
      title,
    );
    const panel = h("div", {
      class: `panel panel-${name}`,
      id: `panel-${name}`,
      role: "tabpanel",
      "aria-labelledby": `tab-${name}`,
      hidden: true,
    });
    built[name](panel);
    panels.set(name, panel);
    bar.append(tab);
    body.append(panel);
  }
  arrowKeys(bar, "[role=tab]", { horizontal: true });
  byId("desk").append(h("div", { class: "desk-head" }, bar, wide), body);
  if (remembered.get("wide") === "yes") widen(true);
}

function widen(on) {
  document.body.classList.toggle("wide-desk", on);
  remembered.set("wide", on ? "yes" : "no");
  byId("desk").querySelector(".desk-wide")?.setAttribute("aria-pressed", String(on));
}

export function drawDesk() {
  for (const [name, panel] of panels) {
    panel.hidden = name !== state.tab;
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === state.tab));
    tab.tabIndex = name === state.tab ? 0 : -1;
  }
}

export function markTab(name, mark) {
  byId(`tab-${name}`)?.classList.toggle("marked", mark && name !== state.tab);
}

export const tabs = TABS.map(([name]) => name);
