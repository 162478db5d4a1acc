// A text with its entities as a tree of nodes. Offsets count UTF-16 units, as JavaScript's strings do.

import { el, icon } from "./dom.js";
import { copy } from "./notes.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", mention: "span", hashtag: "span",
  custom_emoji: "span",
};
const SAFE = /^(https?|tg|mailto|tel):/i;

/** Nodes for `text`; `onCommand` is told which bot command was clicked. */
export function render(text, entities, onCommand) {
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return inside(text, ordered, 0, text.length, onCommand);
}

function inside(text, entities, begin, end, onCommand) {
  const nodes = [];
  let at = begin;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    if (entity.offset < at) continue;
    const last = Math.min(entity.offset + entity.length, end);
    const inner = entities.slice(i + 1).filter((other) => other.offset < last);
    if (entity.offset > at) nodes.push(plain(text.slice(at, entity.offset), nodes));
    nodes.push(wrap(entity, text.slice(entity.offset, last), inside(text, inner, entity.offset, last, onCommand), onCommand));
    at = last;
  }
  if (at < end) nodes.push(plain(text.slice(at, end), nodes));
  return nodes;
}

/** The line break behind a block is the block's own. */
function plain(text, nodes) {
  return /^(PRE|BLOCKQUOTE)$/.test(nodes.at(-1)?.tagName) ? text.replace(/^\n/, "") : text;
}

function wrap(entity, text, children, onCommand) {
  switch (entity.type) {
    case "code": return copyable(el("code", {}, ...children), text);
    case "pre": return block(entity, text);
    case "spoiler": return spoiler(children);
    case "blockquote": return el("blockquote", {}, ...children);
    case "expandable_blockquote": return expandable(children);
    case "bot_command":
      return el("a", { href: "#", class: "command", onclick: (event) => { event.preventDefault(); onCommand(text); } }, text);
    case "url": return link(text, children);
    case "email": return link(`mailto:${text}`, children);
    case "text_link": return link(entity.url, children);
    default: return el(TAGS[entity.type] || "span", { class: entity.type }, ...children);
  }
}

function link(url, children) {
  if (!SAFE.test(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children);
}

function copyable(element, text) {
  element.title = "Click to copy";
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  onPress(element, () => copy(text));
  return element;
}

function block(entity, text) {
  const button = el("button", { type: "button", class: "copy-block", "aria-label": "Copy", onclick: () => copy(text) }, icon("copy"));
  return el("pre", {}, el("span", { class: "pre-head" }, entity.language || "", button), el("code", {}, text));
}

function spoiler(children) {
  const hidden = el("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Hidden text, press to show" });
  const content = el("span", { class: "spoiler-text", "aria-hidden": "true" }, ...children);
  hidden.append(content);
  onPress(hidden, () => {
    hidden.classList.add("shown");
    hidden.removeAttribute("aria-label");
    content.removeAttribute("aria-hidden");
  });
  return hidden;
}

function expandable(children) {
  const quote = el("blockquote", { class: "expandable", role: "button", tabindex: 0, "aria-expanded": "false" }, ...children);
  onPress(quote, () => quote.setAttribute("aria-expanded", String(quote.classList.toggle("open"))));
  return quote;
}

function onPress(element, act) {
  element.addEventListener("click", act);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
}
