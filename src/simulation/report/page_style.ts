/**
 * How a page looks.
 *
 * @module
 */
import { type Colours, dark, light, style } from "./style.ts";

/** The style of a page, and of the pictures on it. */
export const pageStyle: string = [
  `*{box-sizing:border-box}`,
  `body{margin:0;font:16px/1.55 "Helvetica Neue",Helvetica,Arial,"Liberation Sans",system-ui,sans-serif;overflow-wrap:anywhere}`,
  `main{max-width:792px;margin:0 auto;padding:32px 16px 64px}`,
  `h1{font-size:30px;line-height:1.2;letter-spacing:-.01em;margin:0 0 12px}`,
  `h2{font-size:20px;line-height:1.3;margin:0 0 6px}`,
  `section{margin-top:52px}`,
  `p{margin:0 0 12px;max-width:44em}`,
  `dl{display:flex;flex-wrap:wrap;gap:6px 28px;margin:14px 0;font-size:14px}`,
  `dl div{max-width:100%}`,
  `dt{font-size:12px}`,
  `dd{margin:0;font-variant-numeric:tabular-nums}`,
  `figure{margin:12px 0 8px}`,
  `figure svg{display:block;max-width:100%;height:auto}`,
  `figcaption{font-size:13px;line-height:1.5;margin-top:10px}`,
  `.narrow{display:none}`,
  `summary{cursor:pointer;font-size:14px;padding:4px 0;width:fit-content}`,
  `:focus-visible{outline:2px solid currentColor;outline-offset:2px}`,
  `.scroll{overflow-x:auto;width:fit-content;max-width:100%;margin-top:6px}`,
  `@media screen and (min-width:824px){.scroll{max-width:calc(50vw + 348px)}}`,
  `table{border-collapse:collapse;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums;overflow-wrap:normal}`,
  `th,td{padding:5px 0 5px 20px;text-align:right;white-space:nowrap;font-weight:400}`,
  `th:first-child,td:first-child{padding-left:0}`,
  `thead th{font-weight:600;vertical-align:bottom;white-space:normal}`,
  `.text{text-align:left}`,
  `pre{margin:0;font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:normal}`,
  style,
  coloured(light),
  `@media screen and (prefers-color-scheme:dark){${coloured(dark)}}`,
  `@media screen and (max-width:640px){.wide{display:none}.narrow{display:block}main{padding-top:20px}h1{font-size:26px}h2{font-size:18px}section{margin-top:40px}}`,
  `@media print{main{max-width:none;padding:0}body{font-size:11pt}figure,tr,dl{break-inside:avoid}h2{break-after:avoid}.scroll{overflow:visible}details:not([open]){display:none}table{font-size:9pt}th,td{white-space:normal}pre{white-space:pre-wrap;font-size:8.5pt}}`,
].join("\n");

function coloured({ grid, ink, lines, muted, paper }: Colours): string {
  return [
    `body{color:${ink};background:${paper}}`,
    `dt,figcaption,summary{color:${muted}}`,
    `th,td{border-bottom:1px solid ${grid}}`,
    `thead th{border-color:${muted}}`,
    `.weir-lane{stroke:${muted};stroke-width:1.5}`,
    `.weir-step{fill:${lines[0]}}`,
    `.weir-turn{fill:${lines[1]}}`,
    `.weir-deviates{fill:${lines[1]};fill-opacity:.13}`,
  ].join("");
}
