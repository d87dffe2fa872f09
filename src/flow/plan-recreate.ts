import { recordedContainers } from "../discover/recorded-containers.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { hostSight } from "../docker/host-sight.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { ownContainer } from "../docker/own-container.ts";
import { Failure } from "../failure/failure.ts";
import { readModuleDocuments } from "../format/read-module-documents.ts";
import { dependencyWaves } from "../hold/dependency-waves.ts";
import { checkMounts, planPaths, planVolumes } from "../recreate/plan-data.ts";
import { planImages } from "../recreate/plan-images.ts";
import { planNetworks } from "../recreate/plan-networks.ts";
import type { PlannedContainer, RecreatePlan } from "../recreate/recreate-plan.ts";
import type { Davit } from "./davit.ts";
import type { OpenBackup } from "./open-backup.ts";

/** What a recovery of the whole module would make on this host, and all that keeps it from being done. Nothing is changed. */
export async function planRecreate(davit: Davit, backup: OpenBackup): Promise<RecreatePlan> {
  const { docker, config } = davit;
  const { sources } = backup.manifest;
  const { containers, networks, volumes } = await readModuleDocuments(backup.folder);
  if (containers.length === 0)
    throw new Failure("missing", `${backup.id} names no container to make`, {
      hint: "the containers were gone while it was made; restore its data with `davit restore`",
    });
  const plan: RecreatePlan = {
    networks: [],
    volumes: [],
    paths: [],
    waves: [],
    inTheWay: [],
    missing: [],
    warnings: [],
  };
  const known = (networks ?? []).map((one) => one.Name);
  const documents = containers.map((one) => withoutUnknownAddresses(one, known));
  const sees = hostSight(await ownContainer(docker));
  plan.networks = await planNetworks(docker, documents, networks, plan);
  plan.volumes = await planVolumes(docker, documents, volumes, sources, plan);
  plan.paths = await planPaths(sources, config.roots, sees, plan);
  await checkMounts(documents, plan.paths, sees, plan);
  if (documents.some((one) => (one.Config.Env ?? []).some((variable) => !variable.includes("="))))
    plan.warnings.push({
      message: "the backup has environment variables without their values (DAVIT_KEEP_ENV=false); they stay unset",
    });
  const images = await planImages(docker, documents, backup.manifest, plan.missing);
  for (const wave of dependencyWaves(recordedContainers(backup.module, documents, config).containers)) {
    const planned: PlannedContainer[] = [];
    for (const { name, document } of wave) {
      if ((await inspectIfThere(docker, name)) !== null) plan.inTheWay.push(`the container ${name}`);
      const image = images.get(document.Id);
      if (image === undefined) continue;
      const test = document.Config.Healthcheck?.Test?.[0];
      const hasHealthCheck = test !== undefined && test !== "NONE";
      planned.push({ name, document, image, starts: document.State.Running, hasHealthCheck });
    }
    plan.waves.push(planned);
  }
  return plan;
}

/** The engine gives fixed addresses only on networks whose addresses were chosen, so those of a network that is not known go. */
function withoutUnknownAddresses(document: ContainerInspect, known: readonly string[]): ContainerInspect {
  const networks = Object.entries(document.NetworkSettings?.Networks ?? {});
  const Networks = Object.fromEntries(
    networks.map(([name, one]) => [name, known.includes(name) ? one : { ...one, IPAMConfig: null }]),
  );
  return { ...document, NetworkSettings: { ...document.NetworkSettings, Networks } };
}
