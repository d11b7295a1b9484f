/**
 * The page of the HTTP API of a task manager, with what it is made of. It holds no data, and whoever asks gets it; what it shows
 * it asks the API for.
 *
 * @module
 */
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import type * as Layer from "effect/Layer";
import baseCss from "./page/base.css" with { type: "text" };
import chartJs from "./page/chart.js" with { type: "text" };
import chartsCss from "./page/charts.css" with { type: "text" };
import chartsJs from "./page/charts.js" with { type: "text" };
import domJs from "./page/dom.js" with { type: "text" };
import eventsJs from "./page/events.js" with { type: "text" };
import filtersJs from "./page/filters.js" with { type: "text" };
import listJs from "./page/list.js" with { type: "text" };
import loginJs from "./page/login.js" with { type: "text" };
import mainJs from "./page/main.js" with { type: "text" };
import modelJs from "./page/model.js" with { type: "text" };
import pageHtml from "./page/page.html" with { type: "text" };
import refresherJs from "./page/refresher.js" with { type: "text" };
import serverJs from "./page/server.js" with { type: "text" };
import taskRowJs from "./page/task_row.js" with { type: "text" };
import tasksCss from "./page/tasks.css" with { type: "text" };
import viewJs from "./page/view.js" with { type: "text" };

const scripts = {
  "chart.js": chartJs,
  "charts.js": chartsJs,
  "dom.js": domJs,
  "events.js": eventsJs,
  "filters.js": filtersJs,
  "list.js": listJs,
  "login.js": loginJs,
  "main.js": mainJs,
  "model.js": modelJs,
  "refresher.js": refresherJs,
  "server.js": serverJs,
  "task_row.js": taskRowJs,
  "view.js": viewJs,
};

const styles = {
  "base.css": baseCss,
  "charts.css": chartsCss,
  "tasks.css": tasksCss,
};

/** Nothing but what is served here, and no page around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "cache-control": "no-cache",
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
};

/** Serves the page at `/`, and the rest under `/page/`. */
export const layerPage: Layer.Layer<never, never, HttpRouter.HttpRouter> =
  HttpRouter.addAll([
    route("/", pageHtml, "text/html"),
    ...Object.entries(styles).map(([name, text]) =>
      route(`/page/${name}`, text, "text/css")
    ),
    ...Object.entries(scripts).map(([name, text]) =>
      route(`/page/${name}`, text, "text/javascript")
    ),
  ]);

function route(
  path: HttpRouter.PathInput,
  text: string,
  type: string,
): HttpRouter.Route<never, never> {
  const contentType = `${type}; charset=utf-8`;
  return HttpRouter.route(
    "GET",
    path,
    HttpServerResponse.text(text, { contentType, headers }),
  );
}
