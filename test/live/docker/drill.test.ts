import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { evidence } from "../../../src/contract/manifest.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { expectSameTree } from "../../fixtures/expect-same-tree.ts";
import { busyboxImage, ensureBusyboxImage } from "../../fixtures/live/busybox-image.ts";
import { drillRemains } from "../../fixtures/live/drill-remains.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { labelledModule } from "../../fixtures/live/labelled-module.ts";
import { inside, startService } from "../../fixtures/live/service.ts";
import { startSocketProxy } from "../../fixtures/live/socket-proxy.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
const networks: string[] = [];
const volumes: string[] = [];

beforeAll(async () => void (await ensureBusyboxImage()));
afterEach(async () => {
  await containers.removeAll();
  for (const name of networks.splice(0)) await engine.getNetwork(name).remove();
  for (const name of volumes.splice(0)) await engine.getVolume(name).remove({ force: true });
});

const drilled = z.array(
  z.looseObject({
    ok: z.boolean(),
    ms: z.int(),
    detail: z.string(),
    findings: z.array(z.object({ message: z.string(), hint: z.string().optional() })),
    logs: z.array(z.object({ container: z.string(), text: z.string() })),
  }),
);

/** A drill that has to go well. */
async function drill(davit: DavitProgram, module: string) {
  davit.environment["DAVIT_IMAGE"] = "davit:test";
  const [result] = drilled.parse(await davit.json("drill", `${module}@latest`));
  if (result === undefined) throw new Error("no result");
  expect(await drillRemains(davit, module)).toEqual([]);
  return result;
}

async function lastEvidence(davit: DavitProgram, module: string) {
  const [backup] = z.array(z.looseObject({ evidence: z.array(evidence) })).parse(await davit.json("list", module));
  return backup?.evidence.findLast((one) => one.kind === "drilled");
}

describe("a good backup", () => {
  it("of PostgreSQL passes with its recovery time, and the module is what it was", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("postgres");
    const source = join(davit.root, module);
    const id = await startService(containers, "postgres", module, source);
    await inside(
      id,
      "psql",
      "-U",
      "postgres",
      "-qc",
      "create table orders as select generate_series(1, 1000) as number",
    );
    await davit.json("backup", module);
    const before = await engine.getContainer(id).inspect();
    await inside(id, "psql", "-U", "postgres", "-qc", "drop table orders");
    const copy = join(await scratchFolder(), "copy");
    await runTool("docker", "pause", id);
    await runTool("cp", "-a", source, copy);

    const { ms, detail, logs } = await drill(davit, module);

    expect(ms).toBeGreaterThan(1000);
    expect(detail).toContain("stayed up for 5 s, which is all that was seen of it");
    expect(logs[0]?.text).toContain("ready to accept connections");
    expect(await lastEvidence(davit, module)).toMatchObject({ ok: true, ms, detail, findings: [] });
    expect((await davit.run("list", module)).stdout).toMatch(/drilled just now, recovered in \S+ s/u);
    await expectSameTree(source, copy);
    await runTool("docker", "unpause", id);
    expect(await engine.getContainer(id).inspect()).toEqual(before);
  });

  it("is asked by the restored service's own data: a table of the backup is there, though it was dropped since", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("postgres");
    const id = await startService(containers, "postgres", module, join(davit.root, module), {
      "davit.drill": "exec:psql -U postgres -qtAc 'select count(*) from orders'",
    });
    await inside(
      id,
      "psql",
      "-U",
      "postgres",
      "-qc",
      "create table orders as select generate_series(1, 1234) as number",
    );
    await davit.json("backup", module);
    await inside(id, "psql", "-U", "postgres", "-qc", "drop table orders");
    expect((await drill(davit, module)).detail).toBe(`${module}: psql ended with 0: 1234`);
  });

  it.each([
    ["http:80/", "http:80/ answers 200"],
    ["tcp:80", "port 80 answers"],
  ])("of nginx passes the check %s from inside its network", async (check, words) => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("nginx");
    const source = join(davit.root, module);
    await mkdir(source);
    await writeFile(join(source, "index.html"), "hello\n");
    await startService(containers, "nginx", module, source, { "davit.drill": check });
    await davit.json("backup", module);
    expect((await drill(davit, module)).detail).toBe(`${module}: ${words}`);
  });

  it("with a health check is asked by that", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("healthy");
    await mkdir(join(davit.root, module));
    await writeFile(join(davit.root, module, "well"), "");
    await create(
      `--name ${module} -l davit.enable=true -v ${join(davit.root, module)}:/data`,
      `--health-interval 1s --health-cmd`,
      ["test -e /data/well"],
      `${busyboxImage} sleep 1000`,
    );
    await davit.json("backup", module);
    expect((await drill(davit, module)).detail).toBe(`${module} is healthy`);
  });
});

