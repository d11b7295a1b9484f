/**
 * Bytes of a page as text.
 *
 * @module
 */
import htmlEncodingSniffer from "html-encoding-sniffer";
import { MIMEType } from "whatwg-mimetype";
import { joined } from "../internal/bytes.ts";

/** The name of an encoding by byte order mark, label, meta or XML declaration. The package has no types. */
const sniff: (
  bytes: Uint8Array,
  options: {
    readonly xml: boolean;
    readonly transportLayerEncodingLabel: string | undefined;
    readonly defaultEncoding: string;
    readonly maxPrescanBytes?: number | undefined;
  },
) => string = htmlEncodingSniffer;

/** As much as is read here of a `Content-Type`. The package has no types. */
export interface ContentType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: { get(name: string): string | undefined };
  isHTML(): boolean;
  isXML(): boolean;
}

/** Reads a `Content-Type`. There is none if it is not valid. */
export function contentTypeOf(
  header: string | undefined,
): ContentType | undefined {
  return header === undefined ? undefined : MIMEType.parse(header) ?? undefined;
}

/** What a page is. */
export type Kind = "Html" | "Text" | "Other";

/** What is not `text`, and text all the same, besides XML. */
const textual =
  /^(?:json|javascript|ecmascript|x-ndjson|yaml|.*\+(?:json|yaml))$/;

/** What a page is by its type; HTML if it has none. */
export function kindOf(type: ContentType | undefined): Kind {
  if (type === undefined || type.isHTML() || type.subtype === "xhtml+xml") {
    return "Html";
  }
  return type.type === "text" || type.isXML() || textual.test(type.subtype)
    ? "Text"
    : "Other";
}

/** How many bytes are waited for before an encoding is chosen: so far a browser looks for a `<meta>`, too. */
export const headBytes = 1024;

/**
 * Chooses how a page is decoded, by its first bytes, at least {@linkcode headBytes} unless it is shorter. As browsers do: by the
 * byte order mark; else by the charset of the header; else, in HTML, by `<meta>` and in XML by the declaration. A label that is
 * unknown does not count.
 *
 * Where nothing says, it is UTF-8 unless these bytes are not, and then windows-1252, which is read from any bytes. Browsers take
 * windows-1252 at once, for the sake of pages of old; but most pages that say nothing today are UTF-8, and what is not is
 * practically never valid as such.
 */
export function decoderOf(
  type: ContentType | undefined,
  firstBytes: Uint8Array,
): TextDecoder {
  const xml = type?.isXML() ?? false;
  const isHtml = type?.isHTML() ?? true;
  const label = sniff(firstBytes, {
    xml,
    transportLayerEncodingLabel: type?.parameters.get("charset"),
    defaultEncoding: "",
    ...xml ? {} : { maxPrescanBytes: isHtml ? headBytes : 0 },
  });
  return known(label) ?? guessed(firstBytes);
}

/** Decodes a page that comes in parts. */
export class Decoding {
  private decoder: TextDecoder | undefined;
  private head: Array<Uint8Array> = [];
  private length = 0;

  /** Takes the type of the page. */
  constructor(private readonly type: ContentType | undefined) {}

  /** The text that these bytes complete. It may be empty. */
  write(bytes: Uint8Array): string {
    if (this.decoder !== undefined) {
      return this.decoder.decode(bytes, { stream: true });
    }
    if (bytes.length === 0) return "";
    this.head.push(bytes);
    this.length += bytes.length;
    return this.length < headBytes ? "" : this.begin();
  }

  /** The rest of the text. */
  end(): string {
    const text = this.decoder === undefined ? this.begin() : "";
    return text + (this.decoder?.decode() ?? "");
  }

  private begin(): string {
    const bytes = this.head.length === 1 ? this.head[0]! : joined(this.head);
    this.head = [];
    this.decoder = decoderOf(this.type, bytes);
    return this.decoder.decode(bytes, { stream: true });
  }
}

/** None for no label, for labels that are no encoding, and for the few that browsers refuse to decode. */
function known(label: string): TextDecoder | undefined {
  // To find that it is no encoding takes an error.
  if (label === "") return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function guessed(bytes: Uint8Array): TextDecoder {
  try {
    // A character that they cut short is none that is wrong.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return new TextDecoder("utf-8");
  } catch {
    return new TextDecoder("windows-1252");
  }
}
