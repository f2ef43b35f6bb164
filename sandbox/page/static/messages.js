// A list of messages: the channel's and the thread's.

import { dayDivider, dayKey, fromTs, now } from "./clock.js";
import { h, keyed } from "./dom.js";
import { authorOf, drawMessage } from "./message.js";
import { state } from "./store.js";

// Rows of the list: a line per day, and messages; one soon after another of the same person is drawn without a head.
function rows(messages, inThread) {
  const out = [];
  let before = null;
  for (const message of messages) {
    const day = dayKey(fromTs(message.ts));
    const newDay = !before || dayKey(fromTs(before.ts)) !== day;
    if (newDay) out.push({ divider: dayDivider(fromTs(message.ts)), key: `day-${day}` });
    const plain = (one) => !one.subtype && !one.ephemeral;
    const compact =
      !newDay &&
      plain(before) &&
      plain(message) &&
      authorOf(before) === authorOf(message) &&
      message.ts - before.ts < 300 &&
      !message.blocks?.some((one) => one.type === "header");
    const first = inThread && before === messages[0];
    if (first)
      out.push({
        divider: messages.length === 2 ? "1 reply" : `${messages.length - 1} replies`,
        key: "replies",
        plain: true,
      });
    out.push({ message, compact: compact && !first, key: `${message.ts}${message.ephemeral ? "e" : ""}` });
    before = message;
  }
  return out;
}

export class MessageList {
  constructor({ inThread = false, empty = "" } = {}) {
    this.inThread = inThread;
    this.empty = h("p", { class: "quiet empty" }, empty);
    this.list = h("div", { class: "list", role: "log", "aria-live": "off" });
    this.scroller = h(
      "div",
      {
        class: "scroller",
        tabindex: "0",
        "data-test": inThread ? "thread-messages" : "messages",
        "aria-label": inThread ? "Thread" : "Messages",
      },
      this.list,
    );
    this.newer = h(
      "button",
      { type: "button", class: "newer", hidden: true, onclick: () => this.toBottom() },
      "New messages",
    );
    this.node = h("div", { class: "messages" }, this.scroller, this.newer);
    this.pinned = true;
    this.showing = null;
    this.scroller.addEventListener("scroll", () => {
      this.pinned = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 60;
      if (this.pinned) this.newer.hidden = true;
    });
    this.scroller.addEventListener("keydown", (event) => this.keys(event));
    new ResizeObserver(() => this.pinned && this.toBottom()).observe(this.list);
    new ResizeObserver(() => this.pinned && this.toBottom()).observe(this.scroller);
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newer.hidden = true;
    this.pinned = true;
  }

  draw(messages, channelId, place) {
    const moved = this.showing !== place;
    const last = this.last;
    this.last = messages.at(-1)?.ts;
    if (moved) {
      this.showing = place;
      this.list.keyedNodes = undefined;
      this.list.replaceChildren();
      this.pinned = true;
    }
    const pinned = this.pinned;
    const today = dayKey(now());
    keyed(this.list, rows(messages, this.inThread), {
      key: (row) => row.key,
      print: (row) =>
        row.divider ? row.divider : JSON.stringify([row.message, row.compact, state.me, today, state.bot.name]),
      draw: (row) =>
        row.divider
          ? h("div", { class: row.plain ? "day plain" : "day", role: "separator" }, h("span", {}, row.divider))
          : drawMessage(row, channelId, this),
    });
    if (!messages.length) this.list.before(this.empty);
    else this.empty.remove();
    if (moved || pinned) this.toBottom();
    else if (last && this.last > last) this.newer.hidden = false;
  }

  find(ts) {
    return this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  }

  // Bring a message into view and let it glow once.
  show(ts) {
    const node = this.find(ts);
    if (!node) return false;
    this.pinned = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("glow");
    void node.offsetWidth;
    node.classList.add("glow");
    return true;
  }

  keys(event) {
    const all = [...this.list.querySelectorAll(".message[tabindex]")];
    const here = all.indexOf(event.target.closest?.(".message"));
    const onMessage = event.target.classList.contains("message");
    if (["ArrowUp", "ArrowDown"].includes(event.key) && (onMessage || event.target === this.scroller)) {
      event.preventDefault();
      const next = here < 0 ? all.length - 1 : here + (event.key === "ArrowDown" ? 1 : -1);
      all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
    } else if (onMessage && (event.key === "Enter" || event.key === "ArrowRight")) {
      event.preventDefault();
      const tool =
        event.key === "Enter"
          ? event.target.querySelector("[aria-label='Reply in thread']")
          : event.target.querySelector(".tools button");
      if (event.key === "Enter") tool?.click();
      else tool?.focus();
    } else if (event.target.closest?.(".tools") && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      const sibling =
        event.key === "ArrowRight" ? event.target.nextElementSibling : event.target.previousElementSibling;
      (sibling ?? event.target.closest(".message")).focus();
    }
  }
}
