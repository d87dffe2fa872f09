import { apiRoutes } from "../../contract/api-routes.ts";
import { Failure } from "../../failure/failure.ts";
import { namedBackup } from "../named-backup.ts";
import type { BrowseOperations } from "../operations.ts";
import { requestedPath } from "../requested-path.ts";
import { sendArchive } from "../send-files.ts";
import { answered, type Server, serveRoute } from "../serve-route.ts";

/** What is in a backup: by folders, by search, beside another one, and for download. */
export function serveBrowse(server: Server, operations: BrowseOperations): void {
  serveRoute(server, apiRoutes.browseFolder, ({ params, query, signal }) =>
    operations.browseFolder(namedBackup(params), requestedPath(query.path, query.path64), query, signal),
  );
  serveRoute(server, apiRoutes.searchBackup, ({ params, query, signal }) =>
    operations.search(namedBackup(params), query.q, query, signal),
  );
  serveRoute(server, apiRoutes.compareBackups, ({ params, query, signal }) => {
    const before = namedBackup({ module: params.module, time: query.with });
    return operations.compare({ id: namedBackup(params), before, kind: query.kind ?? null }, query, signal);
  });
  serveRoute(server, apiRoutes.previewFile, ({ params, query, signal }) => {
    const path = requestedPath(query.path, query.path64);
    if (path === "") throw new Failure("usage", "path or path64 says which file");
    return operations.preview(namedBackup(params), path, signal);
  });
  serveRoute(server, apiRoutes.downloadFolder, async ({ params, query, response, signal }) => {
    const path = requestedPath(query.path, query.path64);
    await sendArchive(await operations.downloadFolder(namedBackup(params), path, signal), response, signal);
    return answered;
  });
}
