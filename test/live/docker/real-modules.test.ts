import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { manifest as manifestShape, type Manifest } from "../../../src/contract/manifest.ts";
import { DavitProgram } from "../../fixtures/davit-program.ts";
import { Containers, engine, stateOf, uniqueName } from "../../fixtures/live/engine.ts";
import { inside, type ServiceKind, startService, untilReady } from "../../fixtures/live/service.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const containers = new Containers();
afterEach(async () => containers.removeAll());

interface Backed {
  davit: DavitProgram;
  module: string;
  id: string;
  source: string;
  manifest: Manifest;
  /** How many writes the service had acknowledged when it was held: each of them has to come back. */
  acknowledged: number;
}

/**
 * A service that is backed up in pause mode while `write` runs again and again inside its container, with the number of the
 * write as `$i`. Each write that was acknowledged is noted with its time.
 */
async function backUpUnderLoad(kind: ServiceKind, prepare: string[], write: string): Promise<Backed> {
  const davit = await DavitProgram.in(await scratchFolder());
  const module = uniqueName(kind);
  const source = join(davit.root, module);
  const id = await startService(containers, kind, module, source);
  await inside(id, ...prepare);
  const loop = `i=0; while [ ! -e /tmp/enough ]; do i=$((i+1)); ${write} && echo "$i $(date +%s%3N)" >>/tmp/written; done`;
  await runTool("docker", "exec", "-d", id, "sh", "-c", loop);
  await writes(id, 20);
  await davit.json("backup", module);
  await writes(id, (await written(id)).length + 5);
  await inside(id, "touch", "/tmp/enough");

  const [time = ""] = await readdir(join(davit.vault, module));
  const text = await readFile(join(davit.vault, module, time, "manifest.json"), "utf8");
  const manifest = manifestShape.parse(JSON.parse(text));
  expect(manifest.hold).toMatchObject({ mode: "pause", consistent: true });
  expect(manifest.changedTotal).toBe(0);
  const held = Date.parse(manifest.held ?? "");
  const acknowledged = (await written(id)).filter((one) => one.at < held).length;
  expect(acknowledged).toBeGreaterThanOrEqual(20);
  return { davit, module, id, source, manifest, acknowledged };
}

async function written(id: string): Promise<{ i: number; at: number }[]> {
  const lines = (await inside(id, "cat", "/tmp/written")).split("\n").map((line) => line.split(" ").map(Number));
  return lines.map(([i = NaN, at = NaN]) => ({ i, at }));
}

async function writes(id: string, count: number): Promise<void> {
  await expect.poll(async () => (await written(id).catch(() => [])).length, { timeout: 60_000 }).toBeGreaterThan(count);
}

/** The data of the newest backup under a fresh container that never saw the old one. */
async function inFreshContainer(kind: ServiceKind, { davit, module, source }: Backed): Promise<string> {
  const target = join(davit.root, "fresh");
  await davit.json("restore", `${module}@latest`, "--to", target);
  return startService(containers, kind, `${module}-fresh`, join(target, source));
}

it("PostgreSQL under write load comes back, in place and in a fresh container", async () => {
  const psql = ["psql", "-U", "postgres", "-qtAc"];
  const backed = await backUpUnderLoad(
    "postgres",
    [...psql, "create table t (i int primary key, filling text)"],
    `psql -U postgres -qc "insert into t values ($i, repeat('x', 500))"`,
  );
  const { davit, module, id, acknowledged } = backed;
  const expectWhole = async (container: string): Promise<void> => {
    const found = await inside(container, ...psql, `select count(*) from t where i <= ${acknowledged}`);
    expect(Number(found)).toBe(acknowledged);
    expect(await inside(container, "sh", "-c", "pg_dump -U postgres postgres | grep -c xxxxx")).not.toBe("0");
    await inside(container, ...psql, "create extension amcheck; select bt_index_check('t_pkey', true)");
  };
  await inside(id, ...psql, "drop table t");
  await davit.json("restore", `${module}@latest`, "--in-place");
  await untilReady("postgres", id);
  await expectWhole(id);
  await expectWhole(await inFreshContainer("postgres", backed));
});

it("redis under write load comes back, in place and in a fresh container", async () => {
  const backed = await backUpUnderLoad("redis", ["redis-cli", "ping"], "redis-cli rpush writes $i >/dev/null");
  const { davit, module, id, acknowledged } = backed;
  const expectWhole = async (container: string): Promise<void> => {
    const found = await inside(container, "redis-cli", "lrange", "writes", "0", String(acknowledged - 1));
    expect(found.split("\n").map(Number)).toEqual(Array.from({ length: acknowledged }, (_, index) => index + 1));
  };
  await inside(id, "redis-cli", "flushall");
  await davit.json("restore", `${module}@latest`, "--in-place");
  await untilReady("redis", id);
  await expectWhole(id);
  await expectWhole(await inFreshContainer("redis", backed));
});

it("a web server whose pages are being written comes back, in place and in a fresh container", async () => {
  const backed = await backUpUnderLoad(
    "nginx",
    ["sh", "-c", "echo 'the first page' >/var/www/html/first.html; chown www-data: /var/www/html/first.html"],
    "echo page $i >/var/www/html/$i.html",
  );
  const { davit, module, id, source, acknowledged } = backed;
  const page = async (container: string, name: string): Promise<string> => {
    const { NetworkSettings } = await engine.getContainer(container).inspect();
    const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "";
    const answer = await fetch(`http://${address}/${name}`);
    return answer.ok ? (await answer.text()).trim() : String(answer.status);
  };
  const expectWhole = async (container: string): Promise<void> => {
    expect(await page(container, "first.html")).toBe("the first page");
    expect(await page(container, `${acknowledged}.html`)).toBe(`page ${acknowledged}`);
    expect(await page(container, "defaced.html")).toBe("404");
  };
  await rm(join(source, "first.html"));
  await writeFile(join(source, "defaced.html"), "defaced");
  await davit.json("restore", `${module}@latest`, "--in-place");
  expect(await stateOf(id)).toBe("running");
  await untilReady("nginx", id);
  await expectWhole(id);
  await expectWhole(await inFreshContainer("nginx", backed));
});
