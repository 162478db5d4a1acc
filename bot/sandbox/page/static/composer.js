// Writing: text, file with a caption, contact, reply, edit, the bot's reply keyboard.

import { telegram } from "./api.js";
import { gist, nameOf } from "./bubble.js";
import { Commands } from "./commands.js";
import { $, el, redraw, size } from "./dom.js";
import { complain } from "./notes.js";
import { selectedWords } from "./quote.js";

/** What is replied to, as the control API takes it. */
const answered = (target) => (target ? { reply_to: target.message.message_id, quote: target.quote } : {});

export class Composer {
  /** `where` gives the person and the chat; `feed` the messages. */
  constructor(where, feed) {
    this.where = where;
    this.feed = feed;
    this.commands = new Commands((command) => this.#command(command), (command) => this.#write(`/${command} `));
    this.keysHidden = false;
    this.#listen();
  }

  #listen() {
    const text = $("text");
    text.addEventListener("keydown", (event) => this.#key(event));
    text.addEventListener("input", () => this.#typed());
    $("send").addEventListener("click", () => this.send());
    $("start").addEventListener("click", () => this.say("/start"));
    $("attach").addEventListener("click", () => $("file").click());
    $("file").addEventListener("change", () => this.#attach($("file").files[0]));
    $("file-cancel").addEventListener("click", () => this.#attach(null));
    $("reply-cancel").addEventListener("click", () => this.#target(null));
    $("contact").addEventListener("click", () => this.#askContact());
    $("contact-dialog").addEventListener("close", () => this.#contactChosen());
    $("keys").addEventListener("click", () => {
      this.keysHidden = !this.keysHidden;
      this.drawKeyboard();
    });
    const main = text.closest("main");
    main.addEventListener("dragover", (event) => event.preventDefault());
    main.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.#attach(event.dataTransfer.files[0]);
    });
  }

  /** Another chat or person: nothing half-written is carried over. */
  async open() {
    const { person, chat } = this.where();
    this.#empty();
    $("anonymous-label").hidden = chat.type === "private" || person.status === "member";
    $("anonymous").checked = false;
    await this.refresh();
  }

  /** The bot may have set other commands: an open menu shows them. */
  async refresh() {
    const { person, chat } = this.where();
    const changed = await this.commands.load(person, chat).catch(() => false);
    if (changed) this.#typed();
  }

  /** Reply to a message, or to what is selected of it. */
  reply(message) {
    const quote = selectedWords(message);
    getSelection().removeAllRanges();
    this.#target({ message, edit: false, quote });
  }

  edit(message) {
    this.#target({ message, edit: true });
    this.#write(message.text);
  }

  #write(text) {
    $("text").value = text;
    this.#typed();
  }

  #command(command) {
    this.#write("");
    this.say(`/${command}`);
  }

  say(text) {
    const { target } = this;
    this.#target(null);
    return this.#do("send", { text, ...answered(target) });
  }

  /** The field is free at once for what is written next. What could not be sent comes back, if nothing has been. */
  async send() {
    const { file, target } = this;
    const text = $("text").value;
    if (!file && !text.trim()) return;
    const { chat } = this.where();
    this.#empty();
    if (await this.#sent(text, file, target)) return;
    if (this.where().chat.id !== chat.id || $("text").value || this.file || this.target) return;
    this.#attach(file);
    this.#target(target);
    this.#write(text);
  }

  #empty() {
    this.#target(null);
    this.#attach(null);
    this.#write("");
  }

  #sent(text, file, target) {
    if (file) return this.#sendFile(text, file, target);
    if (target?.edit) return this.#do("edit", { text, message_id: target.message.message_id });
    return this.#do("send", { text, ...answered(target) });
  }

  async #sendFile(caption, file, target) {
    const { person, chat } = this.where();
    const form = new FormData();
    form.append("user", person.id);
    form.append("chat", chat.id);
    form.append("caption", caption);
    for (const [name, value] of Object.entries(answered(target))) if (value) form.append(name, value);
    if ($("anonymous").checked) form.append("anonymous", "true");
    form.append("file", file, file.name);
    return telegram.act("document", form).then(() => true, complain);
  }

  /** True once it is done; what went wrong is told, and gives nothing. */
  async #do(act, body) {
    const { person, chat } = this.where();
    const anonymous = $("anonymous").checked || undefined;
    return telegram.act(act, { user: person.id, chat: chat.id, anonymous, ...body }).then(() => true, complain);
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.commands.key(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      this.#target(null);
      this.#attach(null);
    } else if (event.key === "ArrowUp" && !$("text").value && this.feed.lastOwn()) {
      event.preventDefault();
      this.edit(this.feed.lastOwn());
    }
  }

  #typed() {
    const text = $("text");
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
    const command = text.value.match(/^\/([a-z0-9_]*)$/);
    if (command) this.commands.show(command[1]);
    else this.commands.hide();
  }

  #attach(file) {
    this.file = file || null;
    if (!file) $("file").value = "";
    $("file-bar").hidden = !file;
    $("file-name").textContent = file ? file.name : "";
    $("file-size").textContent = file ? size(file.size) : "";
    $("text").placeholder = file ? "Caption" : "Message";
    if (file) $("text").focus();
  }

  #target(target) {
    if (this.target?.edit) this.#write("");
    this.target = target;
    $("reply-bar").hidden = !target;
    $("reply-name").textContent = target ? (target.edit ? "Edit message" : nameOf(target.message)) : "";
    $("reply-text").textContent = target ? target.quote || gist(target.message) : "";
    if (target) $("text").focus();
  }

  #askContact() {
    const { person } = this.where();
    $("contact-phone").value = `99290000${String(person.id).slice(-4)}`;
    $("contact-name").value = person.first_name;
    $("contact-dialog").returnValue = "";
    $("contact-dialog").showModal();
  }

  #contactChosen() {
    if ($("contact-dialog").returnValue !== "share") return;
    this.#do("contact", { phone_number: $("contact-phone").value, first_name: $("contact-name").value });
  }

  /** The bot's reply keyboard under the input field; it can be folded away. */
  drawKeyboard() {
    const keyboard = this.feed.keyboard();
    const rows = keyboard?.keyboard || [];
    $("keys").hidden = rows.length === 0;
    $("keys").setAttribute("aria-expanded", String(!this.keysHidden));
    $("keyboard").hidden = rows.length === 0 || this.keysHidden;
    redraw($("keyboard"), rows, () => rows.map((row) => el("div", { class: "buttons-row" }, ...row.map((button) => this.#replyKey(button)))));
    if (!this.file) $("text").placeholder = keyboard?.input_field_placeholder || "Message";
  }

  #replyKey(button) {
    const act = () => (button.request_contact ? this.#askContact() : this.say(button.text));
    return el("button", { type: "button", class: `key ${button.style || ""}`, onclick: act }, button.text);
  }
}
