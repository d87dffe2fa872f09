import { describe, expect, it } from "vitest";
import { apiError, dumpPreview, recreatePreview, restorePreview, startedRun } from "../../src/contract/api.ts";
import { fromText } from "../../src/format/byte-path.ts";
import { base64 } from "../fakes/operations.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

const backup = "/api/v1/backups/nas/20261122T020000Z";
const odd = "opt/docker/volumes/nas/caf\xe9";

describe("a restore", () => {
  it("goes to a folder, in parts, names that are not UTF-8 included", async () => {
    const { url, operations } = await startServer();
    const started = await (
      await signedInClient(url)
    ).post(`${backup}/restore`, {
      target: "/tmp/back/",
      paths: ["/opt/docker/volumes/nas/größe.txt"],
      paths64: [base64(odd)],
    });
    expect(started.status).toBe(202);
    await jsonOf(started, startedRun);
    const paths = [fromText("opt/docker/volumes/nas/größe.txt"), odd];
    expect(operations.asked).toEqual([
      { what: "restore", id: "nas/20261122T020000Z", options: { target: "/tmp/back", paths } },
    ]);
  });

  it("goes in place only where that is said", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    for (const body of [{}, { inPlace: false }, { inPlace: true, target: "/tmp/back" }]) {
      const refused = await client.post(`${backup}/restore`, body);
      expect([body, refused.status]).toEqual([body, 400]);
      expect((await jsonOf(refused, apiError)).error.message).toMatch(/inPlace/u);
    }
    expect(operations.asked).toEqual([]);
    expect((await client.post("/api/v1/backups/nas/latest/restore", { inPlace: true })).status).toBe(202);
    expect(operations.asked).toEqual([{ what: "restore", id: "nas@latest", options: { target: null, paths: [] } }]);
  });

  it("makes a whole module anew, and shows before what that would make", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const preview = await client.post(`${backup}/recreate/preview`, {});
    expect(await jsonOf(preview, recreatePreview)).toMatchObject({ inTheWay: ["the container nas"] });
    expect(operations.asked).toEqual([]);
    const started = await client.post(`${backup}/recreate`, {});
    expect(started.status).toBe(202);
    await jsonOf(started, startedRun);
    expect(operations.asked).toEqual([{ what: "recreate", id: "nas/20261122T020000Z" }]);
  });

  it("never leaves its folder", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const target = "/tmp/back";
    for (const body of [
      { target: "tmp/back" },
      { target: "/" },
      { target: "/tmp/../etc" },
      { target: "/tmp\0/back" },
      { target, paths: ["../etc/passwd"] },
      { target, paths: ["opt//nas"] },
      { target, paths: [""] },
      { target, paths64: [base64("opt/../../etc")] },
      { target, paths64: ["not base64!"] },
    ]) {
      const refused = await client.post(`${backup}/restore`, body);
      expect([body, refused.status]).toEqual([body, 400]);
      const { error } = await jsonOf(refused, apiError);
      expect(error.kind).toMatch(/unsafe|usage/u);
    }
    expect(operations.asked).toEqual([]);
  });

  it("can be looked at before, which starts nothing", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const preview = client.post(`${backup}/restore/preview`, { target: "/tmp/back" });
    expect(await jsonOf(preview, restorePreview)).toMatchObject({ target: "/tmp/back", entries: 3, replaced: 1 });
    expect(operations.asked.map(({ what }) => what)).toEqual(["preview"]);
    expect(await operations.runs({ limit: 10 })).toEqual([]);
  });

  it("of dumps is looked at, and starts a run, for one container or all", async () => {
    const { url, operations } = await startServer();
    const client = await signedInClient(url);
    const preview = client.post(`${backup}/dumps/load/preview`, { container: "nas-db" });
    expect(await jsonOf(preview, dumpPreview)).toMatchObject({
      dumps: [{ container: "nas-db" }],
      stops: ["nas-app-1"],
    });
    expect(operations.asked).toEqual([]);
    const { run } = await jsonOf(client.post(`${backup}/dumps/load`, {}), startedRun);
    operations.end(run);
    expect((await client.post(`${backup}/dumps/load`, { container: "" })).status).toBe(400);
    expect((await client.post(`${backup}/dumps/load`, { target: "/tmp/back" })).status).toBe(400);
    expect(operations.asked).toEqual([{ what: "restore", id: "nas/20261122T020000Z all" }]);
  });

  it("of a backup that is not there says so", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const missing = await client.post("/api/v1/backups/nas/20200101T000000Z/restore", { inPlace: true });
    expect(missing.status).toBe(404);
    expect((await jsonOf(missing, apiError)).error.message).toContain("nas/20200101T000000Z");
  });
});
