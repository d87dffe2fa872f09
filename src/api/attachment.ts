/**
 * The `Content-Disposition` that makes a browser save an answer under `name`: RFC 6266, with the name as RFC 5987 encodes it
 * and a plain ASCII name for clients that do not know that. No name can add a header or a folder.
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9 ._-]/gu, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
