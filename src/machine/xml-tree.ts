import { XMLParser } from "fast-xml-parser";
import { Failure } from "../failure/failure.ts";

/** An element of an XML document, to be changed. Comments are left out. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: (XmlElement | string)[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

/** The document's element, with all that is in it in its order. Throws `failed` for what is no XML. */
export function parseXml(xml: string): XmlElement {
  let parsed: unknown;
  try {
    parsed = parser.parse(xml);
  } catch (cause) {
    throw new Failure("failed", "the machine's XML can't be understood", { cause });
  }
  const [root] = nodesOf(parsed).filter((node) => typeof node !== "string");
  if (root === undefined) throw new Failure("failed", "the machine's XML is empty");
  return root;
}

/** In `preserveOrder`, a node is an object with its content under its name, and its attributes under `:@`. */
function nodesOf(list: unknown): (XmlElement | string)[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((node: unknown): (XmlElement | string)[] => {
    if (typeof node !== "object" || node === null) return [];
    const entries = Object.entries(node);
    const attributes = entries.find(([key]) => key === ":@")?.[1];
    const found = entries.find(([key]) => key !== ":@");
    if (found === undefined || found[0].startsWith("?")) return [];
    const [name, content] = found;
    if (name === "#text") return [String(content)];
    return [{ name, attributes: textsOf(attributes), children: nodesOf(content) }];
  });
}

function textsOf(attributes: unknown): Record<string, string> {
  if (typeof attributes !== "object" || attributes === null) return {};
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)]));
}

/** The element as XML. */
export function printXml({ name, attributes, children }: XmlElement): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const inside = children.map((child) => (typeof child === "string" ? escape(child) : printXml(child))).join("");
  return inside === "" ? `<${name}${words.join("")}/>` : `<${name}${words.join("")}>${inside}</${name}>`;
}

/** The elements of that name in an element. */
export function elements(within: XmlElement | undefined, name: string): XmlElement[] {
  return (within?.children ?? []).filter((child): child is XmlElement => isElement(child) && child.name === name);
}

/** The first element at the end of a way of names. */
export function element(within: XmlElement | undefined, ...names: readonly string[]): XmlElement | undefined {
  let found = within;
  for (const name of names) found = elements(found, name)[0];
  return found;
}

/** Takes out the elements that are so; gives how many. */
export function removeElements(within: XmlElement | undefined, isSo: (one: XmlElement) => boolean): number {
  if (within === undefined) return 0;
  const left = within.children.filter((child) => !isElement(child) || !isSo(child));
  const removed = within.children.length - left.length;
  within.children = left;
  return removed;
}

/** Puts a text in the place of all that an element holds; the element is made where it isn't there. */
export function setText(within: XmlElement, name: string, text: string): void {
  const found = element(within, name);
  if (found === undefined) within.children.push({ name, attributes: {}, children: [text] });
  else found.children = [text];
}

function isElement(child: XmlElement | string): child is XmlElement {
  return typeof child !== "string";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
