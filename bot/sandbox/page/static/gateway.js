// The gateway's panel: balance, account, faults, magic numbers.

import { gateway, pause } from "./api.js";
import { $, el } from "./dom.js";
import { complain, copy } from "./notes.js";

const EVERY = 2000; // milliseconds

export class GatewayPanel {
  constructor() {
    $("balance-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const balance = $("balance-input").value.trim().replace(",", ".");
      if (balance) this.#set("balance", { balance }).then(() => ($("balance-input").value = ""));
    });
    for (const name of ["active", "whitelisted"]) {
      $(name).addEventListener("change", () => this.#set("account", { active: $("active").checked, whitelisted: $("whitelisted").checked }));
    }
    $("fault-set").addEventListener("click", () => this.#set("faults", { mode: $("fault").value, times: Number($("fault-times").value) || null }));
    $("fault-clear").addEventListener("click", () => this.#set("faults", { mode: "none" }));
  }

  async follow() {
    for (;;) {
      await this.#look();
      await pause(EVERY);
    }
  }

  async #look() {
    try {
      this.#draw(await gateway.state());
      $("gateway-error").hidden = true;
    } catch {
      $("gateway-error").hidden = false;
    }
  }

  async #set(what, body) {
    await gateway.act(what, body).catch(complain);
    await this.#look();
  }

  #draw(state) {
    $("gateway-login").textContent = state.login;
    $("balance").textContent = state.balance;
    $("currency").textContent = state.currency;
    $("price").textContent = `${state.price} ${state.currency} a part · sender ${state.senders.join(", ")}`;
    $("active").checked = state.active;
    $("whitelisted").checked = state.whitelisted;
    const { fault } = state;
    $("fault-now").hidden = !fault || fault.mode === "none";
    if (fault) $("fault-now").textContent = `On: ${fault.mode}${fault.times ? ` × ${fault.times}` : ", until cleared"}`;
    this.#drawOnce(state);
  }

  #drawOnce({ faults, magic }) {
    if (this.drawn) return;
    this.drawn = true;
    $("fault").replaceChildren(...faults.filter((name) => name !== "none").map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
    $("magic").replaceChildren(...magic.map(({ phone, meaning }) => el("li", {}, el("button", { type: "button", title: "Copy", onclick: () => copy(phone) }, phone), el("span", {}, meaning))));
  }
}
