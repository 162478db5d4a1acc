// One message as it stands in the chat: who, quote, picture or file, text, buttons.

import { avatar, el, icon, size, time, tint } from "./dom.js";
import { render } from "./entities.js";
import { copy } from "./notes.js";
import { view } from "./viewer.js";

/** `me` is the person who looks; `acts` has reply, edit, press and command. */
export function bubble(message, me, acts) {
  const mine = message.from?.id === me.id;
  const group = message.chat.type !== "private";
  const body = el("div", { class: "bubble" },
    group && !mine && author(message),
    message.forward_origin && el("p", { class: "forwarded" }, `Forwarded from ${message.forward_origin.sender_user_name || "somebody"}`),
    message.reply_to_message && quote(message),
    message.photo && picture(message.photo),
    message.document && file(message.document),
    message.contact && contactCard(message.contact),
    words(message, acts));
  body.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, code, [role=button]") && getSelection().isCollapsed) acts.reply(message);
  });
  return el("article", { class: `message ${mine ? "out" : "in"}`, "data-testid": `message-${message.message_id}`, "data-id": message.message_id, "aria-label": `${nameOf(message)}, ${time(message.date)}` },
    group && !mine && avatar(nameOf(message), whoseId(message)),
    el("div", { class: "stack" },
      el("div", { class: "bubble-line" }, body, tools(message, mine, acts)),
      message.buttons.length > 0 && keyboard(message, acts)));
}

export const nameOf = (message) =>
  message.sender_chat?.title || message.from?.first_name || message.chat.title || "";

const whoseId = (message) => (message.sender_chat || message.from || message.chat).id;

/** What a message says in one line, for quotes. */
export function gist(message) {
  const words = message.text || message.caption || message.content || "";
  if (message.photo) return words || "Photo";
  if (message.document) return words || message.document.file_name;
  return message.contact ? `Contact: ${message.contact.first_name}` : words;
}

function author(message) {
  const name = tint(el("p", { class: "author" }, nameOf(message)), whoseId(message));
  if (message.from_bot) name.append(el("small", {}, "bot"));
  else if (message.sender_chat) name.append(el("small", {}, "admin"));
  return name;
}

function words(message, acts) {
  const edited = message.edit_date && message.buttons.length === 0;
  const stamp = el("span", { class: "stamp" }, edited && el("span", {}, "edited "), el("time", { datetime: new Date(message.date * 1000).toISOString() }, time(message.date)));
  return el("div", { class: message.photo && !message.content ? "text bare" : "text", dir: "auto", "data-testid": "text" }, ...render(message.content, message.content_entities, acts.command), stamp);
}

function quote({ reply_to_message: answered, quote: words }) {
  return el("div", { class: words ? "quote words" : "quote" }, el("strong", {}, nameOf(answered)), el("span", {}, words?.text || gist(answered)));
}

function picture(photo) {
  const image = el("img", { src: photo.url, alt: "Photo", width: photo.width, height: photo.height, loading: "lazy" });
  return el("button", { type: "button", class: "picture", "data-testid": "picture", onclick: () => view(photo) }, image);
}

function file(document) {
  return el("a", { class: "file", href: document.url, download: document.file_name, "data-testid": "document" },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-words" }, el("strong", {}, document.file_name), el("small", {}, size(document.file_size))));
}

function contactCard(contact) {
  return el("div", { class: "contact" }, avatar(contact.first_name, contact.phone_number.length),
    el("span", { class: "file-words" }, el("strong", {}, contact.first_name), el("small", {}, contact.phone_number)));
}

function tools(message, mine, acts) {
  const tool = (name, label, act) =>
    el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: act, onmousedown: keepSelection }, icon(name));
  return el("div", { class: "tools" },
    tool("reply", "Reply", () => acts.reply(message)),
    mine && message.text && tool("edit", "Edit", () => acts.edit(message)));
}

/** What is selected in the message is what a reply quotes. */
const keepSelection = (event) => event.preventDefault();

function keyboard(message, acts) {
  const rows = message.buttons.map((row) => el("div", { class: "buttons-row" }, ...row.map((button) => inlineButton(message, button, acts))));
  return el("div", { class: "buttons", role: "group", "aria-label": "Buttons" }, ...rows);
}

function inlineButton(message, button, acts) {
  const style = { class: `key ${button.style || ""}`, "data-testid": "inline-button" };
  if (button.url) return urlButton(button, style);
  const element = el("button", { type: "button", ...style }, el("span", {}, button.text));
  if (button.copy_text) {
    element.append(icon("copy"));
    element.addEventListener("click", () => copy(button.copy_text.text));
  } else if (button.callback_data) {
    element.addEventListener("click", () => acts.press(message, button, element));
  } else {
    element.disabled = true;
  }
  return element;
}

function urlButton(button, style) {
  const safe = /^(https?|tg):/i.test(button.url);
  return el("a", { ...style, href: safe ? button.url : undefined, target: "_blank", rel: "noopener noreferrer", title: button.url }, el("span", {}, button.text), icon("link"));
}
