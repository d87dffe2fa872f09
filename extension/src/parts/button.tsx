import type { ComponentPropsWithRef, ReactElement } from "react";
import "./button.css";

interface Look {
  /** How much it asks to be pressed: words alone, in a frame, or filled. */
  look?: "text" | "outlined" | "filled";
  /** For what takes something away, or can't be taken back easily. */
  warn?: boolean;
  little?: boolean;
}

interface ButtonProps extends Look, ComponentPropsWithRef<"button"> {
  /** What it began goes on: it can't be pressed, and says so. */
  busy?: boolean;
}

/** Does something when it is pressed. */
export function Button({ look, warn, little, busy = false, disabled, className, ...rest }: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={classesOf({ look, warn, little }, className)}
      disabled={busy || disabled}
      aria-busy={busy}
      {...rest}
    />
  );
}

/** Looks like a button, and leads to another view. */
export function ButtonLink({
  look,
  warn,
  little,
  className,
  ...rest
}: Look & ComponentPropsWithRef<"a">): ReactElement {
  return <a className={classesOf({ look, warn, little }, className)} {...rest} />;
}

function classesOf({ look = "text", warn = false, little = false }: Undefined<Look>, more: string | undefined): string {
  return ["button", look, warn && "warn", little && "little", more].filter(Boolean).join(" ");
}

type Undefined<T> = { [K in keyof T]: T[K] | undefined };
