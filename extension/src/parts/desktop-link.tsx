import type { ReactElement } from "react";
import { useHome } from "../data/home.ts";
import { words } from "../words.ts";
import { Button } from "./button.tsx";

interface DesktopLinkProps {
  /** Of the container or the volume. */
  name: string;
  /** The container's full id; a volume is meant where there is none. */
  container?: string;
}

/** Leads to a container or a volume in Docker Desktop; nothing in a browser. */
export function DesktopLink({ name, container }: DesktopLinkProps): ReactElement | null {
  const { desktop } = useHome();
  if (desktop === null) return null;
  const { navigate, toast } = desktop.desktopUI;
  const show = async (): Promise<void> =>
    container === undefined ? navigate.viewVolume(name) : navigate.viewContainer(container);
  return (
    <Button
      little
      aria-label={words.module.desktopNamed(name)}
      onClick={() => void show().catch(() => toast.error(words.module.desktopHasNone(name)))}
    >
      {words.module.desktop}
    </Button>
  );
}
