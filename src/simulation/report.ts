// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
// @ts-types="@types/d3-array"
import { range } from "d3-array";
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import stringWidth from "string-width";

/** X. */
export const x: string = scaleLinear([0, 1], [0, 9]).ticks(3).join() + range(3) + line()([[0,1]]) + stringWidth("日本");
console.log(x);