describe("a module of several containers", () => {
  it("starts in the order of its dependencies, finds each other by name, and leaves networks and volumes alone", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("shop");
    const [network, volume] = [uniqueName("network"), uniqueName("volume")];
    await engine.createNetwork({ Name: network });
    networks.push(network);
    await engine.createVolume({ Name: volume });
    volumes.push(volume);
    const compose = `-l davit.enable=true -l com.docker.compose.project=${module}`;
    const db = await create(
      `--name ${module}-db-1 --network ${network} --network-alias db ${compose} -l com.docker.compose.service=db`,
      `-v ${volume}:/data --health-interval 1s --health-cmd`,
      ["wget -qO- http://127.0.0.1:8000/page"],
      `-p 127.0.0.1::8000 ${busyboxImage} httpd -f -p 8000 -h /data`,
    );
    await runTool("docker", "start", db);
    await inside(db, "sh", "-c", "echo of the backup >/data/page");
    const app = await create(
      `--name ${module}-app-1 --network ${network} ${compose} -l com.docker.compose.service=app`,
      `-l com.docker.compose.depends_on=db:service_started:false -l davit.drill=http:80/page`,
      `${busyboxImage} sh -c`,
      ["wget -qO /tmp/page http://db:8000/page && exec httpd -f -p 80 -h /tmp"],
    );
    await runTool("docker", "start", app);
    await davit.json("backup", module);
    await inside(db, "sh", "-c", "echo of today >/data/page");
    await runTool("docker", "pause", db);
    const before = await picture([db, app], network, volume);

    const { detail, logs } = await drill(davit, module);

    expect(detail).toBe(`${module}-app-1: http:80/page answers 200`);
    expect(logs.map((one) => one.container)).toEqual([`${module}-db-1`, `${module}-app-1`]);
    expect(await picture([db, app], network, volume)).toEqual(before);
    await runTool("docker", "unpause", db);
    expect(await inside(db, "cat", "/data/page")).toBe("of today");
  });

  it("is well where one gives up until the other is there, as its restart policy allows", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const module = uniqueName("eager");
    await mkdir(join(davit.root, module));
    const id = await create(
      `--name ${module} --restart always -l davit.enable=true -l davit.drill=tcp:80 -v ${join(davit.root, module)}:/data`,
      `${busyboxImage} sh -c`,
      ["[ -e /tmp/second ] || { touch /tmp/second; exit 1; }; exec httpd -f -p 80"],
    );
    await runTool("docker", "start", id);
    await expect.poll(() => inside(id, "cat", "/tmp/second").catch(() => null), { timeout: 30_000 }).toBe("");
    await davit.json("backup", module);
    expect((await drill(davit, module)).detail).toBe(`${module}: port 80 answers`);
  });
});

