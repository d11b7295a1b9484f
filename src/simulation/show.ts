/**
 * Values in a short line.
 *
 * @module
 */

const longest = 100;
const mostEntries = 5;
const deepest = 2;

/** What a value is, as far as it fits a line. Looks only at a few parts of it: it may be all the world. */
export function show(value: unknown): string {
  const text = showWithin(value, deepest).replaceAll(/\s+/g, " ");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** Some values throw when they are looked at. */
function showWithin(value: unknown, depth: number): string {
  try {
    return describe(value, depth);
  } catch {
    return "[unshowable]";
  }
}

function describe(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `[${value.name || "function"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return `${value}${fieldsOf(value, depth)}`;
  if (Array.isArray(value)) {
    return depth === 0
      ? "[…]"
      : `[${some(value, (entry) => showWithin(entry, depth - 1))}]`;
  }
  const { constructor } = value;
  if (constructor !== Object && constructor !== undefined) {
    return `[${constructor.name}]`;
  }
  return depth === 0 ? "{…}" : `{ ${
    some(
      Object.entries(value),
      ([key, entry]) => `${key}: ${showWithin(entry, depth - 1)}`,
    )
  } }`;
}

/** What a tagged error carries besides what every error has. */
function fieldsOf(error: Error, depth: number): string {
  if (!("_tag" in error)) return "";
  const fields = Object.entries(error).filter(([key]) => !usual.has(key));
  return fields.length === 0 || depth === 0
    ? ""
    : ` ${showWithin(Object.fromEntries(fields), depth - 1)}`;
}

const usual = new Set(["_tag", "name", "message", "stack", "cause"]);

function some<A>(
  entries: ReadonlyArray<A>,
  show: (entry: A) => string,
): string {
  const shown = entries.slice(0, mostEntries).map(show);
  if (entries.length > mostEntries) shown.push("…");
  return shown.join(", ");
}
