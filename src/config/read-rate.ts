const units: Readonly<Record<string, number>> = {
  "": 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** What a rate looks like, for messages. */
export const rateExample = "50MB";

/** `50MB`, `1.5 GiB`, `800k` a second as bytes; 0 for `0` and `off`, which is no limit; undefined for what is no rate. */
export function readRate(text: string): number | undefined {
  if (text.toLowerCase() === "off") return 0;
  const [, amount, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([kmg]i?)?b?(?:\/s)?$/iu.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor);
}
