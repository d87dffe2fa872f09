import { Check, Copy } from "lucide";
import { type ReactElement, useState } from "react";
import { words } from "../words.ts";
import { Button } from "./button.tsx";
import { Sign } from "./sign.tsx";

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ text, label = words.common.copy }: { text: string; label?: string }): ReactElement {
  const [done, setDone] = useState(false);
  return (
    <Button
      little
      look="outlined"
      onClick={() => {
        copyText(text).then(setDone, () => setDone(false));
        setTimeout(() => setDone(false), 2500);
      }}
    >
      {done ? <Sign of={Check} size={16} /> : <Sign of={Copy} size={16} />}
      <span aria-live="polite">{done ? words.common.copied : label}</span>
    </Button>
  );
}

/** Over plain HTTP browsers have no clipboard for pages: there the text is selected and copied the old way. */
async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
