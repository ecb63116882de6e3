/**
 * Open dashboards without a browser: each signs in, listens as its page does, and asks for what the page
 * shows again whenever it is told of changes, one time after the other.
 */
import type { Target } from "../load/connection.ts";
import { Tally } from "../load/outcome.ts";
import type { Contender } from "./protocol.ts";

/** The pages that people keep open; the n-th dashboard shows the n-th of them. */
const paths = ["/", "/orders", "/orders?status=allocated", "/fulfillment", "/inventory"];

/** The value of an attribute in the text of a page. */
const attribute = (text: string, name: string): string =>
  (new RegExp(`${name}="([^"]+)"`).exec(text)?.[1] ?? "").replaceAll("&amp;", "&");

/** What one page does as long as it is open. */
class OpenPage {
  readonly #closing = new AbortController();
  /** While the page is asked for; `again` when it has changed once more meanwhile. */
  #asking = false;
  #again = false;

  private constructor(
    private readonly url: URL,
    private readonly cookie: string,
    private readonly path: string,
    private readonly asked: (tookMs: number) => void,
  ) {}

  static async open(
    { url, key }: Target,
    path: string,
    asked: (tookMs: number) => void,
  ): Promise<OpenPage> {
    const signedIn = await fetch(new URL("/sign-in", url), {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ key }),
    });
    await signedIn.body?.cancel();
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
    if (signedIn.status !== 303 || cookie === undefined) {
      throw new Error(`Nobody could sign in: ${signedIn.status}`);
    }
    const page = new OpenPage(url, cookie, path, asked);
    await page.#listen(attribute(await page.#get({}), "hx-sse:connect"));
    return page;
  }

  close(): void {
    this.#closing.abort();
  }

  async #fetch(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      headers: { cookie: this.cookie, ...headers },
      redirect: "manual",
      signal: this.#closing.signal,
    });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return response;
  }

  async #get(headers: Readonly<Record<string, string>>): Promise<string> {
    return await (await this.#fetch(this.path, headers)).text();
  }

  async #listen(path: string): Promise<void> {
    const { body } = await this.#fetch(path, {});
    if (body === null) throw new Error("The page has nothing to listen to.");
    const read = async () => {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        if (text.includes("event: changed")) this.#look();
      }
      throw new Error("The engine ended the stream.");
    };
    this.#unlessClosed(read());
  }

  #look(): void {
    this.#again = true;
    if (!this.#asking) this.#unlessClosed(this.#lookAll());
  }

  async #lookAll(): Promise<void> {
    this.#asking = true;
    while (this.#again) {
      this.#again = false;
      const startMs = performance.now();
      await this.#get({ "hx-request": "true" });
      this.asked(performance.now() - startMs);
    }
    this.#asking = false;
  }

  #unlessClosed(work: Promise<void>): void {
    work.catch((error) => {
      if (this.#closing.signal.aborted) return;
      console.error(error);
      Deno.exit(1);
    });
  }
}

/** Each measurement has as many pages open as it has clients; they stay open for the next one. */
export const openDashboards = (target: Target): Contender => {
  const pages: OpenPage[] = [];
  let tally: Tally | undefined;
  const asked = (tookMs: number) => tally?.add("accepted", tookMs, performance.now());
  const openSoMany = async (count: number) => {
    for (const page of pages.splice(count)) page.close();
    while (pages.length < count) {
      pages.push(await OpenPage.open(target, paths[pages.length % paths.length] ?? "/", asked));
    }
  };
  return {
    measure: async ({ clients, seconds }) => {
      await openSoMany(clients);
      const watching = new Tally(performance.now());
      tally = watching;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      tally = undefined;
      return { ...watching.outcome(performance.now()), facts: {} };
    },
    close: () => openSoMany(0),
  };
};
