/** The dashboard: pages for people, over the operations that clients call. */
import { Hono, type MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { dashboardLimits } from "./limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { type Allowed, allowedBy } from "../http/allow.ts";
import { BodyRefused } from "../http/bodies.ts";
import { declaredLength, refusedBody } from "../http/body.ts";
import type { Peer } from "../http/peer.ts";
import { pass } from "../http/send.ts";
import { markLast, markUnfinished } from "../http/marks.ts";
import { assetResponse, frame } from "./assets.ts";
import { callsBy } from "./calls.ts";
import type { DashboardEngine } from "./engine.ts";
import { formatFor } from "./format.ts";
import { show, showBare } from "./layout.tsx";
import { livePages } from "./live.ts";
import { parseSession, sessionCookie } from "./session.ts";
import { signInPages } from "./sign-in.tsx";
import type { NavigationEntry, SubjectPages } from "./subject.ts";
import {
  type Dashboard,
  type DashboardEnvironment,
  field,
  type FormFields,
  type PageContext,
  type Visit,
  withQuery,
} from "./visit.ts";
import { zoneOf } from "./zone.ts";

type Guard = MiddlewareHandler<DashboardEnvironment>;

const headers = {
  referrerPolicy: "same-origin",
  // The operator decides whether the host's name, and all below it, is for HTTPS alone.
  strictTransportSecurity: false,
} as const;

const ofPages = secureHeaders({
  ...headers,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    frameSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
});

/** What somebody else has written, as it is: it may look as it likes, and can do nothing. */
const ofFrames = secureHeaders({
  ...headers,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    imgSrc: ["https:", "data:"],
    formAction: ["'none'"],
    baseUri: ["'none'"],
    frameAncestors: ["'self'"],
    sandbox: [],
  },
  xFrameOptions: "SAMEORIGIN",
});

/** Addresses that end in `/frame` are of what pages show in a frame. */
const safe: Guard = (c, next) => (c.req.path.endsWith("/frame") ? ofFrames : ofPages)(c, next);

const unkept: Guard = async (c, next) => {
  await next();
  c.res.headers.set("cache-control", "no-store");
};

const isForm = (c: PageContext): boolean =>
  (c.req.header("content-type") ?? "").startsWith("application/x-www-form-urlencoded");

const fromHere = csrf({ secFetchSite: ["same-origin", "none"], origin: () => false });

/** Without the scheme: where TLS ends before here, the address that came in is not the one that was asked for. */
const hostOf = (address: string): string | null => URL.parse(address)?.host ?? null;

const fromOwnOrigin = csrf({
  secFetchSite: () => false,
  origin: (origin, c) => hostOf(origin) !== null && hostOf(origin) === hostOf(c.req.url),
});

/**
 * A browser says itself where a request comes from, where not by the one header then by the other; other
 * clients have no cookie to steal, and nobody to be signed in without knowing it.
 */
const fromElsewhere: Guard = (c, next) =>
  c.req.header("sec-fetch-site") !== undefined
    ? fromHere(c, next)
    : c.req.header("origin") !== undefined
    ? fromOwnOrigin(c, next)
    : next();

/** Refuses a parameter with two values: nobody knows which one is meant. */
const onlyOnce = (parameters: URLSearchParams): URLSearchParams => {
  if (new Set(parameters.keys()).size === parameters.size) return parameters;
  throw new HTTPException(400);
};

const asksOnce: Guard = (c, next) => {
  onlyOnce(new URL(c.req.url).searchParams);
  return next();
};

/** `keyId`: of the session that sends it; none where one is about to sign in. */
const readFields = async (
  c: PageContext,
  { bodies }: DashboardEngine,
  keyId?: string,
): Promise<FormFields> => {
  if (!isForm(c)) return new Map();
  const request = c.req.raw;
  const { formBytes } = dashboardLimits;
  const bytes = await bodies.whole(request, declaredLength(request), formBytes, keyId);
  return new Map(onlyOnce(new URLSearchParams(new TextDecoder().decode(bytes))));
};

/** The visit of a request; null when there is no session, or none any more. */
const visitOf = async (
  c: PageContext,
  engine: DashboardEngine,
  navigation: readonly NavigationEntry[],
) => {
  const token = parseSession(getCookie(c, sessionCookie) ?? "");
  if (token === null) return null;
  const nowMs = engine.nowMs();
  const since = engine.changes();
  const key = await engine.key(token.keyId);
  if (key === null || !engine.sessions.isValid(token, key, nowMs)) return null;
  if (await engine.hasEnded(token)) return null;
  const by: Principal = { id: key.id, role: key.role, scope: key.scope };
  const url = new URL(c.req.url);
  const visit: Visit = {
    by,
    key,
    engine,
    navigation,
    nowMs,
    calls: callsBy(engine.api, by, { session: token, since }),
    session: token,
    csrf: engine.sessions.csrfToken(token, key),
    format: formatFor(c.req.header("accept-language") ?? null),
    timeZone: zoneOf(c),
    position: engine.position(),
    target: url.pathname + url.search,
  };
  return visit;
};

/** Path and query of an address here; null for any other. */
const addressHere = (c: PageContext, address: string | undefined): string | null => {
  const url = URL.parse(address ?? "");
  return url === null || url.host !== hostOf(c.req.url) ? null : url.pathname + url.search;
};

