/**
 * What a crawler reads in HTML.
 *
 * @module
 */
import { Tokenizer } from "htmlparser2";
import { refreshTarget, spaces, trimmed } from "./html_text.ts";

/** How HTML is read. */
export interface HtmlOptions {
  /** How many different links are taken. */
  readonly maxLinks: number;
  /** Whether links with `rel="nofollow"` are left out. */
  readonly nofollow: boolean;
  /** The names of metas for robots that are read, `robots` among them, in lower case. */
  readonly robots: ReadonlySet<string>;
}

/** What was read. */
export interface Html {
  /** The text of the first `<title>`, its white space collapsed, up to 1,000 characters; none if that is empty. */
  readonly title: string | undefined;
  /** The first `<base href>`, as it stands there. */
  readonly base: string | undefined;
  /** Different links in order, as they stand there: to be resolved against the base, and that against the page. */
  readonly links: ReadonlyArray<string>;
  /** Metas for robots in order: the first hundred. */
  readonly robots: ReadonlyArray<RobotsMeta>;
}

/** What a page tells robots. */
export interface RobotsMeta {
  /** In lower case. */
  readonly name: string;
  /** As it stands there. */
  readonly content: string;
}

const longestTitle = 1000;
const mostMetas = 100;
/** The longest name of an element or attribute that means something here is shorter. */
const longestName = 16;

/** The attributes that are read. */
const wanted: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["a", new Set(["href", "rel"])],
  ["area", new Set(["href", "rel"])],
  ["base", new Set(["href"])],
  ["frame", new Set(["src"])],
  ["iframe", new Set(["src"])],
  ["meta", new Set(["name", "http-equiv", "content"])],
]);

/** Elements of HTML that end SVG and MathML that was left open. */
const breakouts: ReadonlySet<string> = new Set(
  ("b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 " +
    "h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small " +
    "span strong strike sub sup table tt u ul var").split(" "),
);

/**
 * Reads HTML that comes in parts, as browsers do: what stands in comments, scripts, styles, templates and, for scripts run there,
 * in `<noscript>` is no link; a tag that never ends is none.
 *
 * Links are those of `<a>`, `<area>`, `<frame>` and `<iframe>`, which show pages, and that of the first `<meta>` that refreshes.
 * Those of `<link>` are not: they tell of feeds, translations and styles, and repeat what `<a>` links. Of `rel`, `nofollow`
 * alone asks not to be followed; `ugc` and `sponsored` say who set a link.
 *
 * It takes time by the length of what it is given, whatever that is: elements are not kept, however deep they stand in each
 * other. It keeps the title, the links, and the attribute or comment that it is in.
 */
export class HtmlReader {
  private readonly tokenizer: Tokenizer;
  /** What was written, without what is done with. */
  private kept = "";
  /** Where that begins in the whole. */
  private start = 0;
  /** Up to where all is done with. */
  private done = 0;

  private tag = "";
  /** The attributes of the tag that were read. */
  private readonly attributes = new Map<string, string>();
  /** The attribute that is read, if it is one that is wanted. */
  private attribute: string | undefined;
  private value = "";

  /** How many of them are open. */
  private templates = 0;
  private foreign = 0;
  private isInNoscript = false;
  private isInTitle = false;

  private title: string | undefined;
  private base: string | undefined;
  private refreshes = false;
  private readonly links = new Set<string>();
  private readonly robots: Array<RobotsMeta> = [];

  constructor(private readonly options: HtmlOptions) {
    const skip = (_start: number, end: number) => this.skip(end);
    this.tokenizer = new Tokenizer({}, {
      onopentagname: (start, end) => this.open(this.name(start, end)),
      onattribname: (start, end) => this.begin(this.name(start, end)),
      onattribdata: (start, end) => {
        if (this.attribute !== undefined) this.value += this.slice(start, end);
        else this.skip(end);
      },
      onattribentity: (code) => {
        if (this.attribute !== undefined) {
          this.value += String.fromCodePoint(code);
        }
      },
      onattribend: () => this.finish(),
      onopentagend: (end) => this.enter(end, false),
      onselfclosingtag: (end) => this.enter(end, true),
      onclosetag: (start, end) => this.close(this.name(start, end)),
      ontext: (start, end) => {
        if (this.isInTitle) this.say(this.slice(start, end));
        else this.skip(end);
      },
      ontextentity: (code) => {
        if (this.isInTitle) this.say(String.fromCodePoint(code));
      },
      // There the contents of no element are raw text. In `<noscript>` all is, up to its end, which is not to be missed.
      isInForeignContext: () => this.foreign > 0 || this.isInNoscript,
      oncomment: skip,
      oncdata: skip,
      ondeclaration: skip,
      onprocessinginstruction: skip,
      onend: () => {},
    });
  }

