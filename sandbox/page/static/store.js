// What the page knows, and who wants to hear when it changes.

export const state = {
  me: null, // the acting person's Slack id
  users: new Map(),
  channels: [],
  bot: { user_id: null, name: "Touchpoint", connections: 0 },
  commands: [],
  shortcuts: [],
  channel: null, // the open channel's id
  thread: null, // the open thread's ts
  focus: null, // the ts of a message to show
  tab: "try",
  process: { running: null, pid: null },
  pollSeconds: 3,
  faults: [],
  writes: {},
};

const listeners = new Map();

export function on(part, listener) {
  if (!listeners.has(part)) listeners.set(part, []);
  listeners.get(part).push(listener);
}

export function emit(part, detail) {
  for (const listener of listeners.get(part) ?? []) listener(detail);
}

export const me = () => state.users.get(state.me) ?? null;
export const user = (id) => state.users.get(id) ?? null;
export const channel = (id) => state.channels.find((one) => one.id === id) ?? null;
export const personName = (id) => {
  const person = user(id);
  if (id === state.bot.user_id) return state.bot.name;
  if (id === "USLACKBOT") return "Slackbot";
  return person ? person.real_name || person.name : id;
};
export const firstName = (id) => personName(id).split(" ")[0];

// What a person remembers between visits.
export const remembered = {
  get(name) {
    try {
      return localStorage.getItem(`touchpoint.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`touchpoint.${name}`, value);
    } catch {
      // a browser without storage forgets; nothing else depends on it
    }
  },
};
