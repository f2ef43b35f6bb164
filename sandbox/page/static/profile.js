// What an administrator can change of a person: the time zone in their profile, and whether their account is active.

import { clockTime, now, placeOf } from "./clock.js";
import { arrowKeys, freshId, h } from "./dom.js";
import { post } from "./api.js";
import { icon } from "./icons.js";
import { emit, firstName } from "./store.js";
import { complain, toast } from "./toast.js";

const ZONES = [
  "America/New_York",
  "America/Los_Angeles",
  "Europe/London",
  "Europe/Berlin",
  "Asia/Dubai",
  "Asia/Singapore",
  "Asia/Tokyo",
  "Australia/Sydney",
];

// `back` shows the list of people again, `close` ends it all.
export function profileOf(person, { back, close }) {
  const name = firstName(person.id);
  const heading = freshId("profile");
  const change = async (body, told) => {
    close();
    try {
      await post("/sandbox/slack/admin", { user: person.id, ...body });
      toast({ text: `${told} Slack has told the app.` });
    } catch (error) {
      complain(error);
    }
    emit("slack");
  };
  const zones = (ZONES.includes(person.tz) ? ZONES : [person.tz, ...ZONES]).map((tz) => {
    const here = tz === person.tz;
    return h(
      "button",
      {
        type: "button",
        role: "radio",
        class: "menu-item zone",
        "aria-checked": String(here),
        "data-zone": tz,
        onclick: () => (here ? close() : change({ do: "change_user", tz }, `${name} is in ${placeOf(tz)} now.`)),
      },
      h("span", {}, placeOf(tz), here ? h("small", {}, " now") : null),
      h("small", { "data-zone-time": tz }, clockTime(now(), tz)),
    );
  });
  const list = h("div", { role: "radiogroup", "aria-labelledby": heading }, zones);
  arrowKeys(list, "[role=radio]");
  const active = person.deleted
    ? ["Reactivate the account", { do: "reactivate" }, `${name}'s account is active again.`]
    : ["Deactivate the account", { do: "deactivate" }, `${name}'s account is deactivated.`];
  return h(
    "div",
    { class: "profile", "data-test": "profile" },
    h(
      "div",
      { class: "profile-head" },
      h("button", { type: "button", class: "icon-button", "aria-label": "All people", onclick: back }, icon("back")),
      h("b", {}, person.real_name),
    ),
    person.deleted ? null : [h("p", { class: "hint", id: heading }, `${name} is now in`), list],
    h("hr"),
    h(
      "button",
      {
        type: "button",
        class: person.deleted ? "menu-item" : "menu-item danger",
        onclick: () => change(active[1], active[2]),
      },
      active[0],
    ),
  );
}
