// Slack's mrkdwn, as nodes. The text arrives escaped (&amp; &lt; &gt;) and ends as text nodes, so it stays inert.
// https://docs.slack.dev/messaging/formatting-message-text

import { h } from "./dom.js";
import { slackDate } from "./clock.js";
import { shortcode, toCharacters, withEmoji } from "./emoji.js";
import { channel, emit, personName, state, user } from "./store.js";

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

const INLINE = new RegExp(
  [
    "(?<code>`[^`\\n]+`)",
    "(?<angle><[^<>\\n]+>)",
    "(?<emoji>:[a-z0-9_+-]+:)",
    "(?<![\\p{L}\\p{N}*])\\*(?=\\S)(?<bold>[^*\\n]*?\\S)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?=\\S)(?<italic>[^_\\n]*?\\S)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?=\\S)(?<strike>[^~\\n]*?\\S)~(?![\\p{L}\\p{N}~])",
  ].join("|"),
  "u",
);

export function mrkdwn(text) {
  const nodes = [];
  const pieces = (text ?? "").split(/```\n?([\s\S]*?)\n?```/);
  pieces.forEach((piece, index) => {
    if (index % 2) nodes.push(h("pre", {}, unescape(piece)));
    else if (piece) nodes.push(...lines(piece));
  });
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(line.slice(quoted[0].length)));
      return;
    }
    if (index && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line));
  });
  return nodes;
}

function inline(text) {
  const nodes = [];
  for (let rest = text; rest;) {
    const match = INLINE.exec(rest);
    if (!match) {
      nodes.push(...withEmoji(unescape(rest)));
      break;
    }
    nodes.push(...withEmoji(unescape(rest.slice(0, match.index))), marked(match.groups, !nodes.length && !match.index));
    rest = rest.slice(match.index + match[0].length);
  }
  return nodes;
}

function marked({ code, angle, emoji, bold, italic, strike }, first) {
  if (code) return h("code", {}, unescape(code.slice(1, -1)));
  if (angle) return angled(angle.slice(1, -1), first);
  if (emoji) return shortcode(emoji.slice(1, -1));
  if (bold) return h("b", {}, inline(bold));
  if (italic) return h("i", {}, inline(italic));
  return h("s", {}, inline(strike));
}

function angled(inside, first) {
  const [target, ...label] = inside.split("|");
  const shown = label.join("|");
  if (target[0] === "@") return mention(target.slice(1), shown);
  if (target[0] === "#") return channelLink(target.slice(1), shown);
  if (target[0] === "!") return special(target.slice(1), shown, first);
  return link(unescape(target), shown ? inline(shown) : null);
}

export function mention(id, label) {
  const name = user(id) || id === state.bot.user_id ? personName(id) : unescape(label || id);
  return h("span", { class: id === state.me ? "mention mine" : "mention", title: user(id)?.title || null }, `@${name}`);
}

export function channelLink(id, label) {
  const known = channel(id);
  const name = known?.name ?? (label ? unescape(label) : "private-channel");
  return known
    ? h("a", { class: "mention", href: `#/${id}` }, `#${name}`)
    : h("span", { class: "mention" }, `#${name}`);
}

function special(command, label, first) {
  const date = /^date\^(-?\d+)\^([^^]+)(?:\^(.+))?$/.exec(command);
  if (date) {
    const said = slackDate(Number(date[1]), unescape(date[2]));
    const shown = first ? said[0].toUpperCase() + said.slice(1) : said; // "Today" begins a line, "today" stands in one
    return date[3]
      ? link(unescape(date[3]), [shown])
      : h("time", { datetime: new Date(date[1] * 1000).toISOString() }, shown);
  }
  if (["here", "channel", "everyone"].includes(command)) return h("span", { class: "mention mine" }, `@${command}`);
  if (command.startsWith("subteam^")) return h("span", { class: "mention" }, unescape(label || "@group"));
  return document.createTextNode(`<${unescape(label || command)}>`);
}

// Links stay on this page where this page can show what they point at: a message, an account, the sheet.
export function link(url, children) {
  const shown = children ?? [unescape(url.replace(/^mailto:/, ""))];
  if (!/^(https?:|mailto:)/.test(url)) return h("span", {}, shown);
  const here = insidePage(url);
  if (here)
    return h(
      "a",
      {
        href: url,
        onclick: (event) => {
          event.preventDefault();
          here();
        },
      },
      shown,
    );
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, shown);
}

// A button with an address: here where this page can show it, else in a new tab.
export function openAddress(url) {
  const here = insidePage(url);
  if (here) here();
  else window.open(url, "_blank", "noopener");
}

function insidePage(url) {
  const parsed = new URL(url);
  const archive = /^\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?$/.exec(parsed.pathname);
  if (archive && (parsed.host === location.host || parsed.hostname.endsWith(".slack.com"))) {
    const ts = archive[2] ? `${archive[2]}.${archive[3]}` : null;
    const thread = parsed.searchParams.get("thread_ts");
    return () => emit("goto", { channel: archive[1], thread: thread && thread !== ts ? thread : null, ts });
  }
  const account = /(001[A-Za-z0-9]{12,15})/.exec(parsed.pathname);
  if (account && /salesforce|force\.com|127\.0\.0\.1|localhost/.test(parsed.hostname))
    return () => emit("goto", { tab: "salesforce", account: account[1] });
  if (parsed.pathname.includes("/spreadsheets/d/")) {
    const range = /range=\$?[A-Z]*\$?(\d+)/.exec(parsed.hash + parsed.search);
    return () => emit("goto", { tab: "sheet", row: range ? Number(range[1]) : null });
  }
  return null;
}

// A text object of Block Kit: plain_text or mrkdwn.
export function textObject(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  const text = object.emoji === false ? object.text : toCharacters(object.text ?? "");
  return (text ?? "").split("\n").flatMap((line, index) => [...(index ? [h("br")] : []), ...withEmoji(line)]);
}

export const plainText = (object) => unescape(object?.text ?? "");

// One line without marks, for a push notification.
export function pushLine(text) {
  const node = h("span", {}, mrkdwn(text));
  node.querySelectorAll("br").forEach((br) => br.replaceWith(" "));
  return node.textContent;
}
