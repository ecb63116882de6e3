/** How a message of a lane that waits or died is stored: a line of JSON, and the body as it is. */
import type { DeadLetter, Message, Waiting } from "./message.ts";

export const packRow = ({ body, ...rest }: Waiting | DeadLetter): string =>
  `${JSON.stringify(rest)}\n${body}`;

export const unpackRow = <Row extends Message>(stored: string): Row => {
  const end = stored.indexOf("\n");
  return { ...JSON.parse(stored.slice(0, end)), body: stored.slice(end + 1) };
};
