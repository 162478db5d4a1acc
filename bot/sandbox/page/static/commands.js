// The "/" menu: the commands that the bot has set for this person in this chat.

import { telegram } from "./api.js";
import { $, el } from "./dom.js";

export class Commands {
  /** `choose` sends a command; `complete` only writes it, so that something can follow. */
  constructor(choose, complete) {
    this.choose = choose;
    this.complete = complete;
    this.all = [];
    this.shown = [];
    this.at = 0;
    $("menu").addEventListener("click", () => (this.open ? this.hide() : this.show("")));
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#menu, #commands, #text")) this.hide();
    });
  }

  get open() {
    return !$("commands").hidden;
  }

  /** Ask for them again; whether they are others than before. */
  async load(person, chat) {
    const asked = (this.asked = Symbol("asked"));
    const { commands } = await telegram.commands(person.id, chat.id);
    if (asked !== this.asked) return false; // a later question, perhaps for somebody else, is under way
    const changed = JSON.stringify(commands) !== JSON.stringify(this.all);
    this.all = commands;
    $("menu").hidden = commands.length === 0;
    return changed;
  }

  /** Show the commands that begin with this. */
  show(prefix) {
    this.shown = this.all.filter(({ command }) => command.startsWith(prefix));
    this.at = 0;
    $("commands").hidden = this.shown.length === 0;
    $("menu").setAttribute("aria-expanded", String(this.open));
    this.#draw();
  }

  hide() {
    $("commands").hidden = true;
    $("menu").setAttribute("aria-expanded", "false");
  }

  /** Keys of the input field while the menu is open; whether the key was meant for it. */
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.#draw();
    } else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab") this.complete(this.shown[this.at].command);
    else if (event.key === "Enter" && !event.shiftKey) this.#pick(this.shown[this.at]);
    else return false;
    return true;
  }

  #pick({ command }) {
    this.hide();
    this.choose(command);
  }

  #draw() {
    $("commands").replaceChildren(...this.shown.map((item, index) => el("li", {
      role: "option", "aria-selected": String(index === this.at), "data-testid": `command-${item.command}`,
      onclick: () => this.#pick(item),
    }, el("strong", {}, `/${item.command}`), el("span", {}, item.description))));
    $("commands").children[this.at]?.scrollIntoView({ block: "nearest" });
  }
}
