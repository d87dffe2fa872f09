import { expect, it } from "vitest";
import { findModule } from "../../src/flow/find-module.ts";
import { fakeDocker } from "../fakes/docker.ts";
import { bind, configWith, container } from "../fixtures/container.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

const on = { "davit.enable": "true" };

async function find(name: string) {
  const root = await scratchFolder();
  const nextcloud = container("nextcloud", on, { mounts: [bind(root)] });
  const docker = fakeDocker([nextcloud, container("wiki", { ...on, "davit.keep": "none at all" })]);
  return findModule({ docker, config: configWith({ roots: [root] }) }, name);
}

it.each([
  ["nextclod", "there is no module nextclod", "did you mean nextcloud?"],
  ["paperless", "there is no module paperless", "`davit modules` lists them; the label davit.enable=true opts in"],
])("a module that is not there is told with the way to it (%s)", async (name, message, hint) => {
  await expect(find(name)).rejects.toMatchObject({ kind: "missing", message, hint });
});

it("a module whose settings are invalid is told with what is wrong", async () => {
  const message: unknown = expect.stringMatching(/^wiki: .*none at all/u);
  await expect(find("wiki")).rejects.toMatchObject({ kind: "config", message });
});

it("a module that can be backed up is given as it is now", async () => {
  expect(await find("nextcloud")).toMatchObject({ name: "nextcloud", containers: [{ running: true }] });
});
