/**
 * How lines are told apart, and the colours of everything.
 *
 * @module
 */
import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
  // @ts-types="@types/d3-shape"
} from "d3-shape";

/** Colours by role. */
export interface Colours {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly lines: ReadonlyArray<string>;
}

/**
 * On white: Okabe and Ito's colours (Color Universal Design, 2008), which the colour-blind tell apart, with those darkened that
 * have a contrast of less than 3 to 1.
 */
export const light: Colours = {
  paper: "#ffffff",
  ink: "#1d2329",
  muted: "#57606a",
  grid: "#e4e7eb",
  lines: [
    ...["#0072b2", "#d55e00", "#00805e", "#b5528f"],
    ...["#333b44", "#a66a00", "#2f9bd6", "#7a5cc0"],
  ],
};

/** On black: the same, as they were made or lighter. */
export const dark: Colours = {
  paper: "#12161b",
  ink: "#e8ebef",
  muted: "#a3adb8",
  grid: "#2b323a",
  lines: [
    ...["#56a8e8", "#ff8a3c", "#2cc294", "#e694c4"],
    ...["#e8ebef", "#f0c02e", "#8fd3ff", "#b9a3f5"],
  ],
};

/** Dashes of lines; the first has none. */
export const dashes: ReadonlyArray<string> = [
  ...["", "7 4", "2 3", "11 3 2 3"],
  ...["14 4", "4 2", "9 3 2 3 2 3", "1 4"],
];

const types = [
  ...[symbolCircle, symbolSquare, symbolTriangle, symbolDiamond],
  ...[symbolCross, symbolStar, symbolWye, symbolTriangle],
];

const symbols = types.map((
  type,
  i,
) => (symbol().type(type).size(i === 0 ? 44 : 48).digits(2)() ?? ""));

/** A mark of a line at a point. The last kind stands on its head; large ones touch what they stand on. */
export function drawMark(
  line: number,
  x: number,
  y: number,
  scale = 1,
): string {
  const turn = line === types.length - 1 ? " rotate(180)" : "";
  const size = scale === 1 ? "" : ` scale(${scale})`;
  return `<path class="weir-mark${
    scale === 1 ? " weir-edge" : ""
  } weir-fill-${line}" d="${symbols[line] ?? ""}" transform="translate(${
    round(x)
  } ${round(y)})${turn}${size}"/>`;
}

/** A coordinate to a hundredth. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const font =
  `"Helvetica Neue",Helvetica,Arial,"Liberation Sans",system-ui,sans-serif`;

/** The style of every picture, in colours of light and dark. */
export const style: string = [
  `.weir-figure{font-family:${font};font-size:12px;font-variant-numeric:tabular-nums}`,
  `.weir-figure text{unicode-bidi:plaintext}`,
  `.weir-title{font-size:17px;font-weight:700}`,
  `.weir-grid,.weir-axis,.weir-bound,.weir-whisker,.weir-leader{fill:none;shape-rendering:auto}`,
  `.weir-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}`,
  `.weir-thin{stroke-width:1.5}`,
  `.weir-band{fill-opacity:.16}`,
  `.weir-warmup{fill-opacity:.08}`,
  `.weir-whisker{stroke-width:1.5}`,
  `.weir-open{stroke-dasharray:2 2}`,
  `.weir-edge{stroke-width:1.25}`,
  `.weir-bound{stroke-width:1.5;stroke-dasharray:5 3}`,
  `.weir-halo{paint-order:stroke;stroke-width:4;stroke-linejoin:round}`,
  `.weir-strong{font-weight:700}`,
  `.weir-name{font-size:13px}`,
  `.weir-end{text-anchor:end}.weir-middle{text-anchor:middle}`,
  coloured(light),
  `@media screen and (prefers-color-scheme:dark){${coloured(dark)}}`,
].join("");

function coloured({ grid, ink, lines, muted, paper }: Colours): string {
  return [
    `.weir-paper{fill:${paper}}`,
    `.weir-figure text,.weir-warmup{fill:${ink}}`,
    `.weir-figure .weir-muted{fill:${muted}}`,
    `.weir-grid{stroke:${grid}}`,
    `.weir-axis,.weir-leader{stroke:${muted}}`,
    `.weir-bound{stroke:${ink}}`,
    `.weir-edge,.weir-halo{stroke:${paper}}`,
    ...lines.map((colour, i) =>
      `.weir-line-${i}{stroke:${colour}}.weir-fill-${i}{fill:${colour}}`
    ),
  ].join("");
}
