import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { engine } from "../../fixtures/live/engine.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const image = "davit:test";

/** The metadata of an extension, as Docker's documentation of `metadata.json` has it; what it does not name is refused. */
const metadata = z.strictObject({
  icon: z.string(),
  ui: z.strictObject({
    "dashboard-tab": z.strictObject({
      title: z.string().min(1),
      root: z.string().startsWith("/"),
      src: z.string(),
      backend: z.strictObject({ socket: z.string() }),
    }),
  }),
  vm: z.strictObject({ composefile: z.string(), exposes: z.strictObject({ socket: z.string() }) }),
});
const links = z.array(z.strictObject({ title: z.string(), url: z.url() })).min(1);
const screenshots = z.array(z.strictObject({ alt: z.string().min(1), url: z.url() })).min(3);

/** Takes files out of the image. */
async function fromImage(...paths: readonly string[]): Promise<string> {
  const folder = await scratchFolder();
  const { id } = await engine.createContainer({ Image: image });
  try {
    for (const path of paths) await runTool("docker", "cp", `${id}:${path}`, folder);
  } finally {
    await engine.getContainer(id).remove();
  }
  return folder;
}

it("the image has the labels that an extension must have", async () => {
  const { Config } = await engine.getImage(image).inspect();
  const labels: Record<string, string> = Config.Labels ?? {};
  for (const name of ["title", "description", "vendor"])
    expect(labels[`org.opencontainers.image.${name}`]).toBeTruthy();
  expect(labels["com.docker.desktop.extension.api.version"]).toMatch(/^>= \d+\.\d+\.\d+$/u);
  expect(z.url().safeParse(labels["com.docker.desktop.extension.icon"]).success).toBe(true);
  expect(z.url().safeParse(labels["com.docker.extension.publisher-url"]).success).toBe(true);
  expect(labels["com.docker.extension.detailed-description"]).toContain("<p>");
  expect(labels["com.docker.extension.changelog"]).toContain("<p>");
  expect(labels["com.docker.extension.categories"]).toMatch(/^[a-z-]+(?:,[a-z-]+)*$/u);
  links.parse(JSON.parse(labels["com.docker.extension.additional-urls"] ?? ""));
  for (const { url } of screenshots.parse(JSON.parse(labels["com.docker.extension.screenshots"] ?? ""))) {
    const picture = await readFile(new URL(`../../../docs/screenshots/${basename(url)}`, import.meta.url));
    expect(picture.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    // As Docker's guidelines for extensions ask.
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([2400, 1600]);
  }
});

it("everything that its metadata names is in the image, and the panel asks nobody else for anything", async () => {
  const folder = await fromImage("/metadata.json", "/ui", "/docker-compose.yml", "/icon.svg");
  const { icon, ui, vm } = metadata.parse(JSON.parse(await readFile(join(folder, "metadata.json"), "utf8")));
  const tab = ui["dashboard-tab"];
  expect(tab.backend.socket).toBe(vm.exposes.socket);
  expect(await readFile(join(folder, icon), "utf8")).toContain("<svg");
  const page = await readFile(join(folder, tab.root.slice(1), tab.src), "utf8");
  const named = [...page.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(1);
  for (const name of named) {
    expect(name).toMatch(/^\.\//u);
    expect((await readFile(join(folder, "ui", name))).length).toBeGreaterThan(0);
  }
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=/u);
});

it("removing the extension removes no backup: the vault is no volume of its project", async () => {
  const folder = await fromImage("/docker-compose.yml");
  const text = await readFile(join(folder, "docker-compose.yml"), "utf8");
  const service = z.looseObject({
    image: z.string(),
    environment: z.array(z.string()),
    volumes: z.array(z.looseObject({ type: z.string(), source: z.string() })),
  });
  const { services, volumes } = z
    .looseObject({ services: z.record(z.string(), service), volumes: z.unknown().optional() })
    .parse(parse(text));
  expect(volumes).toBeUndefined();
  const [first] = Object.values(services);
  expect(first?.image).toBe("${DESKTOP_PLUGIN_IMAGE}");
  expect(first?.volumes.every(({ type }) => type === "bind")).toBe(true);
  const set = new Map(first?.environment.map((one) => one.split("=", 2) as [string, string]));
  const { source = "" } = first?.volumes.find(({ source: one }) => set.get("DAVIT_VAULT")?.startsWith(`${one}/`)) ?? {};
  expect(source).toBe("/var/lib/docker/volumes");
  const { vm } = metadata.parse(JSON.parse(await readFile(new URL("../../../metadata.json", import.meta.url), "utf8")));
  expect(set.get("DAVIT_SOCKET")).toBe(`/run/guest-services/${vm.exposes.socket}`);
});
