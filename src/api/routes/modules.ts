import type { BackupRow, ModuleView } from "../../contract/api.ts";
import { isUsable, type Module } from "../../contract/module.ts";
import { apiRoutes } from "../../contract/api-routes.ts";
import { backupId } from "../../contract/backup-id.ts";
import { Failure } from "../../failure/failure.ts";
import type { Operations } from "../operations.ts";
import { type Server, serveRoute } from "../serve-route.ts";

/** Modules and what can be done with one. */
export function serveModules(server: Server, operations: Operations): void {
  const view = (module: Module, backups: readonly BackupRow[]): ModuleView => {
    const last = backups.find((backup) => backup.module === module.name && backup.problem === null);
    return {
      ...module,
      lastBackup: last ?? null,
      nextRun: isUsable(module) ? (operations.nextRun(module.name)?.toISOString() ?? null) : null,
    };
  };

  serveRoute(server, apiRoutes.overview, () => operations.overview());
  serveRoute(server, apiRoutes.listModules, async () => {
    const [modules, backups] = await Promise.all([operations.modules(), operations.backups()]);
    return { modules: modules.map((module) => view(module, backups)) };
  });
  serveRoute(server, apiRoutes.showModule, async ({ params }) => {
    const module = (await operations.modules()).find((one) => one.name === params.module);
    if (module === undefined) throw new Failure("missing", `there is no module ${params.module} on this host`);
    return view(module, await operations.backups(module.name));
  });
  serveRoute(server, apiRoutes.startBackup, async ({ params }) => ({
    run: await operations.startBackup(params.module),
  }));
  serveRoute(server, apiRoutes.startUndo, async ({ params }) => ({ run: await operations.startUndo(params.module) }));
  serveRoute(server, apiRoutes.prune, async ({ params, body, signal }) => ({
    dryRun: body.dryRun,
    decisions: await operations.prune(params.module, body.dryRun, signal),
  }));
  serveRoute(server, apiRoutes.acknowledge, async ({ params: { module }, body: { time, note } }) => ({
    answered: await operations.acknowledge(time === undefined ? module : backupId(module, time), note),
  }));
}