/** Leads back to the page on which somebody was: a form, or a part that looks for news, is none. */
const signInAgain = (c: PageContext): Response => {
  const url = new URL(c.req.url);
  if (c.req.path === "/live") return c.text("Sign in again.", 401);
  const own = c.req.method === "GET" ? url.pathname + url.search : "/";
  const from = c.req.header("hx-current-url") ??
    (c.req.method === "GET" ? undefined : c.req.header("referer"));
  const signIn = withQuery("/sign-in", { next: addressHere(c, from) ?? own });
  if (c.req.header("hx-request") === "true") return c.body(null, 204, { "hx-redirect": signIn });
  return c.redirect(signIn, 303);
};

const publicPaths = new Set(["/sign-in"]);

/** Lets nobody by without a session, and no form without the session's own token. */
const inSession =
  (engine: DashboardEngine, navigation: readonly NavigationEntry[]): Guard => async (c, next) => {
    const isPost = c.req.method === "POST";
    if (publicPaths.has(c.req.path)) {
      if (isPost) c.set("fields", await readFields(c, engine));
      return await next();
    }
    const visit = await visitOf(c, engine, navigation);
    if (visit === null) return signInAgain(c);
    engine.note(c.req.raw, visit.by.id);
    c.set("visit", visit);
    if (isPost) {
      const fields = await readFields(c, engine, visit.by.id);
      c.set("fields", fields);
      c.set("visit", { ...visit, sent: { action: new URL(c.req.url).pathname, fields } });
      const token = c.req.header("x-csrf-token") ?? field(fields, "csrf");
      if (!engine.sessions.isCsrfToken(token, visit.session, visit.key)) {
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
    return await next();
  };

const notFound = (c: PageContext) =>
  c.get("visit") === undefined
    ? showBare(c, "Not found", <p>There is no such page.</p>, 404)
    : show(c, { title: "Not found" }, <p>There is no such page.</p>, 404);

const tellFailure = (error: unknown): void =>
  console.error(
    JSON.stringify({ level: "ERROR", message: "A page failed", error: String(error) }),
  );

const failed = (error: Error, c: PageContext) => {
  if (error instanceof HTTPException) {
    return error.status === 400
      ? showBare(c, "Not understood", <p>Something is said twice.</p>, 400)
      : showBare(c, "Not from here", <p>The request came from another site.</p>, error.status);
  }
  if (error instanceof BodyRefused) {
    const { type, detail } = refusedBody(error).problem;
    c.header("connection", "close");
    return showBare(c, type.title, <p>{detail}</p>, type.status);
  }
  tellFailure(error);
  return showBare(
    c,
    "Something went wrong here",
    <p>
      The page could not be made. <a href={c.req.path}>Try again</a>.
    </p>,
    500,
  );
};

/** The home page stands first, the rest in the order of the subjects. */
const navigationOf = (
  subjects: readonly Pick<SubjectPages, "navigation">[],
): readonly NavigationEntry[] => {
  const entries = subjects.flatMap(({ navigation }) => navigation);
  const isHome = ({ href }: NavigationEntry) => href === "/";
  return [...entries.filter(isHome), ...entries.filter((entry) => !isHome(entry))];
};

/** Whether an address is one of the app's; all others are the API's. */
const pageTest = (app: Dashboard) => {
  const sections = new Set(
    app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path.split("/")[1] ?? ""),
  );
  return (url: string): boolean => {
    const start = url.indexOf("/", url.indexOf("//") + 2) + 1;
    // Nearly every request is the API's.
    if (url.startsWith("v1/", start)) return false;
    const section = /^[^/?#]*/.exec(url.slice(start))?.[0] ?? "";
    // `//v1/orders` has an empty first part and is no page.
    return sections.has(section) && !url.startsWith("/", start);
  };
};

const answerOptions = ({ url }: Request, allowed: Allowed): Response => {
  const allow = allowed(new URL(url).pathname);
  return allow === null
    ? new Response(null, { status: 404 })
    : new Response(null, { status: 204, headers: { allow } });
};

/** The pages of these subjects. */
export const makeDashboard = (engine: DashboardEngine, subjects: readonly SubjectPages[]) => {
  const app: Dashboard = new Hono<DashboardEnvironment>();
  const assets = [...Object.values(frame), ...subjects.flatMap(({ assets = [] }) => assets)];

  app.get(
    "/assets/:name",
    (c) =>
      assetResponse(assets, c.req.param("name"), c.req.query("v"), c.req.raw.headers) ??
        c.text("Not found", 404),
  );
  app.use(safe, unkept);
  app.use(fromElsewhere);
  app.use(asksOnce);
  app.use(inSession(engine, navigationOf(subjects)));

  livePages(app);
  signInPages(app, engine);
  for (const subject of subjects) subject.pages(app);

  app.notFound(notFound);
  app.onError(failed);
  const allowed = allowedBy(
    app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => ({ method, path: path.replace(/:(\w+)/g, "{$1}") })),
  );
  return {
    fetch: async (request: Request, peer?: Peer): Promise<Response> => {
      try {
        if (request.method === "OPTIONS") return answerOptions(request, allowed);
        const answer = pass(await app.fetch(request, peer));
        const isLast = answer.headers.get("connection") === "close";
        return isLast ? markLast(answer) : markUnfinished(answer);
      } catch (error) {
        tellFailure(error);
        return new Response("The page could not be made.", { status: 500 });
      }
    },
    isPage: pageTest(app),
  };
};
