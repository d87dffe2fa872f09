import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { apiError } from "../../src/contract/api.ts";
import { comparePage, folderPage, preview, searchPage } from "../../src/contract/browse.ts";
import { base64 } from "../fakes/operations.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

const backup = "/api/v1/backups/nas/20261122T020000Z";
const odd = "etc/caf\xe9";

async function serverWithFiles() {
  const server = await startServer();
  for (const name of ["etc/hosts", `${odd}/menu.txt`, "etc/50% of a\nfile", "var/..hidden", "var/mail"])
    server.operations.addFile(name, name);
  return { ...server, client: await signedInClient(server.url) };
}

describe("a backup's folders", () => {
  it("are listed, also those whose name is not UTF-8", async () => {
    const { client } = await serverWithFiles();
    const top = await jsonOf(client.get(`${backup}/tree`), folderPage);
    expect(top.entries.map(({ name, below }) => [name, below?.entries])).toEqual([
      ["etc", 3],
      ["var", 2],
    ]);
    const etc = await jsonOf(client.get(`${backup}/tree?path=/etc/`), folderPage);
    expect(etc.entries.map(({ name }) => name)).toEqual(["caf\ufffd", "50% of a\nfile", "hosts"]);
    expect(etc.entries[0]?.path64).toBe(base64(odd));
    const inside = await jsonOf(client.get(`${backup}/tree?path64=${encodeURIComponent(base64(odd))}`), folderPage);
    expect(inside.entries.map(({ name }) => name)).toEqual(["menu.txt"]);
    const paged = await jsonOf(client.get(`${backup}/tree?path=etc&skip=1&limit=1`), folderPage);
    expect(paged).toMatchObject({ total: 3, more: true, entries: [{ name: "50% of a\nfile" }] });
  });

  it("are searched", async () => {
    const { client } = await serverWithFiles();
    const found = await jsonOf(client.get(`${backup}/search?q=${encodeURIComponent("50% OF")}`), searchPage);
    expect(found).toMatchObject({ total: 1, more: false, entries: [{ name: "50% of a\nfile" }] });
    const hidden = await jsonOf(client.get(`${backup}/search?q=..`), searchPage);
    expect(hidden.entries.map(({ name }) => name)).toEqual(["..hidden"]);
  });

  it("are compared with those of another backup of the module", async () => {
    const { client, operations } = await serverWithFiles();
    const compared = await jsonOf(client.get(`${backup}/compare?with=20261121T020000Z&kind=added`), comparePage);
    expect(compared.counts).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(operations.asked).toEqual([{ what: "compare added with nas/20261121T020000Z", id: "nas/20261122T020000Z" }]);
    expect((await client.get(`${backup}/compare?with=20200101T000000Z`)).status).toBe(404);
  });

  it("are downloaded as a .tar.gz, under a name that can't do harm", async () => {
    const { client, operations } = await serverWithFiles();
    const answer = await client.get(`${backup}/archive?path=etc`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/gzip"]);
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    const tar = gunzipSync(Buffer.from(await answer.arrayBuffer()));
    expect(tar.includes("etc/hosts")).toBe(true);
    expect(tar.includes("var/mail")).toBe(false);
    operations.addFile('a"; filename="evil.html\r\nX-Evil: 1/x', "x");
    const evil = await client.get(
      `${backup}/archive?path=${encodeURIComponent('a"; filename="evil.html\r\nX-Evil: 1')}`,
    );
    expect(evil.headers.get("content-disposition")).toBe(
      `attachment; filename="a__ filename__evil.html__X-Evil_ 1.tar.gz"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.html%0D%0AX-Evil%3A%201.tar.gz`,
    );
    expect(evil.headers.get("x-evil")).toBeNull();
    await evil.arrayBuffer();
  });

  it("never look whole where a download breaks off", async () => {
    const { client, operations } = await serverWithFiles();
    operations.addFile("srv/damaged", "the beginning", { broken: true });
    await expect(client.get(`${backup}/archive?path=srv`).then((answer) => answer.arrayBuffer())).rejects.toThrow(
      "fetch failed",
    );
  });

  it("have files of which a part is shown", async () => {
    const { client } = await serverWithFiles();
    const shown = await jsonOf(client.get(`${backup}/preview?path=etc/hosts`), preview);
    expect(shown).toEqual({ kind: "text", text: "etc/hosts", cut: false, size: 9 });
  });

  it("are asked for by paths that stay in the backup, and by those who may", async () => {
    const { url, client } = await serverWithFiles();
    const queries = [
      "tree?path=../etc",
      "tree?path64=*",
      "tree?limit=5000",
      "search?q=",
      "search",
      "search?q=a&skip=-1",
    ];
    const more = ["compare", "compare?with=../x", "compare?with=latest&kind=gone", "preview", "preview?path=a/../b"];
    for (const query of [...queries, ...more, "archive?path=a/./b", "archive?path=a&path=b"]) {
      const refused = await client.get(`${backup}/${query}`);
      expect([query, refused.status]).toEqual([query, 400]);
      await jsonOf(refused, apiError);
    }
    for (const route of ["tree", "search?q=a", "compare?with=latest", "preview?path=a", "archive?path=etc"])
      expect([route, (await fetch(`${url}${backup}/${route}`)).status]).toEqual([route, 401]);
  });
});
