// The only way that anything gets into the page: elements and text nodes. No markup is ever parsed.

export const $ = (id) => document.getElementById(id);

/** An element with attributes (`onclick` and other handlers as functions) and children; strings become text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of the icons that index.html holds. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const HUES = [210, 12, 150, 280, 340, 45, 190];

/** A round initial, in a colour that stays the same for the same id; groups have negative ids and show people. */
export function paintAvatar(element, name, id) {
  element.replaceChildren(Number(id) < 0 ? icon("group") : [...(name || "?").trim()][0].toUpperCase());
  return tint(element, id);
}

/** Give an element the colour of an id. */
export function tint(element, id) {
  element.style.setProperty("--hue", HUES[Math.abs(Number(id) || 0) % HUES.length]);
  return element;
}

export const avatar = (name, id) => paintAvatar(el("span", { class: "avatar", "aria-hidden": "true" }), name, id);

const drawn = new WeakMap();

/**
 * Replace an element's children by what `make` gives, but only where the facts that they show have changed: a button
 * that is replaced between press and release would lose the click. The keyboard's place is kept.
 */
export function redraw(element, facts, make) {
  const now = JSON.stringify(facts);
  if (drawn.get(element) === now) return;
  drawn.set(element, now);
  const focused = [...element.children].indexOf(document.activeElement);
  element.replaceChildren(...make());
  if (focused >= 0) element.children[focused]?.focus();
}

export const time = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
