/**
 * A new element. Children are elements or text; text stays text, whatever is in it, since nothing on this page is ever
 * parsed as HTML. A child that is null is left out.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Text that may hold long paths: lines break after a slash rather than within a name. */
export function breakable(text) {
  return element("span", {}, ...text.split(/(?<=\/)/u).flatMap((part) => [part, element("wbr")]));
}

/** A sign for a tone, which says the same in a word to who can't see it. */
export function sign(tone) {
  const [text, word] = signs[tone];
  return element("span", { className: `sign ${tone}`, role: "img", "aria-label": word }, text);
}

const signs = {
  good: ["✓", "good"],
  warn: ["!", "warning"],
  bad: ["✕", "bad"],
  off: ["–", "unknown"],
  on: ["…", "under way"],
};
