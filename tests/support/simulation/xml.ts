/**
 * Reads pictures and pages as XML.
 *
 * @module
 */
import { SaxesParser } from "saxes";

/** An element with what is in it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text. */
  text: string;
  readonly parent: Element | undefined;
}

/** All elements in order. Throws if it is not well-formed. */
export function readXml(source: string): ReadonlyArray<Element> {
  const parser = new SaxesParser();
  const elements: Array<Element> = [];
  let open: Element | undefined;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ attributes, name }) => {
    open = { name, attributes, text: "", parent: open };
    elements.push(open);
  });
  parser.on("text", (text) => {
    if (open) open.text += text;
  });
  parser.on("closetag", () => {
    open = open?.parent;
  });
  parser.write(source).close();
  return elements;
}

/** The pictures of a page. */
export function picturesOf(page: string): ReadonlyArray<string> {
  return [...page.matchAll(/<svg .*?<\/svg>/gs)].map(([svg]) => svg);
}

/** The elements of a class. */
export function ofClass(
  elements: ReadonlyArray<Element>,
  name: string,
): ReadonlyArray<Element> {
  return elements.filter(({ attributes }) =>
    attributes.class?.split(" ").includes(name)
  );
}

/** All places that a picture draws at, rotations aside: x and y of each point. */
export function placesOf(
  elements: ReadonlyArray<Element>,
): ReadonlyArray<readonly [number, number]> {
  return elements.flatMap(({ attributes }) => {
    const { d = "", transform, x, y } = attributes;
    const at = /translate\((\S+) (\S+)\)/.exec(transform ?? "");
    if (at) return [[Number(at[1]), Number(at[2])] as const];
    if (x !== undefined && y !== undefined) {
      return [[Number(x), Number(y)] as const];
    }
    return walk(d);
  });
}

/** The points of a path of M, L, H, V, h, v and Z. */
function walk(d: string): ReadonlyArray<readonly [number, number]> {
  let [x, y] = [0, 0];
  return [...d.matchAll(/([MLHVhvZ])([^MLHVhvZ]*)/g)].map(
    ([, command, numbers = ""]) => {
      const [a = NaN, b = NaN] = numbers.trim().split(/[ ,]+/).map(Number);
      if (command === "M" || command === "L") [x, y] = [a, b];
      else if (command === "H") x = a;
      else if (command === "V") y = a;
      else if (command === "h") x += a;
      else if (command === "v") y += a;
      return [x, y] as const;
    },
  );
}
