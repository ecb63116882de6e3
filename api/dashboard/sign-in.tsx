/** Signing in with an API key, and out. */
import { deleteCookie, setCookie } from "hono/cookie";
import { dashboardLimits } from "./limits.ts";
import { Slowed } from "../http/attempts.ts";
import { peerOf } from "../http/peer.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { DashboardEngine } from "./engine.ts";
import { frame } from "./assets.ts";
import { showBare } from "./layout.tsx";
import { Field } from "./parts.tsx";
import { sessionCookie } from "./session.ts";
import { type Dashboard, field, type PageContext } from "./visit.ts";

/**
 * Only a path of this site, in visible ASCII as addresses are: nobody is sent elsewhere by a link to here, and
 * no header gets what it cannot hold.
 */
const nextOf = (text: string): string => /^\/(?!\/)[!-[\]-~]*$/.test(text) ? text : "/";

const isSecure = (c: PageContext): boolean =>
  new URL(c.req.url).protocol === "https:" || c.req.header("x-forwarded-proto") === "https";

const SignIn = ({ next, wrong }: { readonly next: string; readonly wrong?: string }) => (
  <>
    {wrong === undefined ? null : <p class="message bad" role="alert">{wrong}</p>}
    <form method="post" action="/sign-in" class="card">
      <input type="hidden" name="next" value={next} />
      <Field
        label="API key"
        name="key"
        type="password"
        required
        focus
        maxLength={requestLimits.secretLength}
        hint="The engine shows its first admin key once, when it starts on an empty store."
      />
      <button type="submit" class="main">Sign in</button>
    </form>
    <p class="hint">
      What you see and may do follows the key's role. The API is described at{" "}
      <a href="/docs">/docs</a>.
    </p>
  </>
);

export const signInPages = (app: Dashboard, engine: DashboardEngine): void => {
  app.get("/sign-in", (c) => {
    const next = nextOf(c.req.query("next") ?? "/");
    return showBare(c, "Sign in", <SignIn next={next} />, 200, [frame.signIn]);
  });

  app.post("/sign-in", async (c) => {
    const fields = c.get("fields");
    const next = nextOf(field(fields, "next") || "/");
    const key = await engine.signIn(field(fields, "key"), peerOf(c));
    if (key === null) {
      const wrong = "This key is not known. Is it complete?";
      return showBare(c, "Sign in", <SignIn next={next} wrong={wrong} />, 401);
    }
    if (key instanceof Slowed) {
      c.header("retry-after", String(key.retryAfterSeconds));
      return showBare(c, "Sign in", <SignIn next={next} wrong={key.problem.detail} />, 429);
    }
    setCookie(c, sessionCookie, engine.sessions.make(key, engine.nowMs(), engine.nonce()), {
      httpOnly: true,
      sameSite: "Lax",
      secure: isSecure(c),
      path: "/",
      maxAge: dashboardLimits.sessionMs / 1_000,
    });
    return c.redirect(next, 303);
  });

  app.post("/sign-out", async (c) => {
    await engine.end(c.get("visit").session);
    deleteCookie(c, sessionCookie, { path: "/", secure: isSecure(c) });
    return c.redirect("/sign-in", 303);
  });
};
