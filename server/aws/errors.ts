import { isThrottling } from "@/server/aws/clients";

/**
 * What went wrong with a call, as far as callers decide by it. `UnknownKey`: nobody has these keys (any more).
 * `Unavailable`: no answer, or a 5xx. `Refused`: AWS understood the call and does not do it.
 */
export type CloudErrorKind =
  | "AccessDenied"
  | "NotFound"
  | "AlreadyExists"
  | "Throttled"
  | "Unavailable"
  | "Expired"
  | "UnknownKey"
  | "WrongSecret"
  | "Refused";

/** A call to AWS that failed. The message is a sentence for an engineer, with AWS's own code in it. */
export class CloudError extends Error {
  override name = "CloudError";
  readonly kind: CloudErrorKind;
  readonly operation: string;
  /** AWS's name of the error, e.g. "NoSuchEntity". */
  readonly code: string;

  constructor(kind: CloudErrorKind, operation: string, code: string, cause?: unknown) {
    super(sentences[kind](operation, code), { cause });
    this.kind = kind;
    this.operation = operation;
    this.code = code;
  }
}

const sentences: Record<CloudErrorKind, (operation: string, code: string) => string> = {
  AccessDenied: (operation) => `AWS does not allow ${operation} (AccessDenied)`,
  NotFound: (operation, code) => `AWS does not know what ${operation} is about (${code})`,
  AlreadyExists: (operation, code) => `What ${operation} makes is there already (${code})`,
  Throttled: (operation, code) => `AWS asks to slow down with ${operation} (${code})`,
  Unavailable: (operation, code) => `AWS did not answer ${operation} (${code})`,
  Expired: (operation) => `The session used for ${operation} has expired`,
  UnknownKey: (operation, code) => `AWS does not know the keys used for ${operation} (${code})`,
  WrongSecret: (operation, code) => `The secret used for ${operation} is wrong (${code})`,
  Refused: (operation, code) => `AWS refused ${operation} (${code})`,
};

// Names as AWS's services answer them, without a trailing "Exception":
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the errors of each API's reference.
const kinds: readonly (readonly [CloudErrorKind, RegExp])[] = [
  ["AccessDenied", /^(AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden|AccessDeniedError)$/],
  ["Expired", /^(ExpiredToken|RequestExpired|TokenRefreshRequired|ExpiredTokenError)$/],
  ["UnknownKey", /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|AuthFailure|InvalidToken)$/],
  ["WrongSecret", /^(SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)$/],
  ["AlreadyExists", /(AlreadyExists|^Duplicate|DuplicateAccount|AlreadyEnabled|AlreadyInOrganization)/],
  ["NotFound", /(NoSuch|NotFound|DoesNotExist|NotInOrganization|PolicyNotAttached)/],
];

/** The one translation of an SDK error. Errors that are not of a call (bugs) come back as they are. */
export function cloudError(operation: string, error: unknown): unknown {
  if (error instanceof CloudError || !(error instanceof Error)) return error;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const code = error.name.replace(/Exception$/, "");
  if (isThrottling(error)) return new CloudError("Throttled", operation, code, error);
  for (const [kind, names] of kinds) if (names.test(code)) return new CloudError(kind, operation, code, error);
  if (status !== undefined && status >= 500)
    return new CloudError("Unavailable", operation, `${code} ${status}`, error);
  if (isBrokenConnection(error)) return new CloudError("Unavailable", operation, code, error);
  return status === undefined ? error : new CloudError("Refused", operation, code, error);
}

function isBrokenConnection(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  if (error.name === "TimeoutError" || error.name === "AbortError" || error.name === "NetworkingError") return true;
  return typeof code === "string" && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)/.test(code);
}

/** Runs one call and throws `CloudError` for what AWS, or the way to it, answers. */
export async function calling<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw cloudError(operation, error);
  }
}

/** The kind of a failed call, or undefined for anything else. */
export function kindOf(error: unknown): CloudErrorKind | undefined {
  return error instanceof CloudError ? error.kind : undefined;
}
