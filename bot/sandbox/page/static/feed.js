// The messages of one chat, kept in step with the stand-in by long polls, and drawn.

import { pause, telegram } from "./api.js";
import { bubble } from "./bubble.js";
import { $, el } from "./dom.js";

export class Feed {
  /** `acts` are a bubble's; `changed` is called after anything was drawn or anything else in the stand-in changed. */
  constructor(acts, changed) {
    this.acts = acts;
    this.changed = changed;
    this.messages = new Map();
    this.atEnd = true;
    this.top = 0;
    $("scroll").addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe($("scroll"));
    $("jump").addEventListener("click", () => this.toEnd(true));
  }

  /** Show another chat, as this person sees it. */
  open(chat, me) {
    this.atEnd = true;
    this.top = 0;
    this.stop?.abort();
    this.stop = new AbortController();
    this.me = me;
    this.#clear();
    this.#follow(chat, this.stop.signal);
  }

  async #follow(chat, signal) {
    let version = 0;
    let epoch = null;
    while (!signal.aborted) {
      try {
        const news = await telegram.messages(chat.id, version, signal);
        if (signal.aborted) return;
        const first = version === 0;
        if (epoch !== null && epoch !== news.epoch) this.#clear();
        ({ version, epoch } = news);
        this.#draw(news.messages, first);
        this.changed(news);
      } catch (error) {
        if (signal.aborted) return;
        this.changed({ lost: error, messages: [] });
        await pause(1500);
      }
    }
  }

  #clear() {
    this.messages.clear();
    $("messages").replaceChildren();
    $("jump").hidden = true;
  }

  #draw(messages, first) {
    const follow = first || this.atEnd;
    for (const message of messages) this.#put(message);
    $("messages").setAttribute("aria-busy", "false");
    if (follow || messages.some((message) => message.from?.id === this.me.id && !message.edit_date)) this.toEnd();
    else if (messages.some((message) => !message.edit_date && !message.deleted)) $("jump").hidden = false;
  }

  #put(message) {
    const old = $("messages").querySelector(`[data-id="${Number(message.message_id)}"]`);
    if (message.deleted) {
      this.messages.delete(message.message_id);
      old?.remove();
      return;
    }
    this.messages.set(message.message_id, message);
    const node = bubble(message, this.me, this.acts);
    if (old) this.#replace(old, node);
    else this.#append(message, node);
  }

  /** An edited message stands where it stood, and does not come up like a new one. */
  #replace(old, node) {
    node.classList.add("still");
    node.classList.toggle("joined", old.classList.contains("joined"));
    node.dataset.from = old.dataset.from;
    old.replaceWith(node);
  }

  #append(message, node) {
    const day = new Date(message.date * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
    const list = $("messages");
    if (list.dataset.day !== day || !list.children.length) list.append(el("p", { class: "day" }, day));
    list.dataset.day = day;
    const previous = list.lastElementChild;
    if (previous?.dataset.from === String(message.from?.id) && previous.className.includes("message")) previous.classList.add("joined");
    node.dataset.from = String(message.from?.id);
    list.append(node);
  }

  #scrolled() {
    const box = $("scroll");
    // Only a scroll upwards is somebody's: the box also scrolls, or shrinks, when things appear under it.
    const up = box.scrollTop < this.top;
    this.top = box.scrollTop;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) this.atEnd = true;
    else if (up) this.atEnd = false;
    if (this.atEnd) $("jump").hidden = true;
  }

  toEnd(smooth = false) {
    const box = $("scroll");
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    $("jump").hidden = true;
  }

  /** The keyboard that the bot's last word on it left, or null. */
  keyboard() {
    for (const message of [...this.messages.values()].reverse()) {
      if (message.keyboard) return message.keyboard.remove_keyboard ? null : message.keyboard;
    }
    return null;
  }

  /** The last text that this person wrote, for the arrow-up key. */
  lastOwn() {
    return [...this.messages.values()].reverse().find((message) => message.from?.id === this.me.id && message.text);
  }
}
