// The box in which a person types: Enter sends, "/" offers commands, "@" people, "#" channels.

import { freshId, h } from "./dom.js";
import { post } from "./api.js";
import { icon } from "./icons.js";
import { placeBeside } from "./menu.js";
import { among } from "./select.js";
import { emit, state } from "./store.js";
import { unescape } from "./text.js";
import { complain } from "./toast.js";

const people = () => [...state.users.values()].filter((one) => one.kind !== "bot" && !one.deleted);

// "@Priya Raman" and "#red-accounts" become what Slack's own box sends: <@U…> and <#C…>. The stand-in escapes the rest.
function encoded(text) {
  let out = text;
  for (const person of [...people()].sort((a, b) => b.real_name.length - a.real_name.length))
    out = out.replaceAll(`@${person.real_name}`, `<@${person.id}>`);
  for (const one of state.channels
    .filter((other) => other.kind !== "im")
    .sort((a, b) => b.name.length - a.name.length)) {
    out = out.replace(new RegExp(`(^|\\s)#${one.name}(?![\\w-])`, "g"), `$1<#${one.id}>`);
  }
  return out;
}

function decoded(text) {
  return unescape(
    text
      .replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id) => `@${state.users.get(id)?.real_name ?? id}`)
      .replace(/<#(\w+)(?:\|[^>]*)?>/g, (whole, id) => `#${state.channels.find((one) => one.id === id)?.name ?? id}`)
      .replace(/<([^>|]+)(?:\|[^>]*)?>/g, "$1"),
  );
}

export class Composer {
  constructor({ id, thread = false }) {
    this.thread = thread;
    this.drafts = new Map();
    this.place = null;
    this.editing = null;
    this.area = h("textarea", {
      id,
      rows: "1",
      class: "composer-text",
      autocomplete: "off",
      "data-test": thread ? "reply-box" : "message-box",
      "aria-autocomplete": "list",
    });
    this.send = h(
      "button",
      {
        type: "button",
        class: "composer-send",
        "aria-label": "Send",
        title: "Send (Enter)",
        onclick: () => this.submit(),
      },
      icon("send"),
    );
    this.note = h("div", { class: "composer-note", hidden: true });
    this.node = h("div", { class: "composer" }, this.note, h("div", { class: "composer-box" }, this.area, this.send));
    this.list = h("ul", {
      id: freshId("typeahead"),
      role: "listbox",
      class: "options",
      popover: "manual",
      "aria-label": "Suggestions",
    });
    this.area.setAttribute("aria-controls", this.list.id);
    this.area.addEventListener("input", () => {
      this.grow();
      this.suggest();
    });
    this.area.addEventListener("keydown", (event) => this.keys(event));
    this.area.addEventListener("blur", () => this.closeList());
  }

  // A draft stays with its channel or thread.
  moveTo(place, label, closed) {
    if (this.place !== place) {
      if (this.place) this.drafts.set(this.place, this.area.value);
      this.stopEditing();
      if (this.place) this.area.value = this.drafts.get(place) ?? ""; // what was typed before the page was ready stays
      this.place = place;
      this.grow();
    }
    this.area.placeholder = closed ?? label;
    this.area.setAttribute("aria-label", label);
    this.area.disabled = this.send.disabled = Boolean(closed);
  }

  grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, 180)}px`;
    this.node.classList.toggle("filled", Boolean(this.area.value.trim()));
  }

  fill(text) {
    this.area.value = text;
    this.grow();
    this.area.focus();
    this.area.setSelectionRange(text.length, text.length);
  }

  edit(message) {
    this.editing = message.ts;
    this.note.hidden = false;
    this.note.replaceChildren(
      "Editing your message. ",
      h(
        "button",
        {
          type: "button",
          class: "link",
          onclick: () => {
            this.stopEditing();
            this.fill("");
          },
        },
        "Cancel",
      ),
    );
    this.fill(decoded(message.text ?? ""));
  }

  stopEditing() {
    if (!this.editing) return;
    this.editing = null;
    this.note.hidden = true;
  }

  async submit() {
    const text = this.area.value.trim();
    if (!text || this.node.getAttribute("aria-busy")) return;
    const editing = this.editing;
    const where = { as: state.me, channel: state.channel };
    this.closeList();
    this.stopEditing();
    this.fill("");
    this.node.setAttribute("aria-busy", "true");
    try {
      if (editing) await post("/sandbox/slack/edit", { ...where, ts: editing, text: encoded(text) });
      else if (text.startsWith("/") && this.thread)
        throw new Error(`${text.split(" ")[0]} is not supported in threads. Sorry.`);
      else if (text.startsWith("/"))
        this.answered(await post("/sandbox/slack/command", { ...where, text: encoded(text) }));
      else
        await post("/sandbox/slack/say", {
          ...where,
          text: encoded(text),
          thread_ts: this.thread ? state.thread : undefined,
        });
      emit("said", this);
    } catch (error) {
      complain(error);
      if (!this.area.value) this.fill(text);
    } finally {
      this.node.removeAttribute("aria-busy");
    }
    emit("slack");
  }

  // A command that failed is told about by Slackbot, in the channel; one that does not exist only here.
  answered(seen) {
    if (seen.error === "unknown_command") throw new Error(seen.text);
  }

  // What stands before the caret and may be completed: {sign, from, word}.
  word() {
    const before = this.area.value.slice(0, this.area.selectionStart);
    const command = /^(\/)(\S*)$/.exec(before);
    const match = command ?? /(?:^|\s)([@#])([\p{L}\w.-]*)$/u.exec(before);
    return match && { sign: match[1], word: match[2], from: before.length - match[2].length - 1 };
  }

  suggest() {
    const at = this.word();
    if (!at) return this.closeList();
    let options;
    if (at.sign === "/")
      options = state.commands
        .filter((one) => one.command.startsWith(`/${at.word}`))
        .map((one) => ({
          text: one.command,
          note: `${one.usage_hint ?? ""}  ${one.description ?? ""}`.trim(),
          put: one.command,
        }));
    else if (at.sign === "@")
      options = among(people().map((one) => ({ text: one.real_name, note: one.title, put: `@${one.real_name}` })))(
        at.word,
      );
    else
      options = among(
        state.channels
          .filter((one) => one.kind !== "im")
          .map((one) => ({ text: `#${one.name}`, note: one.topic, put: `#${one.name}` })),
      )(at.word);
    if (!options.length) return this.closeList();
    this.options = options.slice(0, 8);
    this.list.replaceChildren(
      ...this.options.map((option, index) => {
        const row = h(
          "li",
          { role: "option", id: `${this.list.id}-${index}` },
          h("span", {}, option.text),
          option.note ? h("small", {}, option.note) : null,
        );
        row.addEventListener("pointerdown", (event) => event.preventDefault());
        row.addEventListener("click", () => this.complete(option));
        return row;
      }),
    );
    if (!this.list.isConnected) {
      document.body.append(this.list);
      this.list.showPopover();
    }
    this.list.style.minWidth = `${Math.min(this.node.offsetWidth, 420)}px`;
    placeBeside(
      {
        getBoundingClientRect: () => {
          const box = this.area.parentNode.getBoundingClientRect();
          return { left: box.left, top: box.top, bottom: innerHeight };
        },
      },
      this.list,
    );
    this.mark(0);
  }

  mark(index) {
    this.at = index;
    [...this.list.children].forEach((row, place) => row.classList.toggle("active", place === index));
    this.area.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  complete(option) {
    const at = this.word();
    const rest = this.area.value.slice(this.area.selectionStart);
    const start = this.area.value.slice(0, at.from) + option.put + " ";
    this.fill(start + rest.replace(/^ /, ""));
    this.area.setSelectionRange(start.length, start.length);
    this.closeList();
  }

  closeList() {
    this.list.remove();
    this.area.removeAttribute("aria-activedescendant");
  }

  keys(event) {
    if (event.isComposing) return;
    const open = this.list.isConnected;
    const count = this.options?.length ?? 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (open && (event.key === "Tab" || event.key === "Enter") && this.wouldChange(this.options[this.at])) {
      event.preventDefault();
      this.complete(this.options[this.at]);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.closeList();
    } else if (event.key === "Escape" && this.editing) {
      event.stopPropagation();
      this.stopEditing();
      this.fill("");
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  // "/red-account" typed to its end is sent by Enter, not completed once more.
  wouldChange(option) {
    const at = this.word();
    return Boolean(at) && this.area.value.slice(at.from, this.area.selectionStart) !== option.put;
  }
}
