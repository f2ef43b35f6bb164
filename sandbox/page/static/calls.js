// What happened: every call that the stand-ins answered, and in words why one was refused.

import { clockSeconds } from "./clock.js";
import { byId, h, keyed, oneAtATime } from "./dom.js";
import { get } from "./api.js";
import { markTab } from "./desk.js";
import { state } from "./store.js";

let calls = [];
let seen = 0; // the number of the newest call known
let parts = null;
const filter = { system: "all", refusals: false, polls: false };

// When the app last asked Salesforce about accounts; the Salesforce panel counts down from it.
export const lastPoll = {
  at: null,
  note(iso) {
    const at = new Date(iso);
    if (!this.at || at > this.at) this.at = at;
  },
};

export const wasRefused = (call) => call.status >= 400 || Boolean(call.error);
const isPoll = (call) =>
  call.system === "salesforce" && !wasRefused(call) && /^(POST composite|GET query)/.test(call.name);
const NAMES = { slack: "Slack", salesforce: "Salesforce", sheets: "Sheets" };

export function buildCalls(panel) {
  const pill = (name, pressed, act) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        "aria-pressed": String(pressed),
        onclick: (event) => {
          act(event.currentTarget);
          draw();
        },
      },
      name,
    );
  const systems = ["all", "slack", "salesforce", "sheets"].map((name) =>
    pill(NAMES[name] ?? "All", name === "all", (node) => {
      filter.system = name;
      for (const other of node.parentNode.querySelectorAll("[data-system]"))
        other.setAttribute("aria-pressed", String(other === node));
    }),
  );
  systems.forEach((node, index) => {
    node.dataset.system = ["all", "slack", "salesforce", "sheets"][index];
  });
  const flip = (name) => (node) => {
    filter[name] = !filter[name];
    node.setAttribute("aria-pressed", String(filter[name]));
  };
  const list = h("ol", { class: "calls", "data-test": "calls" });
  panel.append(
    h(
      "div",
      { class: "pills" },
      systems,
      h("span", { class: "pills-gap" }),
      pill("Refusals", false, flip("refusals")),
      pill("Polls", false, flip("polls")),
    ),
    list,
  );
  parts = { list };
}

export const refreshCalls = oneAtATime(async () => {
  const { calls: fresh } = await get("/sandbox/calls", { after: seen });
  if (fresh.length && fresh[0].number <= seen) calls = [];
  for (const call of fresh) if (isPoll(call)) lastPoll.note(call.at);
  const first = seen === 0;
  calls = [...calls, ...fresh].slice(-1000);
  seen = calls.at(-1)?.number ?? seen;
  if (fresh.some(wasRefused) && !first) markTab("calls", true);
  if (state.tab === "calls") draw();
});

export function forgetCalls() {
  calls = [];
  seen = 0;
  lastPoll.at = null;
}

// Newest first; the same call again and again is one line with a count.
function grouped() {
  const groups = [];
  for (const call of [...calls].reverse()) {
    if (filter.system !== "all" && call.system !== filter.system) continue;
    if (filter.refusals && !wasRefused(call)) continue;
    if (!filter.polls && !filter.refusals && isPoll(call)) continue;
    const last = groups.at(-1);
    const same =
      last &&
      last.call.system === call.system &&
      last.call.name === call.name &&
      last.call.error === call.error &&
      last.call.why === call.why;
    if (same) last.first = call;
    if (same) last.count++;
    else groups.push({ call, first: call, count: 1 });
    if (groups.length > 150) break;
  }
  return groups;
}

export function draw() {
  if (!parts) return;
  markTab("calls", false);
  parts.list.parentNode.querySelector(".quiet")?.remove();
  const groups = grouped();
  keyed(parts.list, groups, {
    key: ({ first }) => first.number,
    print: ({ call, count }) => `${call.number} ${count} ${state.me}`,
    draw: ({ call, count }) => {
      const refused = wasRefused(call);
      return h(
        "li",
        { class: refused ? "call refused" : "call", "data-system": call.system },
        h("time", { datetime: call.at }, clockSeconds(new Date(call.at))),
        h("span", { class: `system ${call.system}` }, NAMES[call.system] ?? call.system),
        h(
          "span",
          { class: "call-what" },
          h("code", {}, call.name),
          count > 1 ? h("small", {}, ` ${count} times`) : null,
          refused
            ? h(
                "span",
                { class: "call-why" },
                h("b", {}, [call.status >= 400 ? call.status : "", call.error].filter(Boolean).join(" ")),
                call.why ? ` ${call.why}` : null,
              )
            : call.why
              ? h("span", { class: "call-why" }, call.why)
              : null,
        ),
      );
    },
  });
  if (!groups.length)
    byId("panel-calls").append(h("p", { class: "quiet" }, calls.length ? "Nothing of that kind." : "No call yet."));
}
