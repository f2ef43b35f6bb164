// The page's beginning: what to show, by whom, and keeping it fresh through the stream of changes.

import { get } from "./api.js";
import { forgetArrivals, refreshArrivals } from "./arrivals.js";
import { buildCalls, draw as drawCalls, forgetCalls, refreshCalls } from "./calls.js";
import { buildChat, refreshChat, refreshThread } from "./chat.js";
import { setNow } from "./clock.js";
import { buildDesk, drawDesk, tabs } from "./desk.js";
import { byId, oneAtATime } from "./dom.js";
import { closeMenu } from "./menu.js";
import { drawViews, modalIsOpen } from "./modal.js";
import { drawActing } from "./people.js";
import { refreshPushes } from "./pushes.js";
import * as salesforce from "./salesforce.js";
import * as sheet from "./sheet.js";
import { drawSidebar } from "./sidebar.js";
import { emit, me, on, remembered, state } from "./store.js";
import * as time from "./time.js";
import { clearPushes, complain } from "./toast.js";
import { drawStatus, recallTheme, tick } from "./top.js";
import { buildTour, refreshTour } from "./tour.js";

// -- where we are: #/channel/thread/message; "-" stands for no thread --------------------------------------------------

function readAddress() {
  const [, first, thread, ts] = location.hash.split("/");
  if (first === "salesforce" || first === "sheet") {
    state.tab = first;
    if (first === "salesforce" && thread) salesforce.show(thread);
    history.replaceState(null, "", state.channel ? `#/${state.channel}` : "#/");
    return;
  }
  state.channel = first || state.channel;
  state.thread = thread && thread !== "-" ? thread : null;
  state.focus = ts || null;
}

function goto(place) {
  const before = state.me;
  if (place.as) actAs(place.as);
  if (place.tab && tabs.includes(place.tab)) {
    state.tab = place.tab;
    remembered.set("tab", place.tab);
    if (matchMedia("(max-width: 1560px)").matches && state.thread && !place.channel) closeThread();
    showPart("desk", !place.channel);
  }
  if (place.account) salesforce.show(place.account);
  if (place.tab === "sheet") sheet.mark(place.row ?? null, place.column ?? 0);
  if (place.channel) {
    const tail = place.ts || place.thread ? `/${place.thread ?? "-"}${place.ts ? `/${place.ts}` : ""}` : "";
    const address = `#/${place.channel}${tail}`;
    if (location.hash === address) readAddress();
    else history.pushState(null, "", address);
    readAddress();
    showPart("chat", true);
    if (state.me === before) drawSidebar();
    // Somebody else sees other channels, so those are asked for first.
    const shown = state.me === before ? refreshChat().then(refreshThread) : refreshPerson();
    shown.then(focusAfterMove).catch(complain);
  }
  drawDesk();
  refreshTab();
  if (place.type) emit("prefill", place.type);
}

function closeThread() {
  state.thread = null;
  history.replaceState(null, "", `#/${state.channel}`);
  refreshThread().catch(complain);
}

// In a narrow window one part shows at a time.
function showPart(part, really) {
  if (!really) return;
  document.body.dataset.view = part;
  for (const button of document.querySelectorAll(".dock button"))
    button.setAttribute("aria-current", String(button.dataset.go === part));
}

function focusAfterMove() {
  const lost = !document.activeElement || document.activeElement === document.body;
  if (lost && !modalIsOpen() && matchMedia("(min-width: 761px)").matches)
    byId(state.thread ? "composer-thread" : "composer-main")?.focus();
}

function actAs(id) {
  if (!state.users.has(id) || id === state.me) return;
  state.me = id;
  remembered.set("as", id);
  const address = new URL(location.href);
  address.searchParams.delete("as");
  history.replaceState(null, "", address);
  closeMenu();
  clearPushes();
  drawViews([]);
  drawActing();
}

function chooseMe() {
  const people = [...state.users.values()].filter((one) => one.kind !== "bot" && !one.deleted);
  const asked = new URL(location.href).searchParams.get("as");
  const byAnyName =
    people.find((one) => asked && [one.id, one.name, one.email, one.real_name].includes(asked)) ??
    people.find((one) => asked && one.real_name.toLowerCase().startsWith(asked.toLowerCase()));
  const before = remembered.get("as");
  state.me =
    byAnyName?.id ??
    (people.some((one) => one.id === before)
      ? before
      : (people.find((one) => /customer engineer/i.test(one.title ?? "")) ?? people[0])?.id) ??
    null;
}

// -- what is fresh --------------------------------------------------------------------------------------------------------

