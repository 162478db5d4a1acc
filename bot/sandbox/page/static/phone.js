// The phone that the SMS arrive at, by number; newest first, as notifications stand.

import { gateway, pause } from "./api.js";
import { $, avatar, el } from "./dom.js";

const EVERY = 1000; // milliseconds

export class Phone {
  constructor() {
    this.sms = [];
    this.only = null;
    this.unseen = 0;
    this.#tick();
  }

  /** Look for new SMS for as long as the page is open. */
  async follow() {
    for (;;) {
      try {
        await this.#look();
      } catch {
        /* the gateway's panel says that it is not here */
      }
      await pause(EVERY);
    }
  }

  /** The last SMS is gone from the gateway: it was reset. */
  #clear() {
    this.sms = [];
    this.only = null;
    this.unseen = 0;
    this.#draw();
    this.#badge();
  }

  seen() {
    this.unseen = 0;
    this.#badge();
  }

  async #look() {
    const first = !this.drawn;
    const last = this.sms.at(-1);
    const { sms } = await gateway.handset(last ? last.id - 1 : 0);
    if (last && sms.shift()?.id !== last.id) return this.#clear();
    if (sms.length === 0 && !first) return;
    this.sms.push(...sms);
    if (!first && document.body.dataset.tab !== "phone") this.unseen += sms.length;
    this.drawn = true;
    this.#draw(first ? [] : sms.map(({ id }) => id));
    this.#badge();
  }

  #badge() {
    $("sms-badge").hidden = this.unseen === 0;
    $("sms-badge").textContent = this.unseen;
  }

  #draw(fresh = []) {
    const numbers = [...new Set(this.sms.map(({ phone }) => phone))];
    const chips = numbers.length > 1 ? [this.#chip(null), ...numbers.map((phone) => this.#chip(phone))] : [];
    $("numbers").replaceChildren(...chips);
    const shown = this.sms.filter(({ phone }) => this.only === null || phone === this.only).reverse();
    $("sms-list").replaceChildren(...shown.slice(0, 200).map((sms) => note(sms, fresh.includes(sms.id))));
    if (shown.length === 0) $("sms-list").append(el("p", { class: "none" }, "No SMS yet. What the bot sends arrives here."));
    $("sms-list").scrollTop = 0;
  }

  #chip(phone) {
    const act = () => {
      this.only = phone;
      this.#draw();
    };
    return el("button", { type: "button", class: "chip", "aria-pressed": String(this.only === phone), onclick: act }, phone ? spaced(phone) : "All");
  }

  #tick() {
    $("clock").textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    setTimeout(() => this.#tick(), 5000);
  }
}

function note(sms, fresh) {
  return el("article", { class: `sms ${fresh ? "fresh" : ""}`, "data-testid": "sms", "data-phone": sms.phone, "data-id": sms.id },
    avatar(sms.from, sms.from.length),
    el("div", { class: "sms-body" },
      el("p", { class: "sms-head" }, el("strong", {}, sms.from), sms.channel === "telegram" && el("span", { class: "tag" }, "Telegram"), el("time", {}, clock(sms.at))),
      el("p", { class: "sms-text", dir: "auto" }, sms.text),
      el("p", { class: "sms-to" }, spaced(sms.phone))));
}

const spaced = (phone) => `+${phone}`.replace(/^\+992(\d\d)(\d{3})(\d\d)(\d\d)$/, "+992 $1 $2 $3 $4");

/** "HH:MM" from seconds, or from a date in words. */
function clock(at) {
  const moment = typeof at === "number" ? new Date(at * 1000) : new Date(String(at).replace(" ", "T"));
  return Number.isNaN(moment.getTime()) ? String(at) : moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
