/** Where mail is sent by, and from whom, as the operator's settings say it. */
import { Result } from "effect";
import { mailLimits } from "./limits.ts";

export interface MailAddress {
  /** What somebody is called; empty where nobody says. */
  readonly name: string;
  readonly address: string;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. */
  readonly secure: boolean;
  /** Else nothing is sent before STARTTLS. Only to a loopback address mail goes as plain text. */
  readonly requireTLS: boolean;
  readonly ignoreTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Whose certificates are believed, and for which name: what the runtime believes, for `host`, when absent. */
  readonly tls?: { readonly ca: string; readonly servername: string };
}

export interface MailSettings {
  readonly server: MailServer;
  readonly from: MailAddress;
  /** Gets everything in place of the customers. */
  readonly redirect: string | null;
}

const addressForm = /^[^\s<>()[\],;:\\"@\p{Cc}]+@[^\s<>()[\],;:\\"@\p{Cc}]+$/u;

/** Whether it is the address of one mailbox, and nothing else: no list, no group, no second header. */
export const isMailAddress = (text: string): boolean =>
  text.length <= mailLimits.addressLength && addressForm.test(text);

/** Reads `Shop <orders@shop.example>` or an address alone; null for anything else. */
export const mailboxIn = (text: string): MailAddress | null => {
  const [, quoted, plain, within, alone] =
    /^(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>|([^<>]*))$/.exec(text.trim()) ?? [];
  const address = (within ?? alone ?? "").trim();
  return isMailAddress(address) ? { name: (quoted ?? plain ?? "").trim(), address } : null;
};

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);

const decoded = (part: string): string | null => {
  try {
    return decodeURIComponent(part);
  } catch {
    // URIError, the only one there is.
    return null;
  }
};

/** Ports of submission, without TLS and with it (RFC 8314). */
const ports = { "smtp:": 587, "smtps:": 465 } as const;

const isScheme = (scheme: string): scheme is keyof typeof ports => Object.hasOwn(ports, scheme);

/** Reads `smtp://user:password@host:587` or `smtps://...`; null for what is no such address. */
export const mailServerIn = (text: string): MailServer | null => {
  const url = URL.parse(text);
  if (url === null || !isScheme(url.protocol) || url.hostname === "") return null;
  if (/[^/]/.test(url.pathname) || url.search !== "" || url.hash !== "") return null;
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  if (user === null || pass === null) return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = url.protocol === "smtps:";
  const isPlain = !secure && isLoopback(host);
  return {
    ...{ host, secure },
    port: url.port === "" ? ports[url.protocol] : Number(url.port),
    requireTLS: !secure && !isPlain,
    ignoreTLS: isPlain,
    ...(user === "" ? {} : { auth: { user, pass } }),
  };
};

/** The texts of the operator's settings. */
export interface MailTexts {
  readonly url: string;
  readonly from: string;
  readonly redirect?: string | undefined;
}

/** Else which setting is wrong, by the name of its variable. Values stay out of it: one has a password. */
export const readMailSettings = (
  { url, from, redirect }: MailTexts,
): Result.Result<MailSettings, string> => {
  const server = mailServerIn(url);
  if (server === null) {
    return Result.fail("ALLOT_SMTP_URL must be smtp:// or smtps:// with a host");
  }
  const sender = mailboxIn(from);
  if (sender === null) {
    return Result.fail("ALLOT_MAIL_FROM must be an address, such as Shop <orders@shop.example>");
  }
  if (redirect !== undefined && !isMailAddress(redirect)) {
    return Result.fail("ALLOT_MAIL_REDIRECT must be an address");
  }
  return Result.succeed({ server, from: sender, redirect: redirect ?? null });
};
