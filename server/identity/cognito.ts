import { CognitoJwtVerifier } from "aws-jwt-verify";
import type { JwksCache } from "aws-jwt-verify/jwk";
import {
  answerEmailCode,
  deleteUser,
  type EmailCodeAnswer,
  ensureUser,
  signOutUser,
  startEmailCode,
  type UserPool,
} from "@/server/aws/cognito";
import type { Context } from "@/server/context";
import type { CheckedCode, CodeProvider } from "@/server/identity/provider";

/**
 * Codes by Amazon Cognito. Cognito mails the code itself and answers a token, which is verified and then dropped: the session
 * is our own. Whatever Cognito answers to a request, the caller sees the same; only the log tells, without the address.
 */

/** Cognito's codes by mail have eight digits. */
const cognitoCodeLength = 8;

/** Of an error only its name is logged: its text may hold an address. */
const nameOf = (error: unknown) => (error instanceof Error ? error.name : "unknown");

type State = { username: string; session: string };

function verifier(pool: UserPool, jwksCache?: JwksCache) {
  return CognitoJwtVerifier.create(
    { userPoolId: pool.poolId, clientId: pool.clientId, tokenUse: "id" },
    jwksCache && { jwksCache },
  );
}

type Verifier = ReturnType<typeof verifier>;

// One for a pool and process: it keeps the pool's public keys.
const verifiers = new Map<string, Verifier>();

function verifierOf(pool: UserPool): Verifier {
  const id = `${pool.poolId}/${pool.clientId}`;
  const known = verifiers.get(id) ?? verifier(pool);
  verifiers.set(id, known);
  return known;
}

/** Reads a token, once it is verified: the subject, if it is about the address that the code was sent to. */
async function subjectOf(ctx: Context, check: Verifier, idToken: string, username: string): Promise<CheckedCode> {
  try {
    const claims = await check.verify(idToken);
    if (claims.email_verified === true && String(claims.email).toLowerCase() === username)
      return { outcome: "right", subject: claims.sub };
    ctx.log.error("the identity provider answered a token about another address");
  } catch (error) {
    ctx.log.error({ error: nameOf(error) }, "the identity provider answered a token that does not hold");
  }
  return { outcome: "over" };
}

async function checkWithCognito(
  ctx: Context,
  pool: UserPool,
  check: Verifier,
  state: State,
  code: string,
): Promise<CheckedCode> {
  const { username, session } = state;
  let answer: EmailCodeAnswer;
  try {
    answer = await answerEmailCode(pool, { username, session, code });
  } catch (error) {
    ctx.log.warn({ error: nameOf(error) }, "the identity provider could not check a code");
    return { outcome: "busy" };
  }
  if (answer.outcome === "right") return subjectOf(ctx, check, answer.idToken, username);
  if (answer.outcome === "wrong" && answer.session)
    return { outcome: "wrong", providerState: JSON.stringify({ username, session: answer.session } satisfies State) };
  return answer.outcome === "wrong" ? { outcome: "wrong" } : answer;
}

/** The provider on a user pool; `jwksCache` is for tests, which have keys of their own. */
export function cognitoCodes(pool: UserPool, jwksCache?: JwksCache): CodeProvider {
  const check = jwksCache ? verifier(pool, jwksCache) : verifierOf(pool);
  return {
    codeLength: cognitoCodeLength,
    floorMilliseconds: 1500,
    viaOutbox: false,
    async ask(ctx, { email, known, subject }) {
      try {
        const ensured = known && !subject ? await ensureUser(pool, { email }) : subject;
        // Asked for unknown addresses as well, so that it takes the same time; their answer is of no use.
        const session = await startEmailCode(pool, { username: email });
        const state = known && session ? JSON.stringify({ username: email, session } satisfies State) : null;
        if (known && !session) ctx.log.warn("the identity provider offers a member or customer no code by mail");
        return { providerState: state, subject: ensured };
      } catch (error) {
        ctx.log.warn({ error: nameOf(error) }, "the identity provider could not send a code");
        return { providerState: null, subject: null };
      }
    },
    async check(ctx, attempt, code) {
      if (!attempt.providerState) return { outcome: "wrong" };
      return checkWithCognito(ctx, pool, check, JSON.parse(attempt.providerState) as State, code);
    },
    signOut: (_ctx, subject) => signOutUser(pool, { username: subject }),
    remove: (_ctx, subject) => deleteUser(pool, { username: subject }),
  };
}
