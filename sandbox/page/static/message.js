// One message: who, when, what it says, its buttons, reactions and replies, and what may be done with it.

import { clockTime, fromTs, moment } from "./clock.js";
import { h } from "./dom.js";
import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { optionsOf } from "./elements.js";
import { EMOJI, REACTIONS, shortcode } from "./emoji.js";
import { icon } from "./icons.js";
import { closeMenu, confirmed, menu, popUp } from "./menu.js";
import { badge, face } from "./people.js";
import { emit, personName, state, user } from "./store.js";
import { mrkdwn } from "./text.js";
import { complain, showSeen } from "./toast.js";

export const authorOf = (message) => (message.bot_id ? state.bot.user_id : message.user);
const QUIET = new Set([
  "channel_join",
  "channel_leave",
  "channel_archive",
  "channel_unarchive",
  "channel_topic",
  "channel_name",
  "channel_purpose",
  "group_join",
  "group_leave",
  "group_archive",
  "group_unarchive",
]);

// What an interactive element of this message does: the person's click goes to the sandbox, the app's answer comes back.
function messageContext(message, channelId) {
  const where = { as: state.me, channel: channelId, ts: message.ts };
  const act = async (element, block, value) => {
    try {
      showSeen(
        await post("/sandbox/slack/click", { ...where, block_id: block.block_id, action_id: element.action_id, value }),
      );
    } catch (error) {
      complain(error);
    }
    emit("slack");
  };
  return {
    kind: "message",
    values: message.values,
    act,
    changed: act,
    suggest: (element, block, text) =>
      post("/sandbox/slack/suggest", { ...where, action_id: element.action_id, text }).then(optionsOf),
  };
}

async function react(message, channelId, name) {
  const has = message.reactions?.some((one) => one.name === name && one.users.includes(state.me));
  try {
    await post(`/sandbox/slack/${has ? "unreact" : "react"}`, {
      as: state.me,
      channel: channelId,
      ts: message.ts,
      name,
    });
  } catch (error) {
    complain(error);
  }
  emit("slack");
}

function reactionMenu(anchor, message, channelId) {
  const choose = (name) => {
    closeMenu();
    react(message, channelId, name);
  };
  const row = h(
    "div",
    { class: "reaction-menu" },
    REACTIONS.map((name) =>
      h("button", { type: "button", "aria-label": `React with ${name}`, onclick: () => choose(name) }, shortcode(name)),
    ),
  );
  if (popUp(anchor, row)) row.querySelector("button").focus();
}

function moreMenu(anchor, message, channelId, list) {
  const mine = message.user === state.me && !message.bot_id && !message.ephemeral;
  const send = (path, body) =>
    post(`/sandbox/slack/${path}`, { channel: channelId, ts: message.ts, ...body })
      .then(showSeen)
      .catch(complain)
      .finally(() => emit("slack"));
  const items = state.shortcuts
    .filter((one) => one.type === "message")
    .map((one) => ({
      text: one.name,
      note: "Touchpoint",
      act: () => send("shortcut", { as: state.me, callback_id: one.callback_id }),
    }));
  items.push({
    text: "Copy link",
    act: () =>
      navigator.clipboard?.writeText(`${location.origin}/archives/${channelId}/p${message.ts.replace(".", "")}`),
  });
  if (mine) {
    items.push({
      text: "Edit message",
      act: () => emit("edit-message", { message, channelId, inThread: list.inThread }),
    });
    items.push({
      text: "Delete message",
      danger: true,
      act: async () => (await sure("Delete this message?")) && send("delete", { as: state.me }),
    });
  } else if (message.bot_id && !message.ephemeral) {
    items.push({
      text: "Delete message",
      note: "as a workspace admin does",
      danger: true,
      act: async () =>
        (await sure("Delete Touchpoint's message, as an admin?")) && send("admin", { do: "delete_bot_message" }),
    });
  }
  menu(anchor, items, { label: "More actions for this message" });
}

const sure = (title) =>
  confirmed({ title, text: "It is deleted for everybody.", confirm: "Delete", deny: "Cancel", danger: true });

function tools(message, channelId, list) {
  if (message.ephemeral) return null;
  const tool = (name, label, act) => {
    const node = h(
      "button",
      { type: "button", tabindex: "-1", "aria-label": label, title: label, onclick: () => act(node) },
      icon(name),
    );
    return node;
  };
  return h(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "Message actions" },
    tool("smile", "React", (node) => reactionMenu(node, message, channelId)),
    list.inThread
      ? null
      : tool("reply", "Reply in thread", () =>
          emit("goto", { channel: channelId, thread: message.thread_ts ?? message.ts }),
        ),
    tool("more", "More actions", (node) => moreMenu(node, message, channelId, list)),
  );
}

