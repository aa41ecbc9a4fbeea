import { baseCredentials, placeOf } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import { cognitoCodes } from "@/server/identity/cognito";
import { localCodes } from "@/server/identity/local";

/** Who proves an address with a code: members of a team, or customers. */
export type Audience = "member" | "customer";

/** The human that a code is asked for. `known` is false for an address that belongs to nobody here. */
export type CodeRecipient = { email: string; known: boolean; subject: string | null };

/** What a provider wrote down when the code was asked for. */
export type AskedCode = { providerState: string | null; subject: string | null };

/** The attempt that a code is checked against. */
export type CodeAttempt = { id: string; codeHash: string | null; providerState: string | null };

export type CheckedCode =
  | { outcome: "right"; subject: string | null }
  /** `providerState` replaces the old one where the provider answered a new one. */
  | { outcome: "wrong"; providerState?: string }
  /** The provider has forgotten or refused the attempt: only a new code helps. */
  | { outcome: "over" }
  /** The provider could not say: the try does not count. */
  | { outcome: "busy" };

/** How an address is proved with a code by mail. Two exist: `local.ts` and `cognito.ts`. */
export type CodeProvider = {
  /** Digits of a code: the form asks for so many. */
  codeLength: number;
  /** A request takes at least this long, so that known and unknown addresses look alike. */
  floorMilliseconds: number;
  /** Whether the code goes out by our outbox; else the provider mails it. */
  viaOutbox: boolean;
  /** Asks the provider for a code. Never throws for an unknown address. */
  ask(ctx: Context, recipient: CodeRecipient): Promise<AskedCode>;
  check(ctx: Context, attempt: CodeAttempt, code: string): Promise<CheckedCode>;
  /** Ends the provider's own sessions of a user. */
  signOut(ctx: Context, subject: string): Promise<void>;
  /** Removes the provider's copy of a user; no error when there is none. */
  remove(ctx: Context, subject: string): Promise<void>;
};

/** The provider of an audience, by the settings: Cognito where a user pool is named, else our own codes. */
export function codeProvider(ctx: Context, audience: Audience): CodeProvider {
  const { env } = ctx;
  const [poolId, clientId] =
    audience === "member"
      ? [env.COGNITO_MEMBER_POOL_ID, env.COGNITO_MEMBER_CLIENT_ID]
      : [env.COGNITO_CUSTOMER_POOL_ID, env.COGNITO_CUSTOMER_CLIENT_ID];
  return poolId && clientId
    ? cognitoCodes({ poolId, clientId, ...placeOf(env), credentials: baseCredentials(env) })
    : localCodes;
}
