import { element } from "./element.js";
import { followEvents } from "./request.js";
import { counted, kinds, remaining, size } from "./words.js";

/** A run that goes on, as a line that keeps itself up to date until `onEnd`. */
export function liveRun({ run, route = `runs/${encodeURIComponent(run)}`, kind, stage, progress }, onEnd) {
  const text = element("span");
  const bar = element("progress", { "aria-label": `${kinds[kind] ?? kind}: progress` });
  const node = element("div", { className: "live" }, text, bar);
  let now = { stage, progress };
  let first = null;
  const draw = () => {
    text.textContent = [`${kinds[kind] ?? kind}: ${now.stage ?? "starting"}`, ...amounts(now.progress, first)].join(
      " · ",
    );
    const { bytes, totalBytes } = now.progress ?? {};
    if (totalBytes > 0) Object.assign(bar, { max: totalBytes, value: Math.min(bytes, totalBytes) });
    else bar.removeAttribute("value");
  };
  const onEvent = ({ type, at, ...event }) => {
    if (type === "stage") {
      now = { stage: event.stage, progress: null };
      first = null;
    } else if (type === "progress") {
      now = { ...now, progress: { ...event.progress, at } };
      first ??= now.progress;
    } else return;
    draw();
  };
  draw();
  followEvents(route, onEvent, onEnd);
  return { run, node };
}

function amounts(progress, first) {
  if (progress === null) return [];
  const { entries, bytes, totalBytes } = progress;
  const much = totalBytes > 0 ? `${size(bytes)} of ${size(totalBytes)}` : size(bytes);
  const left = first === null ? null : remaining(first, progress);
  // A machine's disks are no files to count.
  return [...(entries === 0 ? [] : [counted(entries, "file")]), much, ...(left === null ? [] : [left])];
}
