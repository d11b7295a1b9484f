/**
 * Pictures of what a simulation showed.
 *
 * @module
 */
import { draw } from "./report/draw.ts";
import { readFigure } from "./report/figure.ts";
import { gridOfResults, printGrid } from "./report/grid.ts";
import type { Chart, Page } from "./report/model.ts";
import { writePage } from "./report/page.ts";
import { style } from "./report/style.ts";
import type { Result } from "./measures.ts";

export type * from "./measures.ts";
export type * from "./report/model.ts";

export const table = (
  results: ReadonlyArray<Result<unknown>>,
  columns: ReadonlyArray<string>,
): string => printGrid(gridOfResults(results, columns));

export const svg = <P>(chart: Chart<P>): string =>
  draw(readFigure(chart), {
    ...{ width: 760, height: 320, isWhole: true },
    attributes: ` xmlns="http://www.w3.org/2000/svg"`,
    start: `<style>${style}</style>`,
  });

export const html: <Ps extends ReadonlyArray<unknown>>(
  page: Page<Ps>,
) => string = writePage;
