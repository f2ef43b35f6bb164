// Talking to the sandbox. A refusal arrives as an Error whose message is the server's own sentence.

async function answerOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    throw new Error(`The sandbox answered ${response.status} without saying why.`);
  }
  if (!response.ok) throw new Error(body?.error || `The sandbox answered ${response.status}.`);
  return body;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  return answerOf(response);
}

export function get(path, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(given).toString();
  return call(query ? `${path}?${query}` : path);
}

export function post(path, body = {}) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export const remove = (path) => call(path, { method: "DELETE" });
