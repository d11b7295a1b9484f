import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  contentTypeOf,
  decoderOf,
  Decoding,
} from "../../src/scraper/charset.ts";

const ascii = (text: string) =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

function join(...parts: ReadonlyArray<Uint8Array>): Uint8Array {
  return Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
}

/** The encoding of bytes that stand in a string, one each. */
const encodingOf = (contentType: string | undefined, bytes = ""): string =>
  decoderOf(contentTypeOf(contentType), ascii(bytes)).encoding;

const meta = "<meta charset=koi8-r>";

Deno.test("decoderOf() believes the byte order mark before all", () => {
  const type = "text/html; charset=koi8-r";
  strictEqual(encodingOf(type, `\xef\xbb\xbf${meta}`), "utf-8");
  strictEqual(encodingOf(type, `\xff\xfe${meta}`), "utf-16le");
  strictEqual(encodingOf(type, `\xfe\xff${meta}`), "utf-16be");
  strictEqual(encodingOf("application/xml", "\xfe\xff"), "utf-16be");
});

Deno.test("decoderOf() believes the header before the meta", () => {
  const labels = [
    ["text/html; charset=Shift_JIS", "shift_jis"],
    ['text/html;x=y; Charset="windows-1251"', "windows-1251"],
    ["text/html;charset=latin1", "windows-1252"],
    ["text/html;charset=utf-16", "utf-16le"],
  ] as const;
  for (const [type, encoding] of labels) {
    strictEqual(encodingOf(type, meta), encoding);
  }
});

Deno.test("decoderOf() takes the meta where the header says nothing, or nothing that is known", () => {
  const types = [
    ...[undefined, "text/html", "text/html; charset=no-such", "", "no type"],
    ...["text/html; charset", "text/html; charset=''"],
  ];
  for (const type of types) strictEqual(encodingOf(type, meta), "koi8-r");
  const pragma = "<meta http-equiv=content-type content='text/html; charset=";
  strictEqual(encodingOf("text/html", `${pragma}euc-jp'>`), "euc-jp");
  strictEqual(encodingOf("text/html", "<meta charset=utf-16>"), "utf-8");
  strictEqual(
    encodingOf("text/html", `<!-- ${meta} --><meta charset=big5>`),
    "big5",
  );
});

Deno.test("decoderOf() looks for a meta in the first 1,024 bytes, and in HTML alone", () => {
  const head = (length: number) => " ".repeat(length) + meta + ">";
  strictEqual(encodingOf("text/html", head(1000)), "koi8-r");
  strictEqual(encodingOf("text/html", head(1010)), "utf-8");
  strictEqual(encodingOf("text/plain", meta), "utf-8");
  strictEqual(encodingOf("application/xml", meta), "utf-8");
});

Deno.test("decoderOf() takes the declaration of XML", () => {
  const xml = "<?xml version='1.0' encoding='iso-8859-2'?><html/>";
  strictEqual(encodingOf("application/xhtml+xml", xml), "iso-8859-2");
});

Deno.test("decoderOf() takes UTF-8 where nothing says, unless it is none: then windows-1252", () => {
  strictEqual(encodingOf("text/html"), "utf-8");
  strictEqual(encodingOf("text/html", "<p>plain"), "utf-8");
  strictEqual(encodingOf("text/html", "<p>\xc3\xa9"), "utf-8");
  strictEqual(encodingOf("text/html", "<p>\xe2\x82"), "utf-8");
  strictEqual(encodingOf("text/html", "<p>caf\xe9</p>"), "windows-1252");
  strictEqual(
    encodingOf("text/html; charset=no-such", "\xe9 "),
    "windows-1252",
  );
});

Deno.test("decoderOf() guesses for the encodings that browsers refuse", () => {
  strictEqual(encodingOf("text/html; charset=iso-2022-kr", "<p>"), "utf-8");
  strictEqual(
    encodingOf("text/html; charset=hz-gb-2312", "\xe9 "),
    "windows-1252",
  );
});

/** Decodes parts of so many bytes. */
function decode(
  contentType: string | undefined,
  bytes: Uint8Array,
  size: number,
): string {
  const decoding = new Decoding(contentTypeOf(contentType));
  let text = "";
  for (let at = 0; at < bytes.length; at += size) {
    text += decoding.write(bytes.subarray(at, at + size));
    text += decoding.write(new Uint8Array());
  }
  return text + decoding.end();
}

Deno.test("Decoding gives the same text from whatever parts", () => {
  const text = `${"é🜁".repeat(1000)}<meta charset=koi8-r>`;
  const utf8 = new TextEncoder().encode(text);
  const russian = join(ascii(meta), new Uint8Array(2000).fill(0xc1));
  for (const size of [1, 2, 3, 1000, 1024, 5000, 1e6]) {
    strictEqual(decode(undefined, utf8, size), text);
    strictEqual(
      decode("text/html", russian, size),
      meta + "а".repeat(2000),
    );
  }
});

Deno.test("Decoding takes the byte order mark away, and replaces what is cut short", () => {
  const marked = join(Uint8Array.of(0xef, 0xbb, 0xbf), ascii("<p>"));
  for (const size of [1, 2, 9]) {
    strictEqual(decode(undefined, marked, size), "<p>");
  }
  const cut = join(ascii("x".repeat(2000)), Uint8Array.of(0xe2, 0x82));
  strictEqual(decode(undefined, cut, 500), "x".repeat(2000) + "\ufffd");
  strictEqual(decode(undefined, new Uint8Array(), 1), "");
});

Deno.test("Decoding waits for 1,024 bytes, and for no more", () => {
  const decoding = new Decoding(undefined);
  const lengths = Array.from(
    { length: 5 },
    () => decoding.write(new Uint8Array(256).fill(97)).length,
  );
  deepStrictEqual(lengths, [0, 0, 0, 1024, 256]);
  strictEqual(decoding.end(), "");
});
