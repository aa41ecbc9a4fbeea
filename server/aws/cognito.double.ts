import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import {
  AdminCreateUser$,
  AdminDeleteUser$,
  AdminGetUser$,
  AdminUserGlobalSignOut$,
  CognitoIdentityProviderClient,
  InitiateAuth$,
  RespondToAuthChallenge$,
} from "@aws-sdk/client-cognito-identity-provider";
import type { UserPool } from "@/server/aws/cognito";

/**
 * A user pool for tests, since no emulator speaks USER_AUTH: it stands where the network would, and reads and writes with the
 * SDK's own schemas, so that real signing, retries and parsing take place. Answers are those of the API reference and, where
 * it is silent, of a pool with PreventUserExistenceErrors=ENABLED.
 */

type User = { subject: string; email: string; status: "ok" | "without_code"; signedOut: number };
type Challenge = { email: string; code: string; session: string; wrong: number };
type Input = Record<string, unknown> & {
  ClientId?: string;
  UserPoolId?: string;
  Session?: string;
  ChallengeName?: string;
  AuthParameters?: Record<string, string>;
  ChallengeResponses?: Record<string, string>;
  UserAttributes?: { Name: string; Value: string }[];
};

const schemas = {
  AdminCreateUser: AdminCreateUser$,
  AdminDeleteUser: AdminDeleteUser$,
  AdminGetUser: AdminGetUser$,
  AdminUserGlobalSignOut: AdminUserGlobalSignOut$,
  InitiateAuth: InitiateAuth$,
  RespondToAuthChallenge: RespondToAuthChallenge$,
};

/** An operation in the SDK's model: kind, namespace, name, traits, and how to find its input and its output. */
type OperationSchema = [number, string, string, number, () => never, () => never];

