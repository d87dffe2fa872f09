import { z } from "zod";
import { type CopyId, linkLimits, linkRoutes, type sealLine } from "../../contract/link.ts";
import { asFailure } from "../../failure/failure.ts";
import { asRejected, Rejected } from "../rejected.ts";
import type { CopyHosts } from "./copy-hosts.ts";
import type { CopyStore } from "./copy-store.ts";
import type { Pairing } from "./pairings.ts";
import { type LinkApp, serveLinkRoute } from "./serve-link-route.ts";

const progressEveryMs = 1000;

/** Copies of sealed backups: how far one has come, a piece of one, and its seal. There is no way to take one back. */
export function serveCopies(link: LinkApp, store: CopyStore | null, hosts: CopyHosts): void {
  const storeFor = async (pairing: Pairing, { host }: CopyId): Promise<CopyStore> => {
    if (store === null)
      throw new Rejected("no-copies", "the agent takes no copies of backups", {
        hint: "set `copies` in /etc/davit/agent.yaml on the host to a folder, and restart the agent",
      });
    await hosts.claim(pairing, host);
    return store;
  };

  serveLinkRoute(link, linkRoutes.copyState, async ({ params, pairing }) =>
    (await storeFor(pairing, params)).state(params),
  );
  serveLinkRoute(link, linkRoutes.putPiece, async ({ params: { file, ...id }, pairing, request }) => {
    const copies = await storeFor(pairing, id);
    await copies.append(id, { file, ...rangeOf(request.get("content-range")) }, request);
  });
  serveLinkRoute(link, linkRoutes.sealCopy, async ({ params, pairing, response, signal }) => {
    const copies = await storeFor(pairing, params);
    const tell = (line: z.infer<typeof sealLine>): void => void response.write(`${JSON.stringify(line)}\n`);
    response.set("Content-Type", "application/x-ndjson");
    let told = 0;
    try {
      const bytes = await copies.seal(
        params,
        pairing.machine === null ? "a sidecar elsewhere" : `the sidecar in ${pairing.machine}`,
        (read) => {
          if (performance.now() - told < progressEveryMs) return;
          told = performance.now();
          tell({ type: "progress", bytes: read });
        },
        signal,
      );
      tell({ type: "sealed", bytes });
    } catch (thrown) {
      // Without a word yet the answer can still have a status of its own.
      if (!response.headersSent) throw thrown;
      const { reason, message, hint } = asRejected(asFailure(thrown));
      tell({ type: "rejected", reason, message, ...(hint !== undefined && { hint }) });
    }
    response.end();
  });
}

const range = z
  .string()
  .regex(/^bytes \d{1,15}-\d{1,15}\/\d{1,15}$/u, "Content-Range is to be `bytes FIRST-LAST/TOTAL`");

/** What a `Content-Range` says; a file without content is `bytes 0-0/0`. */
function rangeOf(header: string | undefined): { first: number; bytes: number; total: number } {
  const [first = 0, last = 0, total = 0] = range.parse(header).match(/\d+/gu)?.map(Number) ?? [];
  const bytes = total === 0 ? 0 : last - first + 1;
  if (bytes < 0) throw new Rejected("bad-request", "a Content-Range goes from its first byte to its last");
  if (bytes > linkLimits.piece) throw new Rejected("too-large", `a piece has at most ${linkLimits.piece} bytes`);
  return { first, bytes, total };
}
