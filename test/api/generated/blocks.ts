/** Runs blocks of requests and sums up what they found and reached. */
import { type ApiDocument, documentOf } from "./document.ts";
import { mutationNames } from "./mutations.ts";
import { type Block, requestsPerBlock, runBlock } from "./run.ts";
import { startServer } from "../../support/server.ts";

export interface Summary {
  readonly requests: number;
  /** What went wrong, each with the command that shows it again. */
  readonly problems: readonly string[];
  readonly text: string;
}

const shownFaults = 8;

export const replayCommand = (seed: number): string => `deno task test:long:api --seed ${seed}`;

const servedDocument = async (): Promise<ApiDocument> => {
  await using server = await startServer();
  return documentOf((await server.ask("/openapi.json")).text);
};

const sumOf = (blocks: readonly Block[], counts: "answers" | "mutations" | "reasons") => {
  const sum = new Map<string, number>();
  for (const block of blocks) {
    for (const [name, count] of block[counts]) sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return sum;
};

/** Every way in which an operation can succeed, that did not occur. */
const missedSuccesses = (
  { operations }: ApiDocument,
  answers: ReadonlyMap<string, number>,
): readonly string[] =>
  operations.flatMap(({ id, responses }) =>
    Object.keys(responses)
      .filter((status) => /^[23]/.test(status) && !answers.has(`${id} ${status}`))
      .map((status) => `${id} ${status}`)
  );

const byStatus = (answers: ReadonlyMap<string, number>): string => {
  const counts = new Map<string, number>();
  for (const [name, count] of answers) {
    const status = name.split(" ")[1] ?? "";
    counts.set(status, (counts.get(status) ?? 0) + count);
  }
  return [...counts].sort().map(([status, count]) => `${status} ${count}`).join(", ");
};

export const runBlocks = async (
  seeds: Iterable<number>,
  options: { readonly longestMs?: number } = {},
): Promise<Summary> => {
  const startedMs = performance.now();
  const document = await servedDocument();
  const blocks: Block[] = [];
  for (const seed of seeds) {
    blocks.push(await runBlock(seed));
    if (performance.now() - startedMs > (options.longestMs ?? Number.POSITIVE_INFINITY)) break;
  }
  const answers = sumOf(blocks, "answers");
  const mutations = sumOf(blocks, "mutations");
  const missed = [
    ...missedSuccesses(document, answers),
    ...mutationNames.filter((name) => !mutations.has(name)),
  ];
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const requests = blocks.length * requestsPerBlock;
  const reasons = [...sumOf(blocks, "reasons")].sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `  ${count} × ${reason}`);
  return {
    requests,
    problems: [
      ...blocks.filter(({ faults }) => faults.length > 0).flatMap(({ seed, faults }) => [
        `seed ${seed} fails in ${faults.length} ways; again: ${replayCommand(seed)}`,
        ...faults.slice(0, shownFaults).map((fault) => `  ${fault}`),
      ]),
      ...(missed.length > 0 ? [`never reached: ${missed.join(", ")}`] : []),
    ],
    text: [
      `${requests} requests in ${blocks.length} blocks in ${seconds} s; answers: ` +
      `${byStatus(answers)}; mutations: ` +
      [...mutations].map(([name, count]) => `${name} ${count}`).join(", "),
      "refused though the document allows it:",
      ...reasons,
    ].join("\n"),
  };
};

export const assertBlocksHold = async (seeds: Iterable<number>): Promise<void> => {
  const { problems } = await runBlocks(seeds);
  if (problems.length > 0) throw new Error(problems.join("\n"));
};
