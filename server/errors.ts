import type { Say } from "@/server/languages/languages";

/** Expected failures. One table maps each code to its HTTP status; the message is a sentence for the person who reads it. */
export const errorStatus = {
  invalid: 422,
  unauthenticated: 401,
  unverified: 403,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  not_ready: 409,
  gone: 410,
  too_many: 429,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** What may be said beside the message: errors by form field, seconds to wait, where to go on. */
export type ErrorDetail = {
  fields?: Record<string, string>;
  retryAfterSeconds?: number;
  reason?: string;
  /** How many accounts of the pool are missing. */
  missing?: number;
  /** The message, and that of each field, in the reader's language, for public forms; without it they get what the code says. */
  say?: Say;
  sayFields?: Record<string, Say>;
};

/**
 * An expected failure of a use case. The message is written for the reader and never holds what they may not know: a thing
 * that the actor may not see answers `not_found` in the same words as one that does not exist.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.name = "DomainError";
    this.code = code;
    this.detail = detail;
  }
}

/** The answer for what is not there, or not for this actor. */
export function notFound(noun: string): DomainError {
  return new DomainError("not_found", `There is no such ${noun}, or it is not open to you.`);
}

/** Makes the compiler prove that a union was handled in full. */
export function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}
