// Faces, and the switch that says whom you act as.

import { byId, h } from "./dom.js";
import { clockTime, now, placeOf } from "./clock.js";
import { icon } from "./icons.js";
import { popUp, closeMenu } from "./menu.js";
import { profileOf } from "./profile.js";
import { among } from "./select.js";
import { emit, me, personName, state, user } from "./store.js";

const HUES = [12, 38, 92, 160, 188, 214, 262, 292, 330];

export function face(id, size = "") {
  if (id === state.bot.user_id) return h("img", { class: `face ${size}`, src: "/static/icon.svg", alt: "" });
  const name = personName(id);
  const hue = HUES[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % HUES.length];
  const letters = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return h("span", { class: `face ${size}`, style: `--hue:${hue}`, "aria-hidden": "true" }, letters);
}

const KIND = { guest: "guest", external: "from another company", bot: "bot" };
export const kindOf = (person) => KIND[person?.kind] ?? "";
export const badge = (person) =>
  kindOf(person) && person.id !== "USLACKBOT" ? h("span", { class: "badge" }, kindOf(person)) : null;

export function drawActing() {
  const person = me();
  if (!person) return;
  const button = h(
    "button",
    {
      type: "button",
      class: "acting-button",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      "aria-label": `Acting as ${person.real_name}, change`,
      "data-test": "act-as",
      onclick: () => choose(button),
    },
    face(person.id, "small"),
    h(
      "span",
      { class: "acting-text" },
      h("b", {}, person.real_name),
      h("small", {}, [person.title, badge(person) ? KIND[person.kind] : null].filter(Boolean).join(" · ")),
    ),
    icon("down"),
  );
  const focused = byId("acting").contains(document.activeElement);
  byId("acting").replaceChildren(
    h("span", { class: "acting-label" }, "Acting as"),
    button,
    h(
      "span",
      { class: "acting-zone", title: person.tz },
      placeOf(person.tz),
      " ",
      h("b", { "data-zone-time": person.tz }, clockTime(now(), person.tz)),
    ),
  );
  if (focused) button.focus({ preventScroll: true });
}

function choose(anchor) {
  const search = h("input", {
    type: "text",
    class: "field",
    placeholder: "Find a person",
    "aria-label": "Find a person",
    autocomplete: "off",
  });
  const list = h("div", { class: "people", role: "group", "aria-label": "People" });
  const everybody = [...state.users.values()]
    .filter((one) => one.kind !== "bot")
    .map((one) => ({ value: one.id, text: one.real_name, note: one.title ?? "" }));
  let rows = [];
  let at = 0;
  const mark = (next) => {
    at = next;
    rows.forEach((row, index) => {
      row.classList.toggle("active", index === at);
      row.nextElementSibling.tabIndex = index === at ? 0 : -1;
    });
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  const everything = h("div", {}, search, list);
  const change = (id) => {
    const profile = profileOf(user(id), {
      close: closeMenu,
      back: () => {
        profile.replaceWith(everything);
        draw();
        mark(Math.max(0, rows.findIndex((row) => row.dataset.user === id)));
        search.focus();
      },
    });
    everything.replaceWith(profile);
    (profile.querySelector('[aria-checked="true"]') ?? profile.querySelector(".menu-item")).focus();
  };
  const take = (id) => {
    closeMenu();
    emit("act-as", id);
  };
  const draw = () => {
    rows = among(everybody)(search.value).map(({ value }) => {
      const person = user(value);
      return h(
        "button",
        {
          type: "button",
          class: "person",
          tabindex: "-1",
          "aria-current": value === state.me ? "true" : null,
          "data-user": value,
          disabled: person.deleted,
          onclick: () => take(value),
        },
        face(value, "small"),
        h("span", {}, h("b", {}, person.real_name), badge(person), h("small", {}, person.title || person.email)),
        h(
          "small",
          { class: "person-time" },
          person.deleted ? "deactivated" : `${placeOf(person.tz)} ${clockTime(now(), person.tz)}`,
        ),
      );
    });
    const lines = rows.map((row) =>
      h(
        "div",
        { class: "person-line" },
        row,
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": `Change ${personName(row.dataset.user)}`,
            title: "Time zone, account",
            onclick: () => change(row.dataset.user),
          },
          icon("more"),
        ),
      ),
    );
    list.replaceChildren(...lines, ...(rows.length ? [] : [h("p", { class: "quiet" }, "Nobody by that name")]));
    mark(0);
  };
  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(Math.min(at + 1, rows.length - 1));
    else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
    else if (event.key === "Enter") rows[at]?.click();
    else if (event.key === "ArrowRight" && !search.value && rows[at]) change(rows[at].dataset.user);
    else return;
    event.preventDefault();
  });
  draw();
  if (popUp(anchor, everything, { className: "people-menu" })) search.focus();
}
