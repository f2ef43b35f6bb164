// The right end of the bar at the top: the sandbox's time, faults that are on, the bot, light or dark.

import { clockTime, moment, now } from "./clock.js";
import { byId, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { emit, remembered, state } from "./store.js";

export function drawStatus() {
  const connected = state.bot.connections > 0 || state.process.running === true;
  const offline = document.body.classList.contains("offline");
  const words = offline
    ? "The sandbox does not answer"
    : connected
      ? "Touchpoint is running"
      : "Touchpoint is not running";
  const faults = state.faults.length;
  const print = JSON.stringify([words, faults, document.documentElement.dataset.theme]);
  const status = byId("status");
  if (status.dataset.print !== print) {
    status.dataset.print = print;
    const dark = isDark();
    fill(
      status,
      h(
        "button",
        { type: "button", class: "status-time", title: "Time & faults", onclick: () => emit("goto", { tab: "time" }) },
        icon("clock"),
        h("span", { id: "top-date" }),
      ),
      faults
        ? h(
            "button",
            { type: "button", class: "status-faults", onclick: () => emit("goto", { tab: "time" }) },
            faults === 1 ? "1 fault on" : `${faults} faults on`,
          )
        : "",
      h("span", {
        class: connected && !offline ? "status-bot on" : "status-bot",
        title: words,
        role: "img",
        "aria-label": words,
      }),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": dark ? "Light colours" : "Dark colours",
          title: dark ? "Light colours" : "Dark colours",
          onclick: switchTheme,
        },
        icon(dark ? "sun" : "moon"),
      ),
    );
  }
  tick();
}

const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remembered.set("theme", theme);
  drawStatus();
}

export function tick() {
  const date = byId("top-date");
  const text = moment(now());
  if (date && date.textContent !== text) date.textContent = text;
  for (const node of document.querySelectorAll("[data-zone-time]")) {
    const there = clockTime(now(), node.dataset.zoneTime);
    if (node.textContent !== there) node.textContent = there;
  }
}

export function recallTheme() {
  const theme = remembered.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawStatus);
}
