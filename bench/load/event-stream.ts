/** Follows an endless response over a bare socket, for the same reason as `connection.ts`. */
import { openSocket, requestBytes, type Target, writeAll } from "./connection.ts";
import { Dechunker, MalformedResponse, readHead } from "./response.ts";

const bufferBytes = 16_384;

/** Asks for a path and hands over what its body says, until it ends or is closed. */
export const followStream = async (
  target: Target,
  path: string,
  take: (bytes: Uint8Array) => void,
): Promise<{ readonly ended: Promise<void>; readonly close: () => void }> => {
  const socket = await openSocket(target);
  await writeAll(socket, requestBytes(target, { method: "GET", path }));
  const buffer = new Uint8Array(bufferBytes);
  let filled = 0;
  let head = null;
  while (head === null) {
    if (filled === buffer.length) throw new MalformedResponse("The answer has too many headers.");
    const read = await socket.read(buffer.subarray(filled));
    if (read === null) throw new Error("The connection ended before the answer.");
    filled += read;
    head = readHead(buffer.subarray(0, filled));
  }
  if (head.status !== 200) {
    const answer = new TextDecoder().decode(buffer.subarray(0, filled));
    socket.close();
    throw new Error(`The stream was refused: ${answer}`);
  }
  const chunks = new Dechunker(take);
  chunks.push(buffer.subarray(head.end, filled));
  const follow = async (): Promise<void> => {
    while (!chunks.ended) {
      const read = await socket.read(buffer);
      if (read === null) return;
      chunks.push(buffer.subarray(0, read));
    }
  };
  return { ended: follow(), close: () => socket.close() };
};
