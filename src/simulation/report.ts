/**
 * Pictures of what a simulation showed.
 *
 * @module
 */
import { draw } from "./report/draw.ts";
import { readFigure } from "./report/figure.ts";
import type { Chart } from "./report/model.ts";
import { style } from "./report/style.ts";

export type * from "./measures.ts";
export * from "./report/model.ts";

export function svg<P>(chart: Chart<P>): string {
  return draw(readFigure(chart), {
    width: 760,
    height: 320,
    isWhole: true,
    attributes: ` xmlns="http://www.w3.org/2000/svg"`,
    start: `<style>${style}</style>`,
  });
}