  /** Reads on. */
  write(text: string): void {
    this.kept = this.kept.slice(this.done - this.start) + text;
    this.start = this.done;
    this.tokenizer.write(text);
  }

  /** What was read. */
  end(): Html {
    this.tokenizer.end();
    const { base, links, robots, title = "" } = this;
    return {
      title: trimmed(title) || undefined,
      base,
      links: [...links],
      robots,
    };
  }

  private open(tag: string): void {
    this.tag = tag;
    this.attributes.clear();
    if (this.foreign > 0 && breakouts.has(tag)) this.foreign = 0;
  }

  private begin(attribute: string): void {
    const isWanted = wanted.get(this.tag)?.has(attribute) === true &&
      !this.attributes.has(attribute);
    this.attribute = isWanted ? attribute : undefined;
    this.value = "";
  }

  private finish(): void {
    if (this.attribute === undefined) return;
    this.attributes.set(this.attribute, this.value);
    this.attribute = undefined;
    this.value = "";
  }

  /** Reads a tag whose attributes are known. */
  private enter(end: number, closesItself: boolean): void {
    this.skip(end);
    const { tag } = this;
    if (tag === "svg" || tag === "math") this.foreign += closesItself ? 0 : 1;
    if (this.foreign === 0) {
      if (tag === "template") this.templates++;
      if (tag === "noscript") this.isInNoscript = true;
    }
    if (this.templates > 0 || this.isInNoscript) return;
    if (tag === "title" && this.foreign === 0 && this.title === undefined) {
      this.title = "";
      this.isInTitle = true;
    }
    const href = this.attributes.get("href");
    if (tag === "a" || tag === "area") this.link(href);
    else if (tag === "frame" || tag === "iframe") {
      this.link(this.attributes.get("src"));
    } else if (tag === "base") this.base ??= href && trimmed(href);
    else if (tag === "meta") this.meta();
  }

  private close(tag: string): void {
    if (tag === "title") this.isInTitle = false;
    else if (tag === "template") {
      this.templates = Math.max(0, this.templates - 1);
    } else if (tag === "noscript") this.isInNoscript = false;
    else if (tag === "svg" || tag === "math") {
      this.foreign = Math.max(0, this.foreign - 1);
    }
  }

  private link(href: string | undefined): void {
    const { maxLinks, nofollow } = this.options;
    if (href === undefined || this.links.size >= maxLinks) return;
    const rel = this.attributes.get("rel");
    if (
      nofollow && rel !== undefined &&
      rel.toLowerCase().split(spaces).includes("nofollow")
    ) return;
    this.links.add(trimmed(href));
  }

  private meta(): void {
    const content = this.attributes.get("content");
    if (content === undefined) return;
    const name = trimmed(this.attributes.get("name") ?? "").toLowerCase();
    if (this.options.robots.has(name) && this.robots.length < mostMetas) {
      this.robots.push({ name, content });
    }
    const pragma = trimmed(this.attributes.get("http-equiv") ?? "");
    if (pragma.toLowerCase() === "refresh" && !this.refreshes) {
      this.refreshes = true;
      this.link(refreshTarget(content));
    }
  }

  /** Adds to the title, until it is long enough. */
  private say(text: string): void {
    const title = `${this.title}${text}`.replaceAll(spaces, " ");
    this.isInTitle = title.length < longestTitle;
    // Not half of a character that is written in two.
    this.title = title.slice(0, longestTitle).replace(/[\ud800-\udbff]$/, "");
  }

  private name(start: number, end: number): string {
    const name = end - start > longestName ? "" : this.slice(start, end);
    this.skip(end);
    return name.toLowerCase();
  }

  private slice(start: number, end: number): string {
    this.skip(end);
    return this.kept.slice(start - this.start, end - this.start);
  }

  private skip(end: number): void {
    this.done = end;
  }
}
