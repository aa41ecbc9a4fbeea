import { z } from "zod";

/** The only reader of process.env. Every setting of Atelier with its meaning; docs/operate.md lists them for operators. */

const loopback = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/.*)?$/;
/** AWS's own sign-in pages, also those of a region and of the other partitions. Session keys are sent there. */
const awsSignIn = /^https:\/\/([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)\//;
const awsConsole = /^https:\/\/([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)(\/|$)/;
const optional = z
  .string()
  .optional()
  .transform((value) => (value === "" ? undefined : value));
/** Values with commas between them. */
const list = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((part) => part.trim() || []));

export const settings = z.object({
  ATELIER_MODE: z.enum(["demo", "test", "production"]),
  DATABASE_URL: z.string().startsWith("postgres"),
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/$/, "")),
  ATELIER_SECRET_KEY: z
    .string()
    .transform((text) => new Uint8Array(Buffer.from(text, "base64")))
    .refine((bytes) => bytes.length === 32, "must be 32 bytes in base64, e.g. from `openssl rand -base64 32`"),
  AWS_REGION: z.string().min(1),
  AWS_ENDPOINT_URL: optional,
  AWS_SIGNIN_URL: z.url().default("https://signin.aws.amazon.com/federation"),
  AWS_CONSOLE_URL: z.url().default("https://console.aws.amazon.com/"),
  /** ARN of the role (or user) that this process runs as: the only principal that lease roles trust. */
  ATELIER_BASE_PRINCIPAL_ARN: optional,
  /** Role in the management account, where the base role is not in that account; assumed on the way to members. */
  ATELIER_MANAGEMENT_ROLE_ARN: optional,
  ATELIER_MEMBER_ROLE: z.string().default("OrganizationAccountAccessRole"),
  /** Why there is no cloud: set by the start script when no emulator could be started. */
  ATELIER_CLOUD_OFF: optional,
  /** Folder of the local mailbox (demo and test); without it mails go out through SES. */
  ATELIER_MAILBOX_DIR: optional,
  /** Quota of the local mailbox: mails a second, or mails a second and in 24 hours ("14/50000"); none when empty. */
  ATELIER_MAILBOX_QUOTA: z
    .string()
    .regex(/^([1-9]\d{0,4}(\/\d{1,8})?)?$/, "must be mails a second, e.g. 14, or with those of a day, e.g. 14/50000")
    .optional(),
  SES_CONFIGURATION_SET: optional,
  /** ARN of the SNS topic to which the configuration set publishes; without it no feedback is taken in. */
  SES_FEEDBACK_TOPIC_ARN: optional,
  COGNITO_MEMBER_POOL_ID: optional,
  COGNITO_MEMBER_CLIENT_ID: optional,
  COGNITO_CUSTOMER_POOL_ID: optional,
  COGNITO_CUSTOMER_CLIENT_ID: optional,
  /** Number of reverse proxies in front whose X-Forwarded-For entries are believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  /** Seconds between the last deletion of a cleanup and its second, proving pass. */
  CLEANER_GAP_SECONDS: z.coerce.number().int().min(0).default(60),
  /** Seconds after which a cleanup gives up and the account is quarantined. */
  CLEANER_BUDGET_SECONDS: z.coerce.number().int().min(10).default(3600),
  /** Only these of the cleaner's services (demo and test: those that the emulator has); all when empty. */
  CLEANER_SERVICES: list,
  /** Where the Cloud Control API is asked for what no service file knows; see `cleanerNet` for the default. */
  ATELIER_CLEANER_NET: z.enum(["off", "used", "all"]).optional(),
  /** Types of CloudFormation that it is not asked for. */
  ATELIER_CLEANER_NET_EXCEPT: list,
  /** Where a cleanup runs: in the worker, or as a task of ECS on a machine of its own, which ends itself. */
  ATELIER_CLEANER_MACHINE: z.enum(["worker", "task"]).default("worker"),
  ATELIER_CLEANER_CLUSTER: optional,
  /** Family, or family:revision, of a definition whose container runs the worker's bundle. */
  ATELIER_CLEANER_TASK_DEFINITION: optional,
  ATELIER_CLEANER_CONTAINER: z.string().default("cleaner"),
  ATELIER_CLEANER_SUBNETS: list,
  ATELIER_CLEANER_SECURITY_GROUPS: list,
  LOG_LEVEL: z.string().default("info"),
});

export type Env = z.infer<typeof settings>;

/** What talking to AWS takes: command lines have it without web and database. */
const cloudSettings = settings.pick({
  AWS_REGION: true,
  AWS_ENDPOINT_URL: true,
  AWS_SIGNIN_URL: true,
  AWS_CONSOLE_URL: true,
  ATELIER_BASE_PRINCIPAL_ARN: true,
  ATELIER_MANAGEMENT_ROLE_ARN: true,
  ATELIER_MEMBER_ROLE: true,
});

export type CloudEnv = z.infer<typeof cloudSettings>;

/** The settings of what talks to AWS alone, typed; throws one error that names each that is wrong. */
export function parseCloudEnv(source: Record<string, string | undefined>): CloudEnv {
  const parsed = cloudSettings.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`Settings are wrong: ${problems.join("; ")}`);
}

