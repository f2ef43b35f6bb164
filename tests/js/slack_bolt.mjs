// A foreign client, unmodified, against the Slack stand-in. Ends with 0 when all of it holds.
import assert from "node:assert/strict";
import bolt from "@slack/bolt";

const base = process.env.SANDBOX_URL ?? process.argv[2];
const control = `${base}/sandbox/slack`;

const look = async (path) => (await fetch(`${control}/${path}`)).json();
const act = async (name, body) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${control}/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
  const seen = await answer.json();
  assert.ok(answer.ok, JSON.stringify(seen));
  return seen;
};

// Anybody of the company, and a channel where that person and the app are.
const { users } = await look("state");
const me = users.find((user) => user.kind === "member" && !user.deleted).id;
const { channels } = await look(`state?as=${me}`);
const channel = channels.find((one) => one.is_member && one.bot_is_member && one.kind !== "im" && !one.is_archived).id;

const app = new bolt.App({
  token: "xoxb-sandbox-touchpoint",
  appToken: "xapp-sandbox-touchpoint",
  socketMode: true,
  logLevel: "error",
  clientOptions: { slackApiUrl: `${base}/api/` },
});
const plain = (text) => ({ type: "plain_text", text });
const input = { type: "plain_text_input", action_id: "in" };

app.command("/red-account", async ({ ack, body, client, command }) => {
  assert.equal(command.text, "acme");
  const blocks = [{ type: "input", block_id: "why", label: plain("What happened?"), element: input }];
  const view = { type: "modal", callback_id: "red", title: plain("Red account"), submit: plain("Send"), blocks };
  await client.views.open({ trigger_id: body.trigger_id, view });
  await ack();
});
app.view("red", async ({ ack, view, client }) => {
  const why = view.state.values.why.in.value;
  if (why === "bad") return ack({ response_action: "errors", errors: { why: "Say more." } });
  const button = { type: "button", action_id: "done", value: "1", text: plain("Done") };
  const metadata = { event_type: "card", event_payload: { opaque: "js" } };
  await client.chat.postMessage({ channel, text: why, blocks: [{ type: "actions", elements: [button] }], metadata });
  await ack();
});
app.action("done", async ({ ack, body, client, respond }) => {
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "finished" });
  await respond({ text: "thanks", replace_original: false });
  await ack();
});
const heard = new Promise((resolve) => app.message("hello", async ({ message }) => resolve(message)));

await app.start(); // resolves only after hello
assert.equal((await app.client.auth.test()).team_id, "T0TOUCH");

const opened = await act("command", { as: me, channel, text: "/red-account acme" });
const view_id = opened.view.id;
const mistaken = await act("submit", { as: me, view_id, values: { why: "bad" } });
assert.deepEqual(mistaken.errors, { why: "Say more." });
const sent = await act("submit", { as: me, view_id, values: { why: "sponsor left" } });
assert.equal(sent.view, null);

const { messages } = await app.client.conversations.history({ channel, limit: 1, include_all_metadata: true });
assert.equal(messages[0].text, "sponsor left");
assert.equal(messages[0].metadata.event_payload.opaque, "js");

const pressed = await act("click", { as: me, channel, ts: messages[0].ts, action_id: "done" });
assert.equal(pressed.text, "thanks");
assert.equal((await app.client.conversations.history({ channel, limit: 1 })).messages[0].text, "finished");

await act("say", { as: me, channel, text: "hello from a person" });
assert.equal((await heard).user, me);

await assert.rejects(
  app.client.chat.postMessage({ channel, text: "x", blocks: [{ type: "nonsense" }] }),
  (error) => error.data.error === "invalid_blocks",
);

await app.stop();
process.exit(0);
