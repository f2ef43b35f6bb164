// Faces, and the switch that says whom you act as.

import { byId, h } from "./dom.js";
import { clockTime, now } from "./clock.js";
import { icon } from "./icons.js";
import { popUp, closeMenu } from "./menu.js";
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
export const badge = (person) =>
  KIND[person?.kind] && person.id !== "USLACKBOT" ? h("span", { class: "badge" }, KIND[person.kind]) : null;
const place = (tz) => (tz ?? "UTC").split("/").pop().replace(/_/g, " ");

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
  byId("acting").replaceChildren(
    h("span", { class: "acting-label" }, "Acting as"),
    button,
    h(
      "span",
      { class: "acting-zone", title: person.tz },
      place(person.tz),
      " ",
      h("b", { "data-zone-time": person.tz }, clockTime(now(), person.tz)),
    ),
  );
}

function choose(anchor) {
  const search = h("input", {
    type: "text",
    class: "field",
    placeholder: "Find a person",
    "aria-label": "Find a person",
    autocomplete: "off",
  });
  const list = h("div", { class: "people", role: "listbox", "aria-label": "People" });
  const everybody = [...state.users.values()]
    .filter((one) => one.kind !== "bot")
    .map((one) => ({ value: one.id, text: one.real_name, note: one.title ?? "" }));
  let rows = [];
  let at = 0;
  const mark = (next) => {
    at = next;
    rows.forEach((row, index) => row.classList.toggle("active", index === at));
    rows[at]?.scrollIntoView({ block: "nearest" });
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
          role: "option",
          class: "person",
          tabindex: "-1",
          "aria-selected": String(value === state.me),
          "data-user": value,
          disabled: person.deleted,
          onclick: () => take(value),
        },
        face(value, "small"),
        h("span", {}, h("b", {}, person.real_name), badge(person), h("small", {}, person.title || person.email)),
        h(
          "small",
          { class: "person-time" },
          person.deleted ? "has left" : `${place(person.tz)} ${clockTime(now(), person.tz)}`,
        ),
      );
    });
    list.replaceChildren(...rows, ...(rows.length ? [] : [h("p", { class: "quiet" }, "Nobody by that name")]));
    mark(0);
  };
  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(Math.min(at + 1, rows.length - 1));
    else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
    else if (event.key === "Enter") rows[at]?.click();
    else return;
    event.preventDefault();
  });
  draw();
  if (popUp(anchor, [search, list], { className: "people-menu" })) search.focus();
}
