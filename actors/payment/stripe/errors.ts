/** What the errors of Stripe's library mean: that something is not going to be done, or that nobody knows. */
import { ProviderUnclear } from "../../../src/payment/port.ts";
import { NoAnswer } from "./client.ts";

interface Said {
  readonly statusCode?: number;
  readonly code?: string;
  readonly declineCode?: string;
  readonly rawType?: string;
}

const textIn = (object: object, name: string): string | undefined => {
  const value: unknown = Reflect.get(object, name);
  return typeof value === "string" && value !== "" ? value : undefined;
};

const saidBy = (error: unknown): Said => {
  if (typeof error !== "object" || error === null) return {};
  const statusCode: unknown = Reflect.get(error, "statusCode");
  const code = textIn(error, "code");
  const declineCode = textIn(error, "decline_code");
  const rawType = textIn(error, "rawType");
  return {
    ...(typeof statusCode === "number" ? { statusCode } : {}),
    ...(code === undefined ? {} : { code }),
    ...(declineCode === undefined ? {} : { declineCode }),
    ...(rawType === undefined ? {} : { rawType }),
  };
};

/** Answers by which Stripe says that it is not going to do this. All others leave open what became of it. */
const refusals: ReadonlySet<number> = new Set([400, 402, 404]);

/** The word for a refusal; null where nobody knows what became of it. */
export const refusalOf = (error: unknown): string | null => {
  const { statusCode = 0, code, declineCode, rawType } = saidBy(error);
  if (!refusals.has(statusCode)) return null;
  if (rawType === "idempotency_error" || code === "rate_limit" || code === "lock_timeout") {
    return null;
  }
  return declineCode ?? code ?? `http_${statusCode}`;
};

/** Whether Stripe does not have what was asked for by its id. */
export const isMissing = (error: unknown): boolean => saidBy(error).statusCode === 404;

const noAnswerIn = (error: unknown): NoAnswer | null => {
  if (error instanceof NoAnswer) return error;
  const detail: unknown = typeof error === "object" && error !== null
    ? Reflect.get(error, "detail")
    : undefined;
  return detail instanceof NoAnswer ? detail : null;
};

export const unclearBy = (error: unknown): ProviderUnclear => {
  if (error instanceof ProviderUnclear) return error;
  const { statusCode } = saidBy(error);
  const code = noAnswerIn(error)?.code ??
    (statusCode === undefined ? "malformed_answer" : `http_${statusCode}`);
  return new ProviderUnclear({ code });
};
