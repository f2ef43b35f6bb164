// Short codes to characters. The marks that the bot uses are also drawn by emoji.css, so that they look the same on a
// machine that has no emoji font; the character stays in the text for copying, searching and screen readers.

import { h } from "./dom.js";

export const EMOJI = {
  red_circle: "🔴",
  large_yellow_circle: "🟡",
  large_green_circle: "🟢",
  white_circle: "⚪",
  large_orange_circle: "🟠",
  warning: "⚠",
  no_entry: "⛔",
  ballot_box_with_check: "☑",
  white_medium_square: "☐",
  ballot_box_with_x: "☒",
  white_check_mark: "✅",
  raising_hand: "🙋",
  key: "🔑",
  eyes: "👀",
  "+1": "👍",
  tada: "🎉",
  heart: "❤",
  question: "❓",
  bell: "🔔",
  lock: "🔒",
  hourglass_flowing_sand: "⏳",
  pencil2: "✏",
  memo: "📝",
  calendar: "📅",
  link: "🔗",
  chart_with_downwards_trend: "📉",
  chart_with_upwards_trend: "📈",
  phone: "☎",
  shield: "🛡",
  wave: "👋",
  x: "❌",
  heavy_check_mark: "✔",
  rocket: "🚀",
  thumbsup: "👍",
  smile: "😄",
  thinking_face: "🤔",
  pray: "🙏",
  fire: "🔥",
  bulb: "💡",
  speech_balloon: "💬",
};

const DRAWN = {
  "🔴": "red",
  "🟡": "yellow",
  "🟢": "green",
  "⚪": "white",
  "🟠": "orange",
  "⚠": "warning",
  "⛔": "stop",
  "☑": "done",
  "☐": "open",
  "✅": "check",
  "🙋": "hand",
  "🔑": "key",
  "👀": "eyes",
  "👍": "thumb",
  "🎉": "party",
  "❤": "heart",
  "⏳": "wait",
  "🔒": "lock",
  "🔔": "bell",
  "☒": "dropped",
  "💬": "words",
};
const NAMES = Object.fromEntries(
  Object.entries(EMOJI)
    .map(([name, character]) => [character, name])
    .reverse(),
);
const CHARACTERS = new RegExp(`(${Object.keys(DRAWN).join("|")})\uFE0F?`, "u");

// Text with known emoji characters set off, as nodes.
export function withEmoji(text) {
  if (!text) return [];
  const nodes = [];
  for (let rest = text; rest;) {
    const match = CHARACTERS.exec(rest);
    if (!match) {
      nodes.push(document.createTextNode(rest));
      break;
    }
    if (match.index) nodes.push(document.createTextNode(rest.slice(0, match.index)));
    nodes.push(drawn(match[1]));
    rest = rest.slice(match.index + match[0].length);
  }
  return nodes;
}

function drawn(character) {
  return h("span", { class: `emoji emoji-${DRAWN[character]}`, title: `:${NAMES[character]}:` }, character);
}

export function shortcode(name) {
  const character = EMOJI[name];
  if (!character) return document.createTextNode(`:${name}:`);
  return DRAWN[character] ? drawn(character) : h("span", { class: "emoji-font", title: `:${name}:` }, character);
}

export const toCharacters = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
export const REACTIONS = ["white_check_mark", "eyes", "+1", "tada", "heart", "raising_hand", "hourglass_flowing_sand"];
