// What is said to the person in passing (toast), or until they agree (alert); and the clipboard.

import { $, el } from "./dom.js";

/** A short note that goes by itself. */
export function toast(text, kind = "") {
  const note = el("div", { class: `toast ${kind}` }, text);
  $("toasts").append(note);
  setTimeout(() => note.remove(), 3500);
}

export const complain = (error) => toast(error.message || String(error), "bad");

/** A text that stays until OK is pressed. */
export function alertBox(text) {
  $("alert-text").textContent = text;
  if (!$("alert").open) $("alert").showModal();
}

/** Copy a text and say so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  toast("Copied to clipboard");
}

function copyBySelection(text) {
  const area = el("textarea", { class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