function reactions(message, channelId) {
  if (!message.reactions?.length) return null;
  const one = ({ name, users, count }) =>
    h(
      "button",
      {
        type: "button",
        class: users.includes(state.me) ? "reaction mine" : "reaction",
        title: `${users.map(personName).join(", ")} reacted with :${name}:`,
        "aria-label": `${EMOJI[name] ?? name} ${count ?? users.length}`,
        "data-focus": `reaction-${name}`,
        onclick: () => react(message, channelId, name),
      },
      shortcode(name),
      h("span", {}, String(count ?? users.length)),
    );
  return h("div", { class: "reactions" }, message.reactions.map(one));
}

function replies(message, channelId, list) {
  if (list.inThread || !message.reply_count) return null;
  const people = (message.reply_users ?? []).slice(0, 4);
  return h(
    "button",
    {
      type: "button",
      class: "replies",
      "data-focus": "replies",
      "data-test": "replies",
      onclick: () => emit("goto", { channel: channelId, thread: message.ts }),
    },
    people.map((id) => face(id, "tiny")),
    h("b", {}, message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`),
    message.latest_reply ? h("small", {}, `last ${moment(fromTs(message.latest_reply))}`) : null,
  );
}

const edited = (message) =>
  message.edited
    ? h("span", { class: "edited", title: message.edited.ts ? moment(fromTs(message.edited.ts)) : null }, "(edited)")
    : null;

function body(message, channelId) {
  if (message.blocks?.length && !isPlainRichText(message))
    return h("div", { class: "blocks" }, blocks(message.blocks, messageContext(message, channelId)), edited(message));
  return h("div", { class: "text" }, mrkdwn(message.text), " ", edited(message));
}
const isPlainRichText = (message) =>
  !message.bot_id && message.blocks.every((one) => one.type === "rich_text") && message.text;

// A file, with a link that brings it: Slack opens it for whoever sees the message.
function files(message) {
  const one = (file) =>
    h(
      "a",
      { class: "file", "data-test": "file", download: file.name, href: `${new URL(file.url_private).pathname}?as=${state.me}` },
      icon("file"),
      h("span", {}, h("b", {}, file.title), h("small", {}, `${file.pretty_type} · ${sizeOf(file.size)}`)),
    );
  return message.files?.length ? h("div", { class: "files" }, message.files.map(one)) : null;
}
const sizeOf = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`);

export function drawMessage({ message, compact }, channelId, list) {
  const author = authorOf(message);
  const when = fromTs(message.ts);
  if (message.subtype === "tombstone") {
    return h(
      "div",
      { class: "message gone", role: "article", "data-test": "message", "data-ts": message.ts },
      h("div", { class: "gutter" }),
      h("div", { class: "main" }, "This message was deleted.", replies(message, channelId, list)),
    );
  }
  const person = user(author);
  const quiet = QUIET.has(message.subtype);
  const classes = [
    "message",
    compact ? "compact" : "",
    message.ephemeral ? "ephemeral" : "",
    quiet ? "system" : "",
  ].join(" ");
  const time = h("time", { datetime: when.toISOString(), title: moment(when) }, clockTime(when));
  const node = h(
    "div",
    {
      class: classes,
      role: "article",
      tabindex: "-1",
      "aria-label": `${personName(author)}, ${clockTime(when)}`,
      "data-test": "message",
      "data-ts": message.ts,
      "data-author": author,
    },
    h("div", { class: "gutter" }, compact ? time : face(author)),
    h(
      "div",
      { class: "main" },
      message.ephemeral ? h("div", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      compact
        ? null
        : h(
            "div",
            { class: "who" },
            h("b", {}, personName(author)),
            message.bot_id ? h("span", { class: "badge" }, "APP") : badge(person),
            time.cloneNode(true),
          ),
      list.inThread && message.subtype === "thread_broadcast"
        ? h("div", { class: "broadcast" }, "Also sent to the channel")
        : null,
      !list.inThread && message.subtype === "thread_broadcast"
        ? h(
            "button",
            {
              type: "button",
              class: "broadcast",
              onclick: () => emit("goto", { channel: channelId, thread: message.thread_ts }),
            },
            "replied to a thread",
          )
        : null,
      body(message, channelId),
      files(message),
      reactions(message, channelId),
      replies(message, channelId, list),
    ),
    tools(message, channelId, list),
  );
  return node;
}
