import { z } from "zod";
import { CloudError } from "@/server/aws/errors";
import type { SessionKeys } from "@/server/aws/sts";
import type { CloudEnv as Env } from "@/server/env";

const answer = z.object({ SigninToken: z.string().min(1) });

/**
 * A link that signs a browser in to the AWS console with a session's keys. It is a secret, valid for 15 minutes; the console
 * session lasts as long as the keys (no SessionDuration: it is refused for chained roles).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
 */
export async function consoleSignInUrl(
  env: Env,
  keys: SessionKeys,
  target: { destination?: string; issuer: string },
): Promise<string> {
  const session = JSON.stringify({
    sessionId: keys.accessKeyId,
    sessionKey: keys.secretAccessKey,
    sessionToken: keys.sessionToken,
  });
  const question = new URL(env.AWS_SIGNIN_URL);
  question.searchParams.set("Action", "getSigninToken");
  question.searchParams.set("Session", session);
  const token = await signInToken(question);
  const link = new URL(env.AWS_SIGNIN_URL);
  link.searchParams.set("Action", "login");
  link.searchParams.set("Issuer", target.issuer);
  link.searchParams.set("Destination", target.destination ?? env.AWS_CONSOLE_URL);
  link.searchParams.set("SigninToken", token);
  return link.toString();
}

async function signInToken(question: URL): Promise<string> {
  let response: Response;
  try {
    response = await fetch(question, { signal: AbortSignal.timeout(15_000), redirect: "error" });
  } catch {
    // The cause would hold the URL, and with it the keys.
    throw new CloudError("Unavailable", "getSigninToken", "no answer");
  }
  if (!response.ok)
    throw new CloudError(response.status >= 500 ? "Unavailable" : "Refused", "getSigninToken", String(response.status));
  const parsed = answer.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new CloudError("Refused", "getSigninToken", "an answer without a token");
  return parsed.data.SigninToken;
}

/**
 * The page on which IAM users of an account sign in, at the host of the sign-in settings (`signin.aws.amazon.com`, also behind
 * a region or in another partition). https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
 */
export function accountSignInUrl(env: Pick<Env, "AWS_SIGNIN_URL">, accountId: string): string {
  const host = /(?:^|\.)(signin\..+)$/.exec(new URL(env.AWS_SIGNIN_URL).hostname)?.[1] ?? "signin.aws.amazon.com";
  return `https://${accountId}.${host}/console`;
}
