// The control APIs of the two stand-ins, on the page's own origin.

const TELEGRAM = "/telegram/control";
const GATEWAY = "/gateway/control";

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `${response.status} ${response.statusText}`);
  return body;
}

const get = async (url, options) => answer(await fetch(url, options));

async function post(url, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  return answer(await fetch(url, { method: "POST", headers, body: form ? body : JSON.stringify(body) }));
}

export const telegram = {
  state: () => get(`${TELEGRAM}/state`),
  commands: (user, chat) => get(`${TELEGRAM}/commands?${new URLSearchParams({ user, chat })}`),
  messages: (chat, after, signal) => get(`${TELEGRAM}/chats/${chat}/messages?after=${after}&wait=20`, { signal }),
  act: (name, body) => post(`${TELEGRAM}/${name}`, body),
};

export const gateway = {
  state: () => get(`${GATEWAY}/state`),
  handset: (after) => get(`${GATEWAY}/handset?after=${after}`),
  act: (name, body) => post(`${GATEWAY}/${name}`, body),
};

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
