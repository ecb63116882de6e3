/**
 * A client that has nothing to do with an attack, in a thread of its own: it asks for this and that, one thing
 * after the other, and tells how long it was kept waiting.
 */

export interface Instructions {
  readonly address: string;
  readonly key: string;
}

/** Of the time since the last report. */
export interface Report {
  readonly answers: number;
  readonly slowestMs: number;
  /** What was not answered as it had to be. */
  readonly wrong: readonly string[];
}

/** This thread, as it is seen from within. */
const thread = globalThis as unknown as {
  onmessage: (message: MessageEvent<Instructions>) => void;
  readonly postMessage: (report: Report) => void;
};

const restMs = 20;

const orderOf = (externalId: string) => ({
  channel: "bystander",
  externalId,
  currency: "EUR",
  customer: { name: "Ada Example" },
  lines: [{
    sku: "song",
    quantity: 1,
    unitPrice: { amount: "1.00", currency: "EUR" },
    fulfillment: { method: "digital" },
  }],
});

const run = async ({ address, key }: Instructions): Promise<never> => {
  let answers = 0;
  let slowestMs = 0;
  let beganMs = performance.now();
  let wrong: string[] = [];
  thread.onmessage = () => {
    const waitingMs = performance.now() - beganMs;
    const report: Report = { answers, slowestMs: Math.max(slowestMs, waitingMs), wrong };
    answers = 0;
    slowestMs = 0;
    wrong = [];
    thread.postMessage(report);
  };
  const ask = async (path: string, status: number, json?: unknown): Promise<void> => {
    beganMs = performance.now();
    try {
      const answer = await fetch(address + path, {
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(json === undefined ? {} : { method: "POST", body: JSON.stringify(json) }),
      });
      const text = await answer.text();
      if (answer.status !== status) wrong.push(`${path}: ${answer.status} ${text.slice(0, 200)}`);
      else answers++;
    } catch (error) {
      wrong.push(`${path}: ${error}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, restMs));
    beganMs = performance.now();
  };
  for (let n = 0;; n++) {
    await ask("/healthz", 200);
    await ask("/v1/orders", 201, orderOf(`${n}`));
    await ask("/v1/orders?limit=5&channel=bystander", 200);
    await ask("/readyz", 200);
  }
};

thread.onmessage = ({ data }) => void run(data);