/** The net below the cleaner; off by default where there is no AWS, since an emulator has no Cloud Control API. */
export function cleanerNet(env: Pick<Env, "ATELIER_MODE" | "ATELIER_CLEANER_NET" | "ATELIER_CLEANER_NET_EXCEPT">) {
  const reach = env.ATELIER_CLEANER_NET ?? (env.ATELIER_MODE === "production" ? "used" : "off");
  return { reach, except: env.ATELIER_CLEANER_NET_EXCEPT };
}

/** What production may not have, with the reason: the demo's doors do not exist there. */
function productionProblems(env: Partial<Env>): string[] {
  if (env.ATELIER_MODE !== "production") return [];
  const problems: string[] = [];
  if (env.AWS_ENDPOINT_URL) problems.push("AWS_ENDPOINT_URL: an emulator endpoint is refused in production");
  if (env.AWS_SIGNIN_URL && !awsSignIn.test(env.AWS_SIGNIN_URL))
    problems.push("AWS_SIGNIN_URL: must be AWS's own in production");
  if (env.AWS_CONSOLE_URL && !awsConsole.test(env.AWS_CONSOLE_URL))
    problems.push("AWS_CONSOLE_URL: must be AWS's own in production");
  if (env.CLEANER_SERVICES?.length) problems.push("CLEANER_SERVICES: a cleaner that leaves services out is refused");
  if (env.ATELIER_MAILBOX_DIR) problems.push("ATELIER_MAILBOX_DIR: the local mailbox is refused in production");
  if (env.PUBLIC_URL && !env.PUBLIC_URL.startsWith("https://"))
    problems.push("PUBLIC_URL: must be https in production");
  for (const name of ["COGNITO_MEMBER_POOL_ID", "COGNITO_MEMBER_CLIENT_ID", "ATELIER_BASE_PRINCIPAL_ARN"] as const)
    if (!env[name]) problems.push(`${name}: is missing`);
  if (Boolean(env.COGNITO_CUSTOMER_POOL_ID) !== Boolean(env.COGNITO_CUSTOMER_CLIENT_ID))
    problems.push("COGNITO_CUSTOMER_POOL_ID and COGNITO_CUSTOMER_CLIENT_ID: set both or none");
  return problems;
}

/** What demo and test may not have: an AWS endpoint that is not on this machine. */
function loopbackProblems(env: Partial<Env>): string[] {
  if (!env.ATELIER_MODE || env.ATELIER_MODE === "production") return [];
  const problems: string[] = [];
  if (!env.AWS_ENDPOINT_URL && !env.ATELIER_CLOUD_OFF)
    problems.push(
      "AWS_ENDPOINT_URL: is missing (demo and test never call AWS; ATELIER_CLOUD_OFF says why there is none)",
    );
  for (const name of ["AWS_ENDPOINT_URL", "AWS_SIGNIN_URL", "PUBLIC_URL"] as const) {
    const value = env[name];
    if (name === "AWS_SIGNIN_URL" && env.ATELIER_CLOUD_OFF) continue;
    if (value && !loopback.test(value)) problems.push(`${name}: ${env.ATELIER_MODE} accepts loopback addresses only`);
  }
  return problems;
}

/** What cleaning on tasks needs besides. */
function taskProblems(env: Partial<Env>): string[] {
  if (env.ATELIER_CLEANER_MACHINE !== "task") return [];
  if (env.ATELIER_MODE === "demo") return ["ATELIER_CLEANER_MACHINE: the demo has no machines to run tasks on"];
  const problems: string[] = [];
  for (const name of ["ATELIER_CLEANER_CLUSTER", "ATELIER_CLEANER_TASK_DEFINITION"] as const)
    if (!env[name]) problems.push(`${name}: is missing, and ATELIER_CLEANER_MACHINE is task`);
  for (const name of ["ATELIER_CLEANER_SUBNETS", "ATELIER_CLEANER_SECURITY_GROUPS"] as const)
    if (!env[name]?.length) problems.push(`${name}: is missing, and ATELIER_CLEANER_MACHINE is task`);
  return problems;
}

/** Settings of the AWS SDK that lead the calls of one service elsewhere; demo and test pass their endpoint to each client. */
function endpointProblems(env: Partial<Env>, source: Record<string, string | undefined>): string[] {
  if (env.ATELIER_MODE !== "production") return [];
  return Object.keys(source)
    .filter((name) => name.startsWith("AWS_ENDPOINT_URL_") && source[name])
    .map((name) => `${name}: an endpoint other than AWS is refused in production`);
}

/** Checks a whole environment and returns it typed; throws one error that names each setting that is missing or wrong. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const known: Record<string, unknown> = {};
  const problems: string[] = [];
  // One by one, so that a missing setting does not hide what is wrong with another.
  for (const [name, schema] of Object.entries(settings.shape)) {
    const parsed = schema.safeParse(source[name]);
    if (parsed.success) known[name] = parsed.data;
    else problems.push(`${name}: ${source[name] === undefined ? "is missing" : parsed.error.issues[0]?.message}`);
  }
  const env = known as Partial<Env>;
  problems.push(...productionProblems(env), ...loopbackProblems(env), ...endpointProblems(env, source));
  problems.push(...taskProblems(env));
  if (problems.length === 0) return env as Env;
  throw new Error(`Atelier cannot start, settings are missing or wrong:\n${problems.map((p) => `  ${p}`).join("\n")}`);
}

let current: Env | undefined;

/** The settings of this process, checked once. */
export function env(): Env {
  current ??= parseEnv(process.env);
  return current;
}
