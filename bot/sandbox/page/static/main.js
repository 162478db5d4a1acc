// Puts the parts together: one person, one chat, one phone.

import { pause, telegram } from "./api.js";
import { Composer } from "./composer.js";
import { $ } from "./dom.js";
import { Feed } from "./feed.js";
import { GatewayPanel } from "./gateway.js";
import { alertBox, complain, toast } from "./notes.js";
import { Phone } from "./phone.js";
import { offerQuotes } from "./quote.js";
import { Side } from "./side.js";

const side = new Side(move);
const feed = new Feed({ reply: (message) => composer.reply(message), edit: (message) => composer.edit(message), command: (text) => composer.say(text), press }, onNews);
const composer = new Composer(() => ({ person: side.person, chat: side.chat }), feed);
const phone = new Phone();

function move(person, chat) {
  side.draw(side.state, person, chat);
  side.head("");
  history.replaceState(null, "", `#${person.key}/${chat.type === "private" ? "private" : "group"}`);
  feed.open(chat, person);
  composer.open();
  invite();
  focusText();
}

/** Where there is a keyboard at hand; on a touch screen it would rise from below. */
function focusText() {
  if (matchMedia("(hover: hover)").matches) $("text").focus({ preventScroll: true });
}

let acting = 0;

async function onNews(news) {
  if (news.lost) {
    side.head("connecting");
    return;
  }
  side.head(news.action);
  clearTimeout(acting);
  if (news.action) acting = setTimeout(() => side.head(""), 5000);
  composer.drawKeyboard();
  const state = await telegram.state().catch(() => null);
  if (!state) return;
  side.draw(state);
  composer.refresh();
  invite();
}

/** Before the first word, Telegram shows what the bot says of itself and one button. */
function invite() {
  const fresh = side.chat.type === "private" && side.chat.last_message_id === 0;
  const texts = side.state.texts.filter(({ what, text }) => what === "description" && text);
  const text = texts.find((one) => one.language_code === side.person.language_code) || texts.find((one) => one.language_code === "");
  $("intro").hidden = !fresh;
  $("intro-text").textContent = text?.text || "Press Start and see.";
  const begun = $("line").hidden && !fresh;
  $("start").hidden = !fresh;
  $("line").hidden = fresh;
  if (begun) focusText();
}

async function press(message, button, element) {
  element.classList.add("waiting");
  element.setAttribute("aria-busy", "true");
  const press = { user: side.person.id, chat: side.chat.id, message_id: message.message_id, data: button.callback_data };
  try {
    const { answer } = await telegram.act("press", press);
    if (answer?.text) (answer.show_alert ? alertBox : toast)(answer.text);
  } catch (error) {
    complain(error);
  } finally {
    element.classList.remove("waiting");
    element.removeAttribute("aria-busy");
  }
}

function tabs() {
  const buttons = [...document.querySelectorAll(".tabs button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      document.body.dataset.tab = button.dataset.tab;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      if (button.dataset.tab === "phone") phone.seen();
    });
  }
}

async function begin() {
  let state = null;
  while (!(state = await telegram.state().catch(() => null))) await pause(1000);
  const [key, where] = location.hash.slice(1).split("/");
  const person = state.people.find((one) => one.key === key) || state.people[0];
  const chat = state.chats.find((one) => (where === "group" ? one.type === "supergroup" : one.id === person.id));
  side.state = state;
  tabs();
  offerQuotes(feed, (message) => composer.reply(message));
  move(person, chat);
  phone.follow();
  new GatewayPanel().follow();
}

begin();
