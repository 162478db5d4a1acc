// Words of a message that are selected, to be quoted in a reply to it.

import { $ } from "./dom.js";

/** The selected words of this message, or undefined; where a selection goes beyond it, the first line that is its own. */
export function selectedWords(message) {
  if (selectedId() !== message.message_id) return undefined;
  const words = getSelection().toString().trim();
  const lines = words.split("\n").map((line) => line.trim());
  return [words, ...lines].find((piece) => piece && message.content.includes(piece));
}

/** The number of the message in whose words the selection begins, or null. */
function selectedId() {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const { startContainer: start } = selection.getRangeAt(0);
  const text = (start.nodeType === Node.TEXT_NODE ? start.parentElement : start).closest(".text");
  return text && Number(text.closest("[data-id]").dataset.id);
}

/** A button that is there as long as words are selected; `reply` is called with their message. */
export function offerQuotes(feed, reply) {
  const button = $("quote");
  const chosen = () => {
    const message = feed.messages.get(selectedId());
    return message && selectedWords(message) ? message : null;
  };
  const act = (event) => {
    event.preventDefault(); // a press must not let go of the selection
    if (chosen()) reply(chosen());
  };
  document.addEventListener("selectionchange", () => (button.hidden = !chosen()));
  button.addEventListener("pointerdown", act);
  button.addEventListener("click", act);
}