class Refusal extends Error {
  override name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const issuerRegion = "eu-west-1";
const fields = (subject: string, email: string) => [
  { Name: "sub", Value: subject },
  { Name: "email", Value: email },
  { Name: "email_verified", Value: "true" },
];

/** Makes a pool with its own keys. `users`, `challenge` and `failures` are for the test to look into and to change. */
export function userPoolDouble() {
  const poolId = `${issuerRegion}_Double${randomUUID().slice(0, 4)}`;
  const clientId = "doubleclient0000000000001";
  const issuer = `https://cognito-idp.${issuerRegion}.amazonaws.com/${poolId}`;
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const users = new Map<string, User>();
  /** The latest challenge; Cognito knows each, the tests need one. */
  let challenge: Challenge | undefined;
  /** Error names that the next calls answer, first come first served. */
  const failures: string[] = [];
  const calls: string[] = [];
  /** What a token says beside or instead of the truth. */
  const claims: Record<string, unknown> = {};
  const client = new CognitoIdentityProviderClient({ region: issuerRegion });

  function idToken(user: User): string {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const now = Math.floor(performance.timeOrigin + performance.now()) / 1000;
    const body = {
      ...{ sub: user.subject, email: user.email, email_verified: true, iss: issuer, aud: clientId, token_use: "id" },
      ...{
        iat: Math.floor(now),
        exp: Math.floor(now) + 300,
        auth_time: Math.floor(now),
        "cognito:username": user.subject,
      },
      ...claims,
    };
    const signed = `${encode({ alg: "RS256", kid: "double" })}.${encode(body)}`;
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), keys.privateKey).toString("base64url")}`;
  }

  function named(input: Input): User {
    const user = [...users.values()].find((one) => [one.email, one.subject].includes(String(input.Username)));
    if (!user) throw new Refusal("UserNotFoundException", "User does not exist.");
    return user;
  }

  function askCode(email: string) {
    const code = String(10_000_000 + Math.floor(Math.random() * 89_999_999));
    challenge = { email, code, session: randomUUID().repeat(2), wrong: 0 };
    return { ChallengeName: "EMAIL_OTP", Session: challenge.session, AvailableChallenges: ["EMAIL_OTP"] };
  }

  function answerCode(input: Input) {
    const { USERNAME, EMAIL_OTP_CODE } = input.ChallengeResponses ?? {};
    const known =
      challenge && challenge.session === input.Session && challenge.email === USERNAME ? challenge : undefined;
    if (!known) throw new Refusal("NotAuthorizedException", "Invalid session for the user, session is expired.");
    if (EMAIL_OTP_CODE !== known.code) {
      known.wrong += 1;
      if (known.wrong > 3) challenge = undefined;
      throw new Refusal("CodeMismatchException", "Invalid code or auth state for the user.");
    }
    const user = users.get(known.email);
    challenge = undefined;
    if (!user) throw new Refusal("NotAuthorizedException", "Incorrect username or password.");
    return { AuthenticationResult: { IdToken: idToken(user), AccessToken: "a", RefreshToken: "r", ExpiresIn: 300 } };
  }

  const operations: Record<string, (input: Input) => object> = {
    InitiateAuth(input) {
      const { USERNAME = "", PREFERRED_CHALLENGE } = input.AuthParameters ?? {};
      if (input.ClientId !== clientId || input.AuthFlow !== "USER_AUTH" || PREFERRED_CHALLENGE !== "EMAIL_OTP")
        throw new Refusal("InvalidParameterException", "Not what this pool is for.");
      const user = users.get(USERNAME);
      if (user?.status === "ok") return askCode(USERNAME);
      return {
        ChallengeName: "SELECT_CHALLENGE",
        Session: randomUUID().repeat(2),
        AvailableChallenges: ["PASSWORD_SRP"],
      };
    },
    RespondToAuthChallenge(input) {
      if (input.ChallengeName === "EMAIL_OTP") return answerCode(input);
      throw new Refusal("InvalidParameterException", "This challenge is not on offer.");
    },
    AdminCreateUser(input) {
      if (input.TemporaryPassword) throw new Refusal("InvalidParameterException", "Passwordless users have none.");
      if (input.MessageAction !== "SUPPRESS") throw new Refusal("CodeDeliveryFailureException", "A mail would go out.");
      const email = String(input.Username);
      if (users.has(email)) throw new Refusal("UsernameExistsException", "User account already exists");
      const user: User = { subject: randomUUID(), email, status: "ok", signedOut: 0 };
      users.set(email, user);
      return { User: { Username: user.subject, Enabled: true, Attributes: fields(user.subject, email) } };
    },
    AdminGetUser(input) {
      const user = named(input);
      return { Username: user.subject, UserAttributes: fields(user.subject, user.email) };
    },
    AdminDeleteUser(input) {
      users.delete(named(input).email);
      return {};
    },
    AdminUserGlobalSignOut(input) {
      named(input).signedOut += 1;
      return {};
    },
  };

  function answer(name: string, headers: Record<string, string>, body: unknown) {
    const schema = schemas[name as keyof typeof schemas] as unknown as OperationSchema | undefined;
    if (!schema) throw new Error(`${name} is not in this double`);
    const codec = client.config.protocol.getPayloadCodec();
    const reader = codec.createDeserializer();
    const writer = codec.createSerializer();
    const input = reader.read(schema[4](), body as Uint8Array) as Promise<Input> | Input;
    return Promise.resolve(input).then((given) => {
      const failure = failures.shift();
      if (failure) throw new Refusal(failure, "As the test asked for.");
      if (name.startsWith("Admin")) {
        if (!headers.authorization?.startsWith("AWS4-HMAC-SHA256"))
          throw new Refusal("NotAuthorizedException", "Unsigned.");
        if (given.UserPoolId !== poolId) throw new Refusal("ResourceNotFoundException", "User pool does not exist.");
      }
      const output = operations[name]?.(given);
      if (!output) throw new Refusal("InvalidParameterException", `${name} is not in this double`);
      writer.write(schema[5](), output);
      return writer.flush();
    });
  }

  const handler = {
    async handle(request: { headers: Record<string, string>; body?: unknown }) {
      const name = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
      calls.push(name);
      const headers = { "content-type": "application/x-amz-json-1.1" };
      const encode = (text: string | Uint8Array) => (typeof text === "string" ? new TextEncoder().encode(text) : text);
      try {
        const body = encode(await answer(name, request.headers, request.body));
        return { response: { statusCode: 200, headers, body } };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const body = encode(JSON.stringify({ __type: error.name, message: error.message }));
        return { response: { statusCode: 400, headers, body } };
      }
    },
  };

  const pool: UserPool = {
    poolId,
    clientId,
    region: issuerRegion,
    endpoint: "https://cognito-idp.double.example",
    handler: handler as unknown as UserPool["handler"],
    credentials: { accessKeyId: "AKIADOUBLE", secretAccessKey: "double" },
  };
  const jwks = { keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "double", alg: "RS256", use: "sig" }] };
  return { pool, users, claims, failures, calls, jwks, challenge: () => challenge };
}
