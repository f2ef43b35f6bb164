// Channels, direct messages, and which accounts are the acting person's.

import { arrowKeys, byId, h, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { face } from "./people.js";
import { emit, me, personName, state } from "./store.js";

let built = null;
let accounts = [];
let emails = new Map(); // Salesforce user id -> e-mail address, which is how a person is the same in both

export const channelName = (one) => (one.kind === "im" ? personName(one.with) : one.name);

export function channelIcon(one) {
  if (one.kind === "im") return face(one.with, "tiny");
  if (one.is_archived) return icon("archive");
  if (one.is_ext_shared) return icon("shared");
  return icon(one.kind === "private" ? "lock" : "channel");
}

function section(title, test) {
  const list = h("div", { class: "side-list", "data-test": test });
  const node = h("section", { class: "side-section", "aria-label": title }, h("h2", {}, title), list);
  return { node, list };
}

function build() {
  built = {
    channels: section("Channels", "channels"),
    people: section("Direct messages", "dms"),
    apps: section("Apps", "apps"),
    accounts: section("Your accounts", "accounts"),
  };
  const nav = byId("sidebar");
  nav.append(...Object.values(built).map((one) => one.node));
  arrowKeys(nav, ".side-item", { wrap: false });
}

const order = (one) => `${one.is_archived ? 2 : 1}${channelName(one).toLowerCase()}`;

export function drawSidebar() {
  if (!built) build();
  const sorted = [...state.channels].sort((a, b) => order(a).localeCompare(order(b)));
  const isApp = (one) => one.kind === "im" && one.with === state.bot.user_id;
  fill(
    built.channels,
    sorted.filter((one) => one.kind !== "im"),
  );
  fill(
    built.people,
    sorted.filter((one) => one.kind === "im" && !isApp(one)),
  );
  fill(built.apps, sorted.filter(isApp));
  fillAccounts();
}

function fill({ node, list }, channels) {
  node.hidden = !channels.length;
  keyed(list, channels, {
    key: (one) => one.id,
    print: (one) => JSON.stringify([one, one.id === state.channel, channelName(one)]),
    draw: (one) => {
      const here = one.id === state.channel;
      const classes = [
        "side-item",
        here ? "here" : "",
        one.unread ? "unread" : "",
        one.is_archived ? "archived" : "",
      ].join(" ");
      const what =
        one.kind === "im" ? channelName(one) : `${one.kind === "private" ? "private channel" : "channel"} ${one.name}`;
      const notes = [
        one.unread ? `${one.unread} unread` : "",
        one.is_archived ? "archived" : "",
        one.is_ext_shared ? "shared with a customer" : "",
      ].filter(Boolean);
      return h(
        "a",
        {
          class: classes,
          href: `#/${one.id}`,
          "aria-current": here ? "page" : null,
          "aria-label": [what, ...notes].join(", "),
          title: notes.join(", ") || null,
          "data-channel": one.id,
          "data-focus": one.id,
        },
        channelIcon(one),
        h("span", { class: "side-name" }, channelName(one)),
        one.unread ? h("span", { class: one.kind === "im" ? "count loud" : "count" }, String(one.unread)) : null,
      );
    },
  });
}

export function setAccounts(list, users) {
  accounts = list;
  emails = new Map(users.map((one) => [one.id, (one.email ?? "").toLowerCase()]));
  if (built) fillAccounts();
}

export function isTheirs(account, person) {
  const email = (person?.email ?? "").toLowerCase();
  return Boolean(email) && [account.owner_id, account.ce_id].some((id) => emails.get(id) === email);
}
export const healthClass = (health) => `dot ${(health ?? "none").toLowerCase()}`;
const rank = { Red: 0, Yellow: 1, Green: 2 };

function fillAccounts() {
  const { node, list } = built.accounts;
  const mine = accounts
    .filter((one) => isTheirs(one, me()))
    .sort((a, b) => (rank[a.health] ?? 3) - (rank[b.health] ?? 3) || a.name.localeCompare(b.name));
  node.hidden = !mine.length;
  keyed(list, mine, {
    key: (one) => one.id,
    print: (one) => JSON.stringify([one.name, one.health]),
    draw: (one) =>
      h(
        "button",
        {
          type: "button",
          class: "side-item",
          "data-account": one.id,
          "data-focus": one.id,
          "aria-label": `${one.name}, ${one.health ?? "health not known"}`,
          onclick: () => emit("goto", { tab: "salesforce", account: one.id }),
        },
        h("span", { class: healthClass(one.health) }),
        h("span", { class: "side-name" }, one.name),
      ),
  });
}
