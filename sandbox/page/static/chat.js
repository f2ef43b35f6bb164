// The conversation and the thread pane.

import { byId, fill, h, oneAtATime } from "./dom.js";
import { get, post } from "./api.js";
import { blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { icon } from "./icons.js";
import { optionsOf } from "./elements.js";
import { MessageList } from "./messages.js";
import { channelIcon, channelName } from "./sidebar.js";
import { channel, emit, me, on, state, user } from "./store.js";
import { mrkdwn } from "./text.js";
import { complain, showSeen } from "./toast.js";

const main = {
  list: new MessageList({ empty: "Nothing has been said here yet." }),
  composer: new Composer({ id: "composer-main" }),
  head: h("header", { class: "pane-head" }),
  home: h("div", { class: "home", hidden: true }),
};
const side = {
  list: new MessageList({ inThread: true, empty: "" }),
  composer: new Composer({ id: "composer-thread", thread: true }),
  head: h("header", { class: "pane-head" }),
};
let homeTab = false;
let homePrint = "";

export function buildChat() {
  byId("chat").append(main.head, main.list.node, main.home, main.composer.node);
  byId("thread").append(side.head, side.list.node, side.composer.node);
  on("edit-message", ({ message, inThread }) => (inThread ? side : main).composer.edit(message));
  on("said", (composer) => (composer === side.composer ? side : main).list.toBottom());
  on("prefill", (text) => main.composer.fill(text));
}

function closedFor(one) {
  if (!one) return "No conversation is open";
  if (one.is_archived) return "This channel is archived";
  if (one.kind !== "im" && one.is_member === false) return `${me()?.real_name} is not in #${one.name}`;
  if (one.kind === "im" && state.bot.messages_tab_read_only) return "Sending messages to this app has been turned off";
  return null;
}

function drawHead(one, home) {
  const about = one.kind === "im" ? user(one.with)?.title : one.topic;
  const marks = [
    one.is_archived ? "archived" : "",
    one.is_ext_shared ? "shared with a customer" : "",
    one.kind !== "im" && !one.bot_is_member ? "Touchpoint is not in this channel" : "",
  ].filter(Boolean);
  const tab = (name, on) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "small-tab",
        "aria-selected": String(on === homeTab),
        onclick: () => {
          homeTab = on;
          if (on) openHome();
          emit("slack");
        },
      },
      name,
    );
  fill(
    main.head,
    h("h1", {}, channelIcon(one), channelName(one)),
    home ? h("div", { role: "tablist", class: "small-tabs" }, tab("Messages", false), tab("Home", true)) : null,
    h(
      "p",
      { class: "topic" },
      about ? mrkdwn(about) : null,
      marks.map((mark) => h("span", { class: "badge" }, mark)),
    ),
  );
}

async function openHome() {
  try {
    showSeen(await post("/sandbox/slack/open_home", { as: state.me }));
  } catch (error) {
    complain(error);
  }
}

function drawHome(view) {
  const print = JSON.stringify([view, state.me]);
  if (print === homePrint) return;
  homePrint = print;
  const act = (element, block, value) =>
    post("/sandbox/slack/click_in_view", {
      as: state.me,
      view_id: view.id,
      block_id: block.block_id,
      action_id: element.action_id,
      value,
    })
      .then(showSeen)
      .catch(complain)
      .finally(() => emit("slack"));
  const suggest = (element, block, text) =>
    post("/sandbox/slack/suggest", { as: state.me, view_id: view.id, action_id: element.action_id, text }).then(
      optionsOf,
    );
  main.home.replaceChildren(
    h(
      "div",
      { class: "blocks" },
      blocks(view.blocks ?? [], { kind: "message", values: view.state?.values, act, changed: act, suggest }),
    ),
  );
}

const lastRead = new Map();
async function markRead(one, messages) {
  const last = messages.filter((message) => !message.ephemeral).at(-1)?.ts;
  const key = `${state.me} ${one.id}`;
  if (!last || document.hidden || (!one.unread && lastRead.get(key) === last)) return;
  lastRead.set(key, last);
  await post("/sandbox/slack/read", { as: state.me, channel: one.id });
}

export const refreshChat = oneAtATime(async () => {
  const one = channel(state.channel);
  if (!one || !me()) {
    main.head.replaceChildren(h("h1", {}, state.channels.length ? "No conversation is open" : "Nobody is here yet"));
    main.list.draw([], null, "nothing");
    main.composer.moveTo("nothing", "Message", closedFor(null));
    return;
  }
  const asked = { as: state.me, channel: one.id };
  const isApp = one.kind === "im" && one.with === state.bot.user_id;
  const [{ messages }, home] = await Promise.all([
    get("/sandbox/slack/messages", { ...asked, limit: 200 }),
    isApp && state.bot.home_tab ? get("/sandbox/slack/home", { as: state.me }).catch(() => null) : null,
  ]);
  if (asked.as !== state.me || asked.channel !== state.channel) return;
  const view = home?.view ?? null;
  if (!view) homeTab = false;
  drawHead(one, view);
  main.home.hidden = !homeTab;
  main.list.node.hidden = main.composer.node.hidden = homeTab;
  if (view) drawHome(view);
  main.list.draw(messages, one.id, `${state.me} ${one.id}`);
  const where = one.kind === "im" ? channelName(one) : `#${one.name}`;
  main.composer.moveTo(`${state.me} ${one.id}`, `Message ${where}`, closedFor(one));
  if (state.focus && main.list.show(state.focus)) state.focus = null;
  await markRead(one, messages);
});

export const refreshThread = oneAtATime(async () => {
  const pane = byId("thread");
  const one = channel(state.channel);
  pane.hidden = !state.thread || !one;
  document.body.dataset.thread = pane.hidden ? "closed" : "open";
  if (pane.hidden) return;
  const asked = { as: state.me, channel: one.id, ts: state.thread };
  let messages;
  try {
    ({ messages } = await get("/sandbox/slack/thread", asked));
  } catch (error) {
    complain(error);
    emit("goto", { channel: one.id });
    return;
  }
  if (asked.ts !== state.thread || asked.as !== state.me) return;
  side.head.replaceChildren(
    h("h2", {}, "Thread"),
    h("p", { class: "topic" }, one.kind === "im" ? channelName(one) : `#${one.name}`),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Close thread",
        onclick: () => emit("goto", { channel: one.id }),
      },
      icon("close"),
    ),
  );
  side.list.draw(messages, one.id, `${state.me} ${one.id} ${state.thread}`);
  side.composer.moveTo(
    `${state.me} ${one.id} ${state.thread}`,
    "Reply…",
    one.is_archived ? "This channel is archived" : null,
  );
  if (state.focus && side.list.show(state.focus)) state.focus = null;
});
