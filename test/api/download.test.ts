import { describe, expect, it } from "vitest";
import { attachment } from "../../src/api/attachment.ts";
import { apiError } from "../../src/contract/api.ts";
import { fromText } from "../../src/format/byte-path.ts";
import { base64 } from "../fakes/operations.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

const file = "/api/v1/backups/nas/20261122T020000Z/file";

describe("a file of a backup", () => {
  it("is downloaded byte for byte, never shown", async () => {
    const { url, operations } = await startServer();
    const content = Buffer.from("<script>alert(1)</script>\0\xff", "latin1");
    operations.addFile("srv/index.html", content);
    const answer = await (await signedInClient(url)).get(`${file}?path=/srv/index.html`);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": String(content.length),
      "content-disposition": `attachment; filename="index.html"; filename*=UTF-8''index.html`,
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });

  it("has a name that is not UTF-8", async () => {
    const { url, operations } = await startServer();
    operations.addFile("srv/caf\xe9.txt", "menu");
    const query = new URLSearchParams({ path64: base64("srv/caf\xe9.txt") });
    const answer = await (await signedInClient(url)).get(`${file}?${query.toString()}`);
    expect(await answer.text()).toBe("menu");
    expect(answer.headers.get("content-disposition")).toBe(
      `attachment; filename="caf_.txt"; filename*=UTF-8''caf%EF%BF%BD.txt`,
    );
  });

  it.each(['a"b.txt', "a\r\nSet-Cookie: x=1", "a;b\\c%41.txt", "größe 'x' (1)*.txt", "😀.txt"])(
    "has the odd name %j, which adds no header",
    async (name) => {
      const { url, operations } = await startServer();
      operations.addFile(fromText(`srv/${name}`), "content");
      const query = new URLSearchParams({ path: `srv/${name}` });
      const answer = await (await signedInClient(url)).get(`${file}?${query.toString()}`);
      expect(await answer.text()).toBe("content");
      expect(answer.headers.get("set-cookie")).toBeNull();
      const disposition = answer.headers.get("content-disposition") ?? "";
      const encoded = /^attachment; filename="[\w. -]*"; filename\*=UTF-8''([\w.%!~-]*)$/u.exec(disposition)?.[1];
      expect(decodeURIComponent(encoded ?? "")).toBe(name);
    },
  );

  it("has a name with half a character, which still can be sent", () => {
    expect(attachment("a\uD83D")).toBe(`attachment; filename="a_"; filename*=UTF-8''a%EF%BF%BD`);
  });

  it("that is empty is downloaded as such", async () => {
    const { url, operations } = await startServer();
    operations.addFile("srv/empty", "");
    const answer = await (await signedInClient(url)).get(`${file}?path=srv/empty`);
    expect([answer.status, await answer.text(), answer.headers.get("content-length")]).toEqual([200, "", "0"]);
  });

  it("that breaks off never looks whole", async () => {
    const { url, operations } = await startServer();
    operations.addFile("srv/damaged", "the beginning", { broken: true });
    const answer = await (await signedInClient(url)).get(`${file}?path=srv/damaged`);
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow("terminated");
  });

  it("that fails at once is a plain answer", async () => {
    const { url, operations } = await startServer();
    operations.addFile("srv/damaged", "", { broken: true });
    const client = await signedInClient(url);
    const damaged = await client.get(`${file}?path=srv/damaged`);
    expect(damaged.status).toBe(422);
    expect((await jsonOf(damaged, apiError)).error.kind).toBe("damaged");
    const missing = await client.get(`${file}?path=srv/nothing`);
    expect(missing.status).toBe(404);
    await jsonOf(missing, apiError);
  });

  it("is asked for by a path that stays in the backup", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    for (const query of [
      "",
      "?path=",
      "?path=../etc/shadow",
      "?path=a/./b",
      "?path64=*",
      "?path=a&path=b",
      "?file=a",
    ]) {
      const refused = await client.get(`${file}${query}`);
      expect([query, refused.status]).toEqual([query, 400]);
      await jsonOf(refused, apiError);
    }
  });
});
