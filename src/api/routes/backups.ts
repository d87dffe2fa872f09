import { apiRoutes } from "../../contract/api-routes.ts";
import { Failure } from "../../failure/failure.ts";
import { namedBackup } from "../named-backup.ts";
import { pageOfFiles, sendFile, streamFiles } from "../send-files.ts";
import type { Operations, RestoreOptions } from "../operations.ts";
import { requestedPath, requestedTarget } from "../requested-path.ts";
import { answered, type Server, serveRoute } from "../serve-route.ts";

/** Backups, what is in them, and what can be done with one. */
export function serveBackups(server: Server, operations: Operations): void {
  serveRoute(server, apiRoutes.listBackups, async ({ query }) => ({
    backups: [...(await operations.backups(query.module))],
  }));
  serveRoute(server, apiRoutes.showBackup, ({ params }) => operations.backup(namedBackup(params)));
  serveRoute(server, apiRoutes.listFiles, async ({ params, query, request, response, signal }) => {
    const entries = operations.files(namedBackup(params), requestedPath(query.prefix, query.prefix64), signal);
    if (request.accepts(["json", "application/x-ndjson"]) !== "application/x-ndjson")
      return await pageOfFiles(entries, query);
    await streamFiles(entries, response, signal);
    return answered;
  });
  serveRoute(server, apiRoutes.downloadFile, async ({ params, query, response, signal }) => {
    const path = requestedPath(query.path, query.path64);
    if (path === "") throw new Failure("usage", "path or path64 says which file");
    await sendFile(await operations.readFile(namedBackup(params), path, signal), response, signal);
    return answered;
  });
  serveRoute(server, apiRoutes.startRestore, async ({ params, body }) => ({
    run: await operations.startRestore(namedBackup(params), restoreOptions(body)),
  }));
  serveRoute(server, apiRoutes.previewRestore, ({ params, body, signal }) =>
    operations.previewRestore(namedBackup(params), restoreOptions(body), signal),
  );
  serveRoute(server, apiRoutes.startRecreate, async ({ params }) => ({
    run: await operations.startRecreate(namedBackup(params)),
  }));
  serveRoute(server, apiRoutes.previewRecreate, ({ params }) => operations.previewRecreate(namedBackup(params)));
  serveRoute(server, apiRoutes.startDumpLoad, async ({ params, body }) => ({
    run: await operations.startDumpLoad(namedBackup(params), body.container ?? null),
  }));
  serveRoute(server, apiRoutes.previewDumpLoad, ({ params, body }) =>
    operations.previewDumpLoad(namedBackup(params), body.container ?? null),
  );
  serveRoute(server, apiRoutes.startVerify, async ({ params }) => ({
    run: await operations.startVerify(namedBackup(params)),
  }));
  serveRoute(server, apiRoutes.startDrill, async ({ params }) => ({
    run: await operations.startDrill(namedBackup(params)),
  }));
  serveRoute(server, apiRoutes.startCopy, async ({ params }) => ({
    run: await operations.startCopy(namedBackup(params)),
  }));
}

function restoreOptions(body: { target?: string | undefined; paths: string[]; paths64: string[] }): RestoreOptions {
  const paths = [
    ...body.paths.map((text) => requestedPath(text)),
    ...body.paths64.map((base64) => requestedPath(undefined, base64)),
  ];
  if (paths.includes(""))
    throw new Failure("usage", "an empty path names nothing", { hint: "leave paths out to restore everything" });
  return { target: body.target === undefined ? null : requestedTarget(body.target), paths };
}
