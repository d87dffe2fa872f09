import { createDockerDesktopClient } from "@docker/extension-api-client";
import type { v1 } from "@docker/extension-api-client-types";
import { browserTransport } from "./browser.ts";
import { desktopTransport } from "./desktop.ts";
import type { Transport } from "./transport.ts";

export interface Home {
  transport: Transport;
  /** What Docker Desktop offers beside; null in a browser. */
  desktop: v1.DockerDesktopClient | null;
}

/** Docker Desktop puts its client into the page before the panel starts; elsewhere there is none. */
export function chooseHome(): Home {
  if (!("ddClient" in window)) return { transport: browserTransport(), desktop: null };
  const desktop = createDockerDesktopClient();
  return { transport: desktopTransport(desktop), desktop };
}
