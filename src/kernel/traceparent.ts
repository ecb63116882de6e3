/** A place in a trace, as W3C Trace Context writes it: read, and written for whoever is asked next. Pure. */
import { requestLimits } from "./limits.ts";

export interface TraceContext {
  /** 32 hexadecimal digits, the same for everything that one request set going. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's part of it. */
  readonly parentId: string;
  readonly sampled: boolean;
}

/** A later version may have more behind the four members of this one (section 4.3). */
const form = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

const isZero = (id: string): boolean => /^0+$/.test(id);

/** Undefined for what cannot be read: then a trace begins here (section 3.2.2.5). */
export const readTraceparent = (value: string): TraceContext | undefined => {
  if (value.length > requestLimits.traceparentLength) return undefined;
  const [, version, traceId = "", parentId = "", flags = "", more] = form.exec(value) ?? [];
  if (version === undefined || isZero(traceId) || isZero(parentId)) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  return { traceId, parentId, sampled: (parseInt(flags, 16) & 1) === 1 };
};

export const traceparent = ({ traceId, parentId, sampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${sampled ? "01" : "00"}`;
