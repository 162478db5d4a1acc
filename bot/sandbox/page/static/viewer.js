// A picture over the whole window: fitted in, and pixel by pixel after a tap.

import { $ } from "./dom.js";

const picture = $("viewer-picture");
picture.addEventListener("click", () => $("viewer").classList.toggle("actual"));
$("viewer").addEventListener("click", (event) => event.target === $("viewer") && $("viewer").close());

/** Show the picture of a message. */
export function view(photo) {
  picture.src = photo.url;
  $("viewer").classList.remove("actual");
  $("viewer").showModal();
}
