// Who writes and where: the two choosers, the head of the chat, and the switches that make Telegram fail.

import { telegram } from "./api.js";
import { $, avatar, el, paintAvatar, redraw } from "./dom.js";
import { complain } from "./notes.js";

const ROLES = { creator: "owner", administrator: "admin", member: "stranger" };
const LANGUAGES = { ru: "Русский", tg: "Тоҷикӣ", en: "English" };
const FAULTS = {
  429: "429 Too Many Requests", 500: "500 Internal Server Error", blocked: "403 blocked by the user",
  reset: "connection reset, nothing done", drop: "done, but the answer is lost",
};

export class Side {
  /** `move` is called with a person and a chat when another one is chosen. */
  constructor(move) {
    this.move = move;
    this.seen = new Map();
    for (const [value, label] of Object.entries(FAULTS)) $("telegram-fault").append(el("option", { value }, label));
    $("telegram-set").addEventListener("click", () => this.#fault({ mode: $("telegram-fault").value, times: Number($("telegram-times").value), retry_after: 5 }));
    $("telegram-clear").addEventListener("click", () => this.#fault({ mode: "none" }));
    $("telegram-limits").addEventListener("change", (event) => telegram.act("limits", { on: event.target.checked }).catch(complain));
    $("telegram-block").addEventListener("change", (event) => telegram.act("block", { user: this.person.id, blocked: event.target.checked }).catch(complain));
    $("telegram-deleted").addEventListener("change", (event) => telegram.act("deactivate", { user: this.person.id, deactivated: event.target.checked }).catch(complain));
    arrows($("people"));
    arrows($("chats"));
  }

  async #fault(body) {
    await telegram.act("faults", body).catch(complain);
    this.draw(await telegram.state());
  }

  /** The chats that a person sees: their own, and the group. */
  chatsOf(person) {
    return [this.state.chats.find((chat) => chat.id === person.id), this.state.chats.find((chat) => chat.type === "supergroup")];
  }

  draw(state, person = this.person, chat = this.chat) {
    Object.assign(this, { state, person: state.people.find((one) => one.id === person.id), chat: state.chats.find((one) => one.id === chat.id) });
    this.seen.set(`${this.person.id}/${this.chat.id}`, this.chat.last_message_id);
    const chats = this.chatsOf(this.person);
    const unread = [state.people.map((one) => this.#unreadOf(one)), chats.map((one) => this.#unread(this.person, one))];
    redraw($("people"), [state.people, this.person.id, this.chat.id, unread], () => state.people.map((one) => this.#person(one)));
    redraw($("chats"), [this.person.id, this.chat.id, unread], () => chats.map((one) => this.#chat(one)));
    this.#switches(state.switches);
  }

  #person(person) {
    const unread = this.#unreadOf(person);
    return option(person.id === this.person.id, `person-${person.key}`, avatar(person.first_name, person.id),
      el("span", { class: "who" }, el("strong", {}, person.first_name), el("small", {}, `${ROLES[person.status]} · ${LANGUAGES[person.language_code] || person.language_code}`)),
      unread > 0 && person.id !== this.person.id && el("b", { class: "badge" }, unread), () => this.#go(person, this.chat.type === "private" ? this.chatsOf(person)[0] : this.chat));
  }

  #chat(chat) {
    const own = chat.type === "private";
    const name = own ? this.state.me.first_name : chat.title;
    const unread = chat.id === this.chat.id ? 0 : this.#unread(this.person, chat);
    return option(chat.id === this.chat.id, own ? "chat-private" : "chat-group", avatar(name, own ? this.state.me.id : chat.id),
      el("span", { class: "who" }, el("strong", {}, name), el("small", {}, own ? "private chat" : "group")),
      unread > 0 && el("b", { class: "badge" }, unread), () => this.#go(this.person, chat));
  }

  #unreadOf(person) {
    return this.chatsOf(person).reduce((sum, chat) => sum + this.#unread(person, chat), 0);
  }

  #unread(person, chat) {
    const key = `${person.id}/${chat.id}`;
    if (!this.seen.has(key)) this.seen.set(key, chat.last_message_id);
    if (chat.last_message_id < this.seen.get(key)) this.seen.set(key, 0);
    return chat.last_message_id - this.seen.get(key);
  }

  #go(person, chat) {
    this.move(person, chat);
  }

  #switches({ faults, flood_limits: limits }) {
    $("telegram-limits").checked = limits;
    $("telegram-block").checked = this.person.blocked;
    $("telegram-deleted").checked = this.person.deactivated;
    for (const id of ["block-name", "deleted-name"]) $(id).textContent = this.person.first_name;
    $("telegram-now").textContent = faults.map((fault) => `${fault.mode} × ${fault.times}${fault.method ? ` (${fault.method})` : ""}`).join(", ");
  }

  /** The head of the chat; `action` is what the bot says that it is doing. */
  head(action) {
    const own = this.chat.type === "private";
    const name = own ? this.state.me.first_name : this.chat.title;
    paintAvatar($("chat-avatar"), name, own ? this.state.me.id : this.chat.id);
    $("chat-title").textContent = name;
    const quiet = own ? "bot" : `${this.state.people.length + 1} members`;
    $("chat-status").textContent = action ? `${action.replaceAll("_", " ").replace("upload", "sending a")}…` : quiet;
    $("chat-status").classList.toggle("busy", Boolean(action));
  }
}

function option(checked, testid, picture, words, badge, act) {
  return el("button", { type: "button", role: "radio", class: "option", "aria-checked": String(checked), tabindex: checked ? 0 : -1, "data-testid": testid, onclick: act }, picture, words, badge);
}

/** Arrow keys move in a group of radio buttons. */
function arrows(list) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const options = [...list.children];
    const next = options[(options.indexOf(document.activeElement) + step + options.length) % options.length];
    next.focus();
    next.click();
  });
}
