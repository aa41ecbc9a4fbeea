import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminUserGlobalSignOutCommand,
  type AttributeType,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { type ClientInput, clientOptions } from "@/server/aws/clients";

/**
 * Passwordless users of a Cognito user pool: a code by mail, sent by Cognito itself.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
 */

export type UserPool = {
  poolId: string;
  /** An app client without a secret, with ALLOW_USER_AUTH and PreventUserExistenceErrors=ENABLED. */
  clientId: string;
  region: string;
  endpoint?: string;
  /** In place of the shared connection pool. */
  handler?: ClientInput["handler"];
  /** Only the Admin calls are signed. */
  credentials: ClientInput["credentials"];
};

function client({ region, endpoint, handler, credentials }: UserPool): CognitoIdentityProviderClient {
  // A person waits for the answer: few tries, and a throttled pool is told to them rather than waited for.
  const options = { region, endpoint, handler, credentials, attempts: 3, throttledAttempts: 3 };
  return new CognitoIdentityProviderClient(clientOptions(options));
}

const named = (error: unknown): string => (error instanceof Error ? error.name : "");

/**
 * Asks Cognito to mail a code; returns the session to answer with, or null when the user cannot have one (unknown, disabled,
 * or without that way to sign in). Throws the SDK's error when Cognito could not be asked (throttled, not reached).
 */
export async function startEmailCode(pool: UserPool, input: { username: string }): Promise<string | null> {
  const cognito = client(pool);
  try {
    const answer = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_AUTH",
        ClientId: pool.clientId,
        AuthParameters: { USERNAME: input.username, PREFERRED_CHALLENGE: "EMAIL_OTP" },
      }),
    );
    if (answer.ChallengeName === "EMAIL_OTP") return answer.Session ?? null;
    const canChoose = answer.AvailableChallenges?.includes("EMAIL_OTP");
    if (answer.ChallengeName !== "SELECT_CHALLENGE" || !canChoose || !answer.Session) return null;
    const chosen = await cognito.send(
      new RespondToAuthChallengeCommand({
        ClientId: pool.clientId,
        ChallengeName: "SELECT_CHALLENGE",
        Session: answer.Session,
        ChallengeResponses: { USERNAME: input.username, ANSWER: "EMAIL_OTP" },
      }),
    );
    return chosen.ChallengeName === "EMAIL_OTP" ? (chosen.Session ?? null) : null;
  } catch (error) {
    const refused = ["UserNotFoundException", "NotAuthorizedException", "UserNotConfirmedException"];
    if (refused.includes(named(error))) return null;
    throw error;
  }
}

export type EmailCodeAnswer =
  | { outcome: "right"; idToken: string }
  /** Wrong, or a further challenge; `session` replaces the old one where Cognito gave a new one. */
  | { outcome: "wrong"; session?: string }
  /** The session or the code ran out, or there were too many tries. */
  | { outcome: "over" };

/** Answers the challenge with the code. Throws the SDK's error when Cognito could not be asked. */
export async function answerEmailCode(
  pool: UserPool,
  input: { username: string; session: string; code: string },
): Promise<EmailCodeAnswer> {
  try {
    const answer = await client(pool).send(
      new RespondToAuthChallengeCommand({
        ClientId: pool.clientId,
        ChallengeName: "EMAIL_OTP",
        Session: input.session,
        ChallengeResponses: { USERNAME: input.username, EMAIL_OTP_CODE: input.code },
      }),
    );
    const idToken = answer.AuthenticationResult?.IdToken;
    if (idToken) return { outcome: "right", idToken };
    return answer.ChallengeName === "EMAIL_OTP" ? { outcome: "wrong", session: answer.Session } : { outcome: "over" };
  } catch (error) {
    if (named(error) === "CodeMismatchException") return { outcome: "wrong" };
    const over = ["ExpiredCodeException", "NotAuthorizedException", "UserNotFoundException"];
    if (over.includes(named(error))) return { outcome: "over" };
    throw error;
  }
}

const subjectOf = (attributes: AttributeType[] = []): string | undefined =>
  attributes.find((attribute) => attribute.Name === "sub")?.Value;

/**
 * Makes a passwordless user with a verified address and sends nothing, or finds the one that exists; returns the subject.
 * A password once set can never be removed, so no temporary one is given.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
 */
export async function ensureUser(pool: UserPool, input: { email: string }): Promise<string> {
  const cognito = client(pool);
  const user = { UserPoolId: pool.poolId, Username: input.email };
  try {
    const { User } = await cognito.send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: "SUPPRESS",
        UserAttributes: [
          { Name: "email", Value: input.email },
          { Name: "email_verified", Value: "true" },
        ],
      }),
    );
    const subject = subjectOf(User?.Attributes);
    if (subject) return subject;
  } catch (error) {
    if (named(error) !== "UsernameExistsException") throw error;
  }
  const subject = subjectOf((await cognito.send(new AdminGetUserCommand(user))).UserAttributes);
  if (!subject) throw new Error("Cognito answered a user without a subject");
  return subject;
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (named(error) !== "UserNotFoundException") throw error;
  }
}

/** Removes a user (by subject or address); no error when there is none. */
export async function deleteUser(pool: UserPool, input: { username: string }): Promise<void> {
  const command = new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: input.username });
  await unlessGone(client(pool).send(command));
}

/** Ends the user's sessions with Cognito: refresh tokens are refused from now on. */
export async function signOutUser(pool: UserPool, input: { username: string }): Promise<void> {
  const command = new AdminUserGlobalSignOutCommand({ UserPoolId: pool.poolId, Username: input.username });
  await unlessGone(client(pool).send(command));
}
