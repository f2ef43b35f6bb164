// What a phone would show: one line for each new message that mentions the acting person or is sent to them.

import { get } from "./api.js";
import { channel, emit, personName, state } from "./store.js";
import { pushLine } from "./text.js";
import { toast } from "./toast.js";

let who = null;
let after = null;

export async function refreshPushes() {
  if (!state.me) return;
  const as = state.me;
  const known = who === as ? after : null;
  const answer = await get("/sandbox/pushes", { as, after: known });
  if (as !== state.me) return;
  who = as;
  after = answer.last;
  if (known === null) return;
  for (const one of answer.pushes) {
    const place = channel(one.channel);
    const title = place && place.kind !== "im" ? `${personName(one.from)} in #${place.name}` : personName(one.from);
    toast({
      title,
      text: pushLine(one.text),
      kind: "push",
      act: () => emit("goto", { channel: one.channel, thread: one.thread_ts, ts: one.ts }),
    });
  }
}
