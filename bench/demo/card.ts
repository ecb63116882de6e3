/**
 * The payment provider of the demo: it serves on this machine alone, does each transaction once, and declines
 * some, so that there is something to look after.
 */

/** Of captures, those that are declined. */
const declinedShare = 0.03;
const localhost = "127.0.0.1";

interface Answer {
  readonly status: "succeeded" | "failed";
  readonly reference?: string;
  readonly code?: string;
}

/** How many answers it remembers: the engine asks again within minutes. */
const mostRemembered = 10_000;

export interface DemoProvider {
  readonly url: string;
}

export const serveCards = (): DemoProvider => {
  const known = new Map<string, Answer>();
  const answerTo = ({ id, kind }: { readonly id: string; readonly kind: string }): Answer => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const answer: Answer = kind === "capture" && Math.random() < declinedShare
      ? { status: "failed", code: "card_declined" }
      : { status: "succeeded", reference: `demo_${id}` };
    known.set(id, answer);
    const [oldest] = known.keys();
    if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest);
    return answer;
  };
  const server = Deno.serve(
    { hostname: localhost, port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "POST") return Response.json(answerTo(await request.json()));
      const id = decodeURIComponent(new URL(request.url).pathname.split("/").at(-1) ?? "");
      const answer = known.get(id);
      return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer);
    },
  );
  // It ends with the engine.
  server.unref();
  return { url: `http://${localhost}:${server.addr.port}` };
};
