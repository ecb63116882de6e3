/** A real browser against a real server, with a stream that can be broken at will. */
import axeSource from "axe-core/axe.min.js" with { type: "text" };
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../bench/suite/chromium.ts";
import {
  orderFor,
  startServer,
  type TestServer,
  type TestServerOptions,
} from "../support/server.ts";

export const widths = [360, 1920] as const;

const pictures = new URL("./screenshots/", import.meta.url).pathname;

export interface Stand extends AsyncDisposable {
  readonly server: TestServer;
  readonly origin: string;
  readonly browser: Browser;
  /** Ends every live stream, and refuses new ones until `restore`. */
  readonly breakStreams: () => void;
  /** Lets nothing through to a page that listens, and its connection stand, until `restore`. */
  readonly hush: () => void;
  /** Answers nothing at all, as if no engine were there, until `restore`. */
  readonly goDown: () => void;
  readonly restore: () => void;
  /** The `Last-Event-ID` that each live stream was asked with; null for none. */
  readonly resumedAfter: (string | null)[];
}

export const stand = async (
  executablePath: string,
  options: TestServerOptions = {},
): Promise<Stand> => {
  const server = await startServer(options);
  const resumedAfter: (string | null)[] = [];
  const open = new Set<TransformStreamDefaultController<Uint8Array<ArrayBuffer>>>();
  let broken = false;
  let hushed = false;
  let isDown = false;

  const live = async (request: Request): Promise<Response> => {
    resumedAfter.push(request.headers.get("last-event-id"));
    if (broken) return new Response(null, { status: 503 });
    const response = await server.fetch(request);
    if (response.body === null) return response;
    const cut = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      start: (controller) => void open.add(controller),
      transform: (bytes, controller) => {
        if (!hushed) controller.enqueue(bytes);
      },
    });
    return new Response(response.body.pipeThrough(cut), response);
  };

  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) =>
      isDown
        ? new Response("Nobody is here.", { status: 502 })
        : new URL(request.url).pathname === "/live"
        ? live(request)
        : server.fetch(request),
  );
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return {
    server,
    browser,
    origin: `http://127.0.0.1:${http.addr.port}`,
    resumedAfter,
    breakStreams: () => {
      broken = true;
      for (const controller of open) controller.terminate();
      open.clear();
    },
    hush: () => {
      hushed = true;
    },
    goDown: () => {
      isDown = true;
    },
    restore: () => {
      isDown = false;
      broken = false;
      hushed = false;
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      server.application.stopStreams();
      await http.shutdown();
      await server[Symbol.asyncDispose]();
    },
  };
};

const executable = findChromium();
if (executable === null) {
  console.log(
    "No Chromium here: the dashboard's browser tests are left out (set CHROMIUM to one).",
  );
}

/** `start` has what the server needs around it, and begins the test with it. */
export const browserTest = (
  name: string,
  test: (at: Stand) => Promise<void>,
  start: (work: (options: TestServerOptions) => Promise<void>) => Promise<void> = (work) =>
    work({}),
): void => {
  if (executable === null) return;
  Deno.test({
    name,
    // The browser is a process of its own, and its driver keeps timers until it has gone.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      start(async (options) => {
        await using at = await stand(executable, options);
        await test(at);
      }),
  });
};

/** An order of the engine behind the browser. */
export const place = async (
  { server }: Stand,
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Readonly<Record<string, unknown>> = {},
) => {
  const placed = await server.ask("/v1/orders", {
    json: orderFor(externalId, units, more),
  });
  assert.equal(placed.status, 201, placed.text);
  return { id: String(placed.body.id), fulfillmentId: String(placed.body.fulfillmentOrders[0].id) };
};

export const textOf = (page: Page, selector: string, text: string): Promise<void> =>
  page.locator(selector, { hasText: new RegExp(`^\\s*${text}\\s*$`) }).waitFor();

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained about: a blocked script, a failed request, an exception. */
  readonly complaints: string[];
}

/** A browser of its own that nobody has signed in with. */
export const visitor = async (
  { browser, origin }: Stand,
  options: {
    readonly width?: number;
    readonly dark?: boolean;
    /** Of the machine that looks; by default that of the tests. */
    readonly timezoneId?: string;
  } = {},
): Promise<Visitor> => {
  const context = await browser.newContext({
    baseURL: origin,
    locale: "en-GB",
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark === true ? "dark" : "light",
    ...(options.timezoneId === undefined ? {} : { timezoneId: options.timezoneId }),
  });
  // The machine may be busy with all the other tests.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
};

export const signIn = async (page: Page, key: string): Promise<void> => {
  await page.goto("/sign-in");
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
};

/** Live pages listen from some moment after they were loaded; what comes before is caught up with. */
export const waitForLive = (page: Page): Promise<void> =>
  page.locator("#live-state[data-state=live]").waitFor();

interface AxeResult {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
}

/** No violation that is serious, on the page as it is now; and nothing that has to be scrolled sideways. */
export const assertAccessible = async (page: Page, name: string): Promise<void> => {
  await page.evaluate(axeSource);
  const found = await page.evaluate("axe.run(document).then(({ violations }) => violations)");
  const serious = (found as readonly AxeResult[]).filter(({ impact }) =>
    impact === "serious" || impact === "critical"
  );
  assert.deepEqual(
    serious.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3) })),
    [],
    `${name} has accessibility violations`,
  );
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0, `${name} is wider than the window`);
};

export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
};
