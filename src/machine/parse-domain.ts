import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { Failure } from "../failure/failure.ts";

const text = z.string();
/** An element that has neither attributes nor children is parsed to its text, which is empty where it holds nothing. */
const element = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess((value) => (typeof value === "string" ? { "#text": value } : value), z.looseObject(shape));

const diskElement = z.looseObject({
  "@type": text,
  "@device": text.default("disk"),
  driver: element({ "@type": text.default("raw") }).optional(),
  source: element({
    "@file": text.optional(),
    "@dev": text.optional(),
    encryption: z.unknown().optional(),
  }).optional(),
  // The disk's name becomes that of a file.
  target: element({ "@dev": z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/u), "@bus": text.optional() }),
  serial: text.optional(),
  boot: element({ "@order": text.optional() }).optional(),
  readonly: z.unknown().optional(),
  encryption: z.unknown().optional(),
});
export type DiskElement = z.infer<typeof diskElement>;

const channel = z.looseObject({
  target: element({ "@name": text.optional(), "@state": text.optional() }).optional(),
});

const tpm = z.looseObject({ backend: element({ "@type": text.optional(), "@version": text.optional() }).optional() });

const nvram = z.union([
  text,
  z.looseObject({ "#text": text.optional(), source: element({ "@file": text.optional() }).optional() }),
]);

/** An element of which the text counts, whether or not it has attributes as well. */
const loader = z.union([
  text,
  z.looseObject({ "#text": text.default(""), "@type": text.optional(), "@secure": text.optional() }),
]);
const amount = z.union([text, z.looseObject({ "#text": text, "@unit": text.optional() })]);

const domainElement = z.looseObject({
  "@type": text,
  name: text,
  uuid: z.uuid(),
  memory: amount.optional(),
  vcpu: amount.optional(),
  clock: element({ "@offset": text.optional() }).optional(),
  features: element({ smm: element({ "@state": text.optional() }).optional() }).optional(),
  os: z.looseObject({
    "@firmware": text.optional(),
    type: element({ "@arch": text.optional(), "@machine": text.optional() }),
    loader: loader.optional(),
    nvram: nvram.optional(),
    kernel: text.optional(),
  }),
  devices: element({
    emulator: text.optional(),
    disk: z.array(diskElement).default([]),
    channel: z.array(channel).default([]),
    tpm: z.array(tpm).default([]),
  }),
});
/** What Davit reads of a domain's XML (https://libvirt.org/formatdomain.html). Attributes have an `@` before their name. */
export type DomainElement = z.infer<typeof domainElement>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => name === "disk" || name === "channel" || name === "tpm",
});

/** A domain's XML as libvirt prints it. Throws `failed` for what is none. */
export function parseDomain(xml: string): DomainElement {
  try {
    return z.looseObject({ domain: domainElement }).parse(parser.parse(xml)).domain;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Failure("failed", `the machine's XML can't be understood: ${why}`, {
      hint: "look at it with `virsh dumpxml`; if it is in order, please report this",
      cause: error,
    });
  }
}
