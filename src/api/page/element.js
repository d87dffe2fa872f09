/**
 * A new element. Children are elements or text; text stays text, whatever is in it, since nothing on this page is ever
 * parsed as HTML.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "label") made.dataset.label = value;
    else if (name.startsWith("aria-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A table that becomes a list of blocks on a narrow screen. Columns are `{title, className?}`, rows arrays of cells. */
export function table(columns, rows, ...after) {
  const cell = (content, at) =>
    element(
      "td",
      { className: at === 0 ? "first" : (columns[at].className ?? ""), label: columns[at].title },
      content instanceof Node ? content : element("span", {}, content),
    );
  return element(
    "div",
    { className: "table" },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...columns.map(({ title, className = "" }) => element("th", { className, scope: "col" }, title)),
        ),
      ),
      element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map(cell)))),
    ),
    ...after,
  );
}
