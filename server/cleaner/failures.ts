/** What an AWS error means to the cleaner. Only the last word of a list decides about "clean", never these readings. */

/** A short sentence for people and reports: "AccessDenied: User … is not authorized …". */
export function sayError(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 300);
  // What the SDK adds for programmers when an answer is not AWS's, such as a page of a proxy.
  const [read = "", unread] = error.message.split(/\s*Deserialization error: to see the raw response/);
  if (unread !== undefined) return `the answer could not be read as one of AWS (${read.slice(0, 200)})`;
  const message = error.message && error.message !== error.name ? `: ${error.message}` : "";
  return `${error.name}${message}`.replace(/\s+/g, " ").slice(0, 300);
}

/** The thing to remove is not there. A wrong reading is harmless: the next pass lists it again. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/NotFound|NoSuch|DoesNotExist|NonExist|NotExist|^InvalidAMIID\.Unavailable$/i.test(error.name)) {
    return !/ENOTFOUND/.test(error.name);
  }
  return /^(ValidationError|ValidationException|ClientException|InvalidDocument|InvalidInputException|InvalidRequestException|InvalidParameter\w*)$/.test(
    error.name,
  )
    ? /\b(does not exist|not found|could not find|RecordNotFound)\b/i.test(error.message)
    : false;
}

/** Not allowed: trying again within the pass is of no use. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof Error && /AccessDenied|Unauthorized|NotAuthorized|AuthFailure|AuthorizationError/i.test(error.name)
  );
}

/** Something else still stands in the way: worth trying again once more is gone. */
export function isInTheWay(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/Depend|InUse|Conflict|NotEmpty|IncorrectState|InvalidState|Invalid\w*State|OperationAborted|CannotDelete|ResourceBusy|InProgress|Contain|Associated|Referenced|Contention/i.test(
      error.name,
    ) ||
      /\b(in use|in progress|depend|currently|still|being|existing|associated|attached)\b/i.test(error.message))
  );
}

/**
 * The rules that hold for every service: the account never subscribed to it, so it holds nothing there.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html ("OptInRequired")
 */
export function notSubscribed(error: Error): string | undefined {
  if (error.name === "OptInRequired" || error.name === "SubscriptionRequiredException") {
    return `the account is not subscribed to it (${error.name})`;
  }
  return undefined;
}

/**
 * For `unavailable`: an endpoint that is there but does not have the operation holds nothing of its kind. AWS's words:
 * "The requested operation is not supported in the called region."
 */
export function notOffered(error: Error): string | undefined {
  return error.name === "UnknownOperationException"
    ? "the region does not offer it (UnknownOperationException)"
    : undefined;
}