describe("what a drill leaves out", () => {
  it("is told, and what a recovery would lack as well with a hint", async () => {
    const davit = await DavitProgram.in(await scratchFolder());
    const elsewhere = await scratchFolder();
    const module = uniqueName("needy");
    await mkdir(join(davit.root, module));
    await create(
      `--name ${module} -l davit.enable=true -v ${join(davit.root, module)}:/data -v ${elsewhere}:/etc/app`,
      `-v /etc/localtime:/etc/localtime:ro -v /var/run/docker.sock:/var/run/docker.sock -v /anonymous`,
      `--privileged --cap-add SYS_TIME --device /dev/null:/dev/mine --network host --restart always`,
      `${busyboxImage} sleep 1000`,
    );
    davit.environment["DAVIT_KEEP_ENV"] = "false";
    await davit.json("backup", module);
    const { findings } = await drill(davit, module);
    const told = findings.map((one) => one.message).join("\n");
    for (const words of [
      `${elsewhere}, mounted at /etc/app, is not in the backup`,
      "/var/run/docker.sock was left out",
      "it is not privileged in a drill",
      "it has not the capability SYS_TIME",
      "it has not the device /dev/null",
      "it is on a network of the drill's own",
      "the volume at /anonymous has no name and is empty",
    ])
      expect(told).toContain(words);
    expect(told).not.toContain("localtime");
    expect(findings.find((one) => one.message.includes("/etc/app"))?.hint).toContain("a real recovery would lack it");
  });

  it("reaches nothing: not the host, not by any of its addresses", async () => {
    const server = createServer((_, answer) => answer.end("the host\n"));
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const outer = (await engine.getNetwork("bridge").inspect()).IPAM?.Config?.[0]?.Gateway ?? "172.17.0.1";
    const gateway = "$(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')";
    const ask = `for one in ${outer} ${gateway}; do nc -w 2 $one ${port} </dev/null && echo reached $one; done; exit 0`;
    const { davit, module, id } = await labelledModule(containers, (source) => writeFile(join(source, "a"), "a"), {
      "davit.drill": `exec:sh -c "${ask.replaceAll("\\", "\\\\").replaceAll("$", "\\$")}"`,
    });
    await runTool("docker", "network", "disconnect", "none", id);
    await runTool("docker", "network", "connect", "bridge", id);
    expect(await inside(id, "sh", "-c", ask)).toBe(`reached ${outer}\nreached ${outer}`);
    await davit.json("backup", module);
    const { detail } = await drill(davit, module);
    expect(detail).toContain(`${module}: sh ended with 0`);
    expect(detail).not.toContain("reached");
  });

  it("has no label that another program would act upon, and is no module", async () => {
    const { davit, module } = await labelledModule(containers, (source) => writeFile(join(source, "a"), "a"), {
      "traefik.enable": "true",
      "davit.drill": "exec:sleep 5",
    });
    await davit.json("backup", module);
    const drilling = drill(davit, module);
    const filters = { label: [`davit.drill.module=${module}`] };
    const list = () => engine.listContainers({ all: true, filters });
    await expect.poll(list, { timeout: 60_000 }).toHaveLength(1);
    const [one] = await list();
    expect(Object.keys(one?.Labels ?? {}).toSorted()).toEqual([
      "davit.drill.module",
      "davit.drill.run",
      "davit.enable",
    ]);
    const [network] = await engine.listNetworks({ filters });
    expect(network).toMatchObject({ Internal: true });
    expect((await davit.run("modules")).stdout).not.toContain("-drill-");
    await drilling;
  });
});

it("all of a drill works through a socket proxy that lets through what the documents name", async () => {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = uniqueName("nginx");
  await startService(containers, "nginx", module, join(davit.root, module), { "davit.drill": "tcp:80" });
  const proxy = await startSocketProxy();
  davit.environment["DOCKER_HOST"] = proxy.dockerHost;
  await davit.json("backup", module);
  await drill(davit, module);
  expect(proxy.refused).toEqual([]);
  expect(await stateOf(module)).toBe("running");
});

/** `docker create` with the words of these lines, where a list is one word; started, since what did not run is not drilled first. */
async function create(...lines: readonly (string | readonly string[])[]): Promise<string> {
  const words = lines.flatMap((line) => (typeof line === "string" ? line.split(" ") : line));
  const id = (await runTool("docker", "create", ...words)).trim();
  containers.adopt(id);
  return id;
}

/** Containers, network and volume as the engine tells them; what a health check notes by itself is left out. */
async function picture(ids: readonly string[], network: string, volume: string): Promise<unknown> {
  const inspects = await Promise.all(ids.map((id) => engine.getContainer(id).inspect()));
  return {
    containers: inspects.map((one) => ({ ...one, State: { ...one.State, Health: undefined } })),
    network: await engine.getNetwork(network).inspect(),
    volume: await engine.getVolume(volume).inspect(),
  };
}
