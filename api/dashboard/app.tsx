/** The dashboard: pages for people, over the same operations that clients call. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import { dashboardLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { callsBy } from "./answers.ts";
import { assetResponse } from "./assets.ts";
import type { DashboardEngine } from "./engine.ts";
import { formatFor } from "./format.ts";
import { show, showBare } from "./layout.tsx";
import { mergedStream } from "./live.ts";
import { orderPages } from "../order/pages/order.tsx";
import { orderListPages } from "../order/pages/orders.tsx";
import { paperPages } from "../order/pages/papers.tsx";
import { queuePages } from "../order/pages/fulfillment.tsx";
import { workPages } from "../order/pages/work.tsx";
import { inventoryPages } from "../stock/pages/inventory.tsx";
import { stockRowPages } from "../stock/pages/stock-row.tsx";
import { importJobPages } from "../import/pages/import-job.tsx";
import { importPages } from "../import/pages/imports.tsx";
import { verifyPages } from "../admin/pages/verify.tsx";
import { overviewPages } from "../status/pages/overview.tsx";
import { csrfToken, isCsrfToken, isValid, parseSession, sessionCookie } from "./session.ts";
import { signInPages } from "./sign-in.tsx";
import {
  type Dashboard,
  type DashboardEnvironment,
  field,
  type FormFields,
  given,
  type PageContext,
  type Visit,
  withQuery,
} from "./visit.ts";

const safeHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

const sections = new Set([
  "",
  "assets",
  "fulfillment",
  "fulfillment-orders",
  "imports",
  "inventory",
  "live",
  "orders",
  "sign-in",
  "sign-out",
  "verify",
]);

/** Whether an address is one of the dashboard's; all others are the API's. */
export const isPage = (url: string): boolean => {
  const start = url.indexOf("/", url.indexOf("//") + 2) + 1;
  // Nearly every request is the API's.
  if (url.startsWith("v1/", start)) return false;
  const section = /^[^/?#]*/.exec(url.slice(start))?.[0] ?? "";
  // `//v1/orders` has an empty first part and is no page.
  return sections.has(section) && !url.startsWith("/", start);
};

const publicPaths = new Set(["/sign-in"]);

/** A browser says itself where a request comes from; other clients have no cookie to steal. */
const isFromElsewhere = (c: PageContext): boolean => {
  const site = c.req.header("sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
};

const isForm = (c: PageContext): boolean =>
  (c.req.header("content-type") ?? "").startsWith("application/x-www-form-urlencoded");

const readFields = async (c: PageContext): Promise<FormFields> =>
  new Map(isForm(c) ? new URLSearchParams(await c.req.text()) : []);

/** Who is here; null when there is no session, or none any more. */
const visitOf = async (c: PageContext, engine: DashboardEngine) => {
  const token = parseSession(getCookie(c, sessionCookie) ?? "");
  if (token === null) return null;
  const nowMs = engine.nowMs();
  const key = await engine.key(token.keyId);
  if (key === null || !isValid(token, key, nowMs)) return null;
  const by: Principal = { id: key.id, role: key.role, scope: key.scope };
  const url = new URL(c.req.url);
  const visit: Visit = {
    by,
    key,
    engine,
    nowMs,
    calls: callsBy(engine.api, by),
    csrf: csrfToken(token, key),
    format: formatFor(c.req.header("accept-language") ?? null),
    position: engine.position(),
    target: url.pathname + url.search,
  };
  return { visit, token };
};

const signInAgain = (c: PageContext): Response => {
  const url = new URL(c.req.url);
  if (c.req.path === "/live") return c.text("Sign in again.", 401);
  const next = c.req.method === "GET" ? url.pathname + url.search : "/";
  const signIn = withQuery("/sign-in", { next });
  if (c.req.header("hx-request") === "true") return c.body(null, 204, { "hx-redirect": signIn });
  return c.redirect(signIn, 303);
};

export const makeDashboard = (engine: DashboardEngine): Dashboard => {
  const app = new Hono<DashboardEnvironment>();

  app.get(
    "/assets/:name",
    (c) => assetResponse(c.req.param("name"), c.req.query("v")) ?? c.text("Not found", 404),
  );

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(safeHeaders)) c.res.headers.set(name, value);
  });

  const limited = bodyLimit({
    maxSize: dashboardLimits.formBytes,
    onError: (c) => c.text("The form is too large.", 413),
  });
  app.use((c, next) => isForm(c) ? limited(c, next) : next());

  app.use(async (c, next) => {
    const isPost = c.req.method === "POST";
    if (isPost && isFromElsewhere(c)) {
      return showBare(c, "Not from here", <p>The request came from another site.</p>, 403);
    }
    if (isPost) c.set("fields", await readFields(c));
    if (publicPaths.has(c.req.path)) return await next();
    const found = await visitOf(c, engine);
    if (found === null) return signInAgain(c);
    const { visit, token } = found;
    if (isPost) {
      const sent = c.req.header("x-csrf-token") ?? field(c.get("fields"), "csrf");
      if (!isCsrfToken(sent, token, visit.key)) {
        return showBare(
          c,
          "Not from here",
          <p>
            The form is not of this session. <a href="/">Begin again</a>.
          </p>,
          403,
        );
      }
    }
    c.set("visit", visit);
    return await next();
  });

  app.get("/live", async (c) => {
    const { calls } = c.get("visit");
    const headers = new Headers();
    const seen = c.req.header("last-event-id");
    if (seen !== undefined) headers.set("last-event-id", seen);
    const asked = given(c, ["after", "orderId", "locationId", "channel"]);
    const query = { ...asked, brief: "true" };
    const told = await calls.ask("streamStatus", { query, headers });
    if (!told.ok) return c.text(told.problem.detail, { status: told.status as 503 });
    const { body } = told.value;
    if (body === null) return c.body(null, 204);
    return new Response(mergedStream(body), {
      headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
    });
  });

  signInPages(app, engine);
  overviewPages(app);
  orderListPages(app);
  orderPages(app);
  queuePages(app);
  workPages(app);
  paperPages(app);
  inventoryPages(app);
  stockRowPages(app);
  importPages(app);
  importJobPages(app);
  verifyPages(app);

  app.notFound((c) =>
    c.get("visit") === undefined
      ? showBare(c, "Not found", <p>There is no such page.</p>, 404)
      : show(c, { title: "Not found" }, <p>There is no such page.</p>, 404)
  );
  app.onError((error, c) => {
    console.error(
      JSON.stringify({ level: "ERROR", message: "A page failed", error: String(error) }),
    );
    return showBare(
      c,
      "Something went wrong here",
      <p>
        The page could not be made. <a href={c.req.path}>Try again</a>.
      </p>,
      500,
    );
  });
  return app;
};