const refreshSlack = oneAtATime(async () => {
  const as = state.me;
  const answer = await get("/sandbox/slack/state", as ? { as } : {});
  state.users = new Map(answer.users.map((one) => [one.id, one]));
  state.bot = answer.bot;
  state.commands = answer.commands ?? [];
  state.shortcuts = answer.shortcuts ?? [];

  if (!me() || me().deleted) {
    chooseMe();
    if (state.me) return refreshSoon();
  }
  if (as !== state.me) return refreshSoon();
  state.channels = answer.channels;
  if (!state.channels.some((one) => one.id === state.channel)) {
    state.channel = (state.channels.find((one) => one.name === "red-accounts") ?? state.channels[0])?.id ?? null;
    state.thread = null;
  }
  drawSidebar();
  drawStatus();
  if (byId("acting").dataset.print !== JSON.stringify(me())) drawActing();
  byId("acting").dataset.print = JSON.stringify(me());
  await refreshPushes();
  const [views] = await Promise.all([
    state.me ? get("/sandbox/slack/views", { as: state.me }) : { views: [] },
    refreshChat(),
    refreshThread(),
  ]);
  if (as === state.me) drawViews(views.views);
});
// After acting as somebody else.
async function refreshPerson() {
  salesforce.refreshSalesforce().catch(complain);
  await refreshSlack();
}
const refreshSoon = () => setTimeout(() => refreshSlack().catch(complain));

const refreshState = oneAtATime(async () => {
  const answer = await get("/sandbox/state");
  setNow(answer.clock.now);
  time.setMoving(answer.clock);
  state.pollSeconds = answer.poll_seconds;
  state.process = answer.bot;
  state.writes = answer.writes;
  state.faults = answer.faults;
  time.drawProcess();
  drawStatus();
});

const REFRESH = {
  slack: refreshSlack,
  salesforce: salesforce.refreshSalesforce,
  sheets: sheet.refreshSheet,
  calls: refreshCalls,
  faults: async () => {
    await Promise.all([refreshState(), time.refreshFaults()]);
  },
  clock: async () => {
    await refreshState();
    await refreshSlack();
  },
  bot: refreshState,
  tour: refreshTour,
  arrivals: refreshArrivals,
};

function refreshTab() {
  if (state.tab === "calls") drawCalls();
  if (state.tab === "sheet") sheet.drawSheet();
  if (state.tab === "salesforce") salesforce.drawPoll();
  if (state.tab === "time") {
    time.drawTime();
    refresh("arrivals");
  }
}

// At once, and then at most once in `milliseconds`, however often it is asked for.
function atMost(milliseconds, work) {
  let timer = null;
  let last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(
      () => {
        timer = null;
        last = Date.now();
        work();
      },
      Math.max(0, last + milliseconds - Date.now()),
    );
  };
}

const refresh = (part) => REFRESH[part]().catch(complain);
const pace = (part) => (["calls", "arrivals"].includes(part) ? 400 : 60);
const soon = Object.fromEntries(Object.keys(REFRESH).map((part) => [part, atMost(pace(part), () => refresh(part))]));
const tourSoon = atMost(700, () => refresh("tour"));

function everything() {
  forgetCalls();
  forgetArrivals();
  for (const part of ["faults", "clock", "salesforce", "sheets", "calls", "tour", "arrivals"]) soon[part]();
}

function listen() {
  const stream = new EventSource("/sandbox/events");
  let lost = false;
  stream.onopen = () => {
    document.body.classList.remove("offline");
    if (lost) everything();
    lost = false;
  };
  stream.onerror = () => {
    lost = true;
    document.body.classList.add("offline");
    drawStatus();
  };
  for (const part of Object.keys(REFRESH)) {
    stream.addEventListener(part, () => {
      soon[part]();
      tourSoon();
      if (state.tab === "time" && ["slack", "clock"].includes(part)) soon.arrivals();
    });
  }
}

// -- beginning -----------------------------------------------------------------------------------------------------------

function build() {
  recallTheme();
  state.tab = tabs.includes(remembered.get("tab")) ? remembered.get("tab") : "try";
  buildChat();
  buildDesk({
    try: buildTour,
    salesforce: salesforce.buildSalesforce,
    sheet: sheet.buildSheet,
    calls: buildCalls,
    time: time.buildTime,
  });
  for (const button of document.querySelectorAll(".dock button"))
    button.addEventListener("click", () => showPart(button.dataset.go, true));
  showPart("chat", true);
  on("goto", goto);
  on("act-as", (id) => {
    state.thread = null;
    if (state.channel) history.replaceState(null, "", `#/${state.channel}`);
    actAs(id);
    refreshPerson().catch(complain);
  });
  for (const part of Object.keys(REFRESH)) on(part, () => refresh(part));
  on("everything", everything);
  addEventListener("hashchange", () => {
    readAddress();
    showPart("chat", true);
    drawDesk();
    refresh("slack").then(focusAfterMove);
  });
  document.addEventListener("visibilitychange", () => !document.hidden && soon.slack());
  document.addEventListener("keydown", (event) => {
    if (
      event.key === "Escape" &&
      !event.defaultPrevented &&
      !modalIsOpen() &&
      state.thread &&
      !event.target.closest?.(".desk")
    ) {
      closeThread();
      byId("composer-main").focus();
    }
  });
  setInterval(() => {
    tick();
    if (state.tab === "time") time.drawTime();
  }, 1000);
}

async function start() {
  build();
  readAddress();
  drawDesk();
  drawStatus();
  await refreshState().catch(complain);
  for (const part of ["slack", "salesforce", "sheets", "calls", "faults", "tour", "arrivals"]) refresh(part);
  listen();
}

start();
