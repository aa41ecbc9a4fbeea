import { SESClient } from "@aws-sdk/client-ses";
import { z } from "zod";
import { clientOptions } from "@/server/aws/clients";
import { CloudError, calling } from "@/server/aws/errors";
import { baseCredentials, placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/**
 * The suppression list of the AWS account in SES: addresses to which SES itself sends nothing. Only the second version of its
 * API has it, at the same host and signed for the same service as the first, so the first one's client signs these calls.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListSuppressedDestinations.html
 */

const path = "/v2/email/suppression/addresses";
const answerMilliseconds = 10_000;

type Call = { operation: string; method: "GET" | "DELETE"; path: string; query?: Record<string, string> };

/** One signed call; throws `CloudError` for an answer that is not 2xx. */
async function call(env: Env, { operation, method, path, query = {} }: Call): Promise<unknown> {
  const client = new SESClient(clientOptions({ ...placeOf(env), credentials: baseCredentials(env) }));
  const base = env.AWS_ENDPOINT_URL
    ? new URL(env.AWS_ENDPOINT_URL)
    : client.config.endpointProvider({ Region: env.AWS_REGION }).url;
  const { protocol, hostname, host, port } = base;
  const signer = await client.config.signer({
    schemeId: "aws.auth#sigv4",
    signingName: "ses",
    signingRegion: env.AWS_REGION,
  } as unknown as Parameters<typeof client.config.signer>[0]);
  const signed = await signer.sign({
    ...{ method, protocol, hostname, path, query, headers: { host } },
    ...(port ? { port: Number(port) } : {}),
  });
  const { host: _, ...headers } = signed.headers;
  const search = new URLSearchParams(query).toString().replaceAll("+", "%20");
  const url = `${protocol}//${host}${path}${search ? `?${search}` : ""}`;
  const answer = await calling(operation, () =>
    fetch(url, { method, headers, redirect: "error", signal: AbortSignal.timeout(answerMilliseconds) }),
  );
  if (answer.ok) return answer.json().catch(() => ({}));
  const code = (answer.headers.get("x-amzn-errortype") ?? "").split(":")[0]!.replace(/Exception$/, "");
  if (answer.status === 404) throw new CloudError("NotFound", operation, code || "NotFound");
  if (answer.status === 429) throw new CloudError("Throttled", operation, code || "TooManyRequests");
  if (answer.status === 403) throw new CloudError("AccessDenied", operation, code || "AccessDenied");
  throw new CloudError(answer.status >= 500 ? "Unavailable" : "Refused", operation, `${code} ${answer.status}`.trim());
}

const page = z.object({
  SuppressedDestinationSummaries: z
    .array(z.object({ EmailAddress: z.string(), Reason: z.enum(["BOUNCE", "COMPLAINT"]) }))
    .default([]),
  NextToken: z.string().nullish(),
});

export type SesSuppressed = { email: string; reason: "bounced" | "complained" };

/** What came onto the account's list since a moment; at most 10,000. */
export async function listSesSuppressed(env: Env, since: Date): Promise<SesSuppressed[]> {
  const found: SesSuppressed[] = [];
  let token: string | null | undefined;
  do {
    const query: Record<string, string> = { PageSize: "1000", StartDate: since.toISOString() };
    if (token) query.NextToken = token;
    const answer = page.parse(await call(env, { operation: "ListSuppressedDestinations", method: "GET", path, query }));
    for (const { EmailAddress, Reason } of answer.SuppressedDestinationSummaries)
      found.push({ email: EmailAddress.toLowerCase(), reason: Reason === "BOUNCE" ? "bounced" : "complained" });
    token = answer.NextToken;
  } while (token && found.length < 10_000);
  return found;
}

/** Takes an address off the account's list; nothing to do where it is not on it. */
export async function removeSesSuppressed(env: Env, email: string): Promise<void> {
  try {
    const operation = "DeleteSuppressedDestination";
    await call(env, { operation, method: "DELETE", path: `${path}/${encodeURIComponent(email)}` });
  } catch (error) {
    if (!(error instanceof CloudError && error.kind === "NotFound")) throw error;
  }
}
