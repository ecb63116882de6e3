/** A real SMTP server for tests, which keeps what it takes, read by another's parser. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { mailServerIn, type MailSettings } from "../../actors/message/mail-settings.ts";

export interface Received {
  readonly to: readonly string[];
  readonly from: string;
  readonly mail: ParsedMail;
}

/** What a server refuses a command with. */
export const reply = (responseCode: number, text: string) =>
  Object.assign(new Error(text), { responseCode });

/** Ends the connections of a server in the middle of whatever they do. */
export const cutAll = (server: SMTPServer): void => {
  for (const connection of server.connections) {
    const { _socket: socket } = connection as unknown as {
      readonly _socket: { destroy: () => void };
    };
    socket.destroy();
  }
};

export const withSmtp = async (
  options: SMTPServerOptions,
  work: (port: number, received: Received[], server: SMTPServer) => Promise<void>,
): Promise<void> => {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, hideSTARTTLS: true, closeTimeout: 100, logger: false },
    onData: (stream, { envelope }, done) =>
      void simpleParser(stream).then((mail) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        received.push({ to: envelope.rcptTo.map(({ address }) => address), from, mail });
        done();
      }, done),
    ...options,
  });
  // A client that goes away is no trouble of the server's.
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  try {
    await work((server.server.address() as AddressInfo).port, received, server);
  } finally {
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  }
};

export const mailSettingsFor = (port: number, more: Partial<MailSettings> = {}): MailSettings => {
  const server = mailServerIn(`smtp://127.0.0.1:${port}`);
  assert.ok(server !== null);
  return {
    ...{ server, redirect: null },
    from: { name: "Nordlicht & Co", address: "orders@nord.example" },
    ...more,
  };
};
