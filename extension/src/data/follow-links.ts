import { navigate } from "wouter/use-hash-location";

/**
 * Follows a link to another view as soon as it is clicked: until the browser itself has gone to an address and told so, a slow
 * computer has lost a tenth of a second. Links that a person opens elsewhere stay the browser's.
 */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    const { target, button, altKey, ctrlKey, metaKey, shiftKey } = event;
    if (event.defaultPrevented || button !== 0 || altKey || ctrlKey || metaKey || shiftKey) return;
    const link = target instanceof Element ? target.closest('a[href^="#/"]') : null;
    if (link === null) return;
    event.preventDefault();
    navigate((link.getAttribute("href") ?? "").slice(1));
  });
}
