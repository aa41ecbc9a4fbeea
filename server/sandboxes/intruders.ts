import { z } from "zod";
import { type FoundUser, listUsersAndKeys } from "@/server/aws/iam";
import {
  deleteKey,
  deleteOtherCredentials,
  deletePassword,
  deleteProvider,
  denyRole,
  denyUser,
  listProviders,
  listRolesAndTrust,
  type TrustingRole,
} from "@/server/aws/iam-doors";
import type { Credentials } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/**
 * What an attendee made in the account to stay in: users, keys, roles that somebody may assume, identity providers. Found and
 * disabled in the first minute of closing; the cleaner removes it later. That functions and instances cannot act any more is
 * the work of the closing unit's guard rails.
 */

/** Names are kept up to this many of a kind, and this long: they stand in a row until the workshop is anonymized. */
const namesKept = 40;
const name = z.string().transform((text) => text.slice(0, 64));
const names = z
  .array(name)
  .default([])
  .transform((all) => all.slice(0, namesKept));
const count = z.number().int().min(0).default(0);

const shape = z.object({
  users: names,
  /** Ids, which are no secret. */
  keys: names,
  passwords: count,
  /** SSH keys, certificates and passwords of single services. */
  otherCredentials: count,
  /** Roles that somebody outside the account was trusted to assume. */
  outsideRoles: names,
  /** Roles that users and roles of the account may assume. */
  insideRoles: names,
  providers: names,
});

/** What was found and disabled; kept in the step's `detail`. */
export type Intruders = z.infer<typeof shape>;

const nobody: Intruders = shape.parse({});

/** What a step's `detail` says; nothing where it is empty or from another version. */
export function readIntruders(detail: unknown): Intruders {
  const parsed = shape.safeParse(detail);
  return parsed.success ? parsed.data : nobody;
}

const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();

/** Together with what an earlier try had found: names are a set, counts are of what each try deleted. */
export function together(a: Intruders, b: Intruders): Intruders {
  return shape.parse({
    users: union(a.users, b.users),
    keys: union(a.keys, b.keys),
    passwords: a.passwords + b.passwords,
    otherCredentials: a.otherCredentials + b.otherCredentials,
    outsideRoles: union(a.outsideRoles, b.outsideRoles),
    insideRoles: union(a.insideRoles, b.insideRoles),
    providers: union(a.providers, b.providers),
  });
}

const some = (many: number, one: string, more = `${one}s`) =>
  many === 0 ? [] : [`${many} ${many === 1 ? one : more}`];

/** "2 keys and 1 user that the attendee made were disabled: anna, role deploy"; null when nothing was found. */
export function intruderWords(found: Intruders): string | null {
  const parts = [
    ...some(found.keys.length, "access key"),
    ...some(found.passwords, "password"),
    ...some(found.otherCredentials, "other credential"),
    ...some(found.users.length, "user"),
    ...some(found.outsideRoles.length, "role that trusted somebody outside", "roles that trusted somebody outside"),
    ...some(found.insideRoles.length, "role to assume", "roles to assume"),
    ...some(found.providers.length, "identity provider"),
  ];
  if (parts.length === 0) return null;
  const all = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  const one = parts.length === 1 && parts[0]?.startsWith("1 ");
  const called = [...found.users, ...found.outsideRoles, ...found.insideRoles, ...found.providers];
  const who = called.length === 0 ? "" : `: ${called.slice(0, 6).join(", ")}${called.length > 6 ? " and others" : ""}`;
  return `${all} that the attendee made ${one ? "was" : "were"} disabled${who}`;
}

// ── Trust ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Services that hand a role's keys to machines and people outside of AWS. */
const outsideServices = new Set([
  "rolesanywhere.amazonaws.com",
  "credentials.iot.amazonaws.com",
  // Hybrid activations: any machine that was registered.
  "ssm.amazonaws.com",
]);

const oneOrMore = <T extends z.ZodType>(of: T) => z.union([of.transform((one) => [one]), z.array(of)]);
const trustShape = z.object({
  Statement: oneOrMore(
    z.looseObject({
      Effect: z.string(),
      Principal: z.union([z.literal("*"), z.record(z.string(), oneOrMore(z.string()))]).optional(),
      NotPrincipal: z.unknown().optional(),
    }),
  ),
});

/**
 * Whom a policy of trust lets in: somebody `outside` of the accounts given (another account, an identity provider, anybody, a
 * service that serves the outside), at least users and roles `inside`, or `services` of AWS alone. Conditions do not count,
 * since they can be met; what cannot be read is `outside`.
 */
export function trustOf(trust: string, accounts: ReadonlySet<string>): "outside" | "inside" | "services" {
  const parsed = trustShape.safeParse(readJson(trust));
  if (!parsed.success) return "outside";
  let widest: "services" | "inside" = "services";
  for (const { Effect, Principal, NotPrincipal } of parsed.data.Statement) {
    if (Effect !== "Allow") continue;
    if (NotPrincipal !== undefined || Principal === undefined || Principal === "*") return "outside";
    for (const [kind, who] of Object.entries(Principal)) {
      if (kind === "Service") {
        if (who.some((service) => outsideServices.has(service))) return "outside";
      } else if (kind === "AWS" && who.every((one) => accounts.has(accountIn(one) ?? ""))) widest = "inside";
      else return "outside";
    }
  }
  return widest;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** "123456789012" or "arn:aws:iam::123456789012:…"; ids of principals that are gone name no account. */
function accountIn(principal: string): string | undefined {
  return /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1];
}

/** Paths under which nobody but AWS makes roles. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const pathsOfAws = ["/aws-service-role/", "/aws-reserved/"];

/** Roles somebody may assume, other than Atelier's, AWS's and those that only the Organization's own accounts may. */
function openRoles(roles: readonly TrustingRole[], own: OwnGround) {
  const found = { outside: [] as string[], inside: [] as string[] };
  for (const { name: role, path, trust } of roles) {
    if (own.roles.has(role) || pathsOfAws.some((prefix) => path.startsWith(prefix))) continue;
    const trusted = trustOf(trust, new Set([own.accountId]));
    if (trusted === "services") continue;
    // One that nobody but the account that manages them all may assume was not made to stay in.
    if (trusted === "outside" && own.managers.size > 0 && trustOf(trust, own.managers) === "inside") continue;
    found[trusted].push(role);
  }
  return found;
}

// ── Finding and disabling ───────────────────────────────────────────────────────────────────────────────────────────

export type OwnGround = {
  accountId: string;
  /** Atelier's own roles in the account. */
  roles: ReadonlySet<string>;
  /** Accounts of the Organization's management and of Atelier itself. */
  managers: ReadonlySet<string>;
  /** IAM users that Atelier vended: ended like the others, but not counted as the attendee's. */
  vendedUsers: ReadonlySet<string>;
};

type Doors = {
  users: FoundUser[];
  outsideRoles: string[];
  insideRoles: string[];
  providers: string[];
};

/** Looks for everything by which somebody may enter. Throws what a list answered: a failed one is not an empty one. */
export async function findDoors(env: Env, keys: Credentials, own: OwnGround): Promise<Doors> {
  const [users, roles, providers] = await Promise.all([
    listUsersAndKeys(env, keys),
    listRolesAndTrust(env, keys),
    listProviders(env, keys),
  ]);
  const { outside, inside } = openRoles(roles, own);
  // Identity Center's provider is AWS's own and cannot be deleted.
  const made = providers.filter((arn) => !/:saml-provider\/AWSSSO_/.test(arn));
  return { users, outsideRoles: outside, insideRoles: inside, providers: made };
}

/** What a first look tells, before anything is taken away. */
export function foundAt(doors: Doors, own: OwnGround): Intruders {
  const theirs = doors.users.filter((user) => !own.vendedUsers.has(user.name));
  return shape.parse({
    users: theirs.map((user) => user.name),
    keys: theirs.flatMap((user) => user.accessKeyIds),
    outsideRoles: doors.outsideRoles,
    insideRoles: doors.insideRoles,
    providers: doors.providers.map((arn) => arn.split("/").slice(1).join("/")),
  });
}

/** What is done at the same time: IAM answers some 20 calls a second for an account. */
const atOnce = 4;

/** Shuts every door; answers what was only seen while shutting. Each call can run twice. */
export async function shutDoors(env: Env, keys: Credentials, doors: Doors, own: OwnGround): Promise<Intruders> {
  let seen = nobody;
  const work = [
    ...doors.users.map((user) => async () => {
      const extra = await shutUser(env, keys, user);
      if (!own.vendedUsers.has(user.name)) seen = together(seen, extra);
    }),
    ...[...doors.outsideRoles, ...doors.insideRoles].map((role) => () => denyRole(env, keys, role)),
    ...doors.providers.map((arn) => () => deleteProvider(env, keys, arn)),
  ];
  const turns = Array.from({ length: atOnce }, async () => {
    for (let next = work.shift(); next; next = work.shift()) await next();
  });
  await Promise.all(turns);
  return seen;
}

async function shutUser(env: Env, keys: Credentials, user: FoundUser): Promise<Intruders> {
  await denyUser(env, keys, user.name);
  const password = await deletePassword(env, keys, user.name);
  const otherCredentials = await deleteOtherCredentials(env, keys, user.name);
  for (const id of user.accessKeyIds) await deleteKey(env, keys, user.name, id);
  return { ...nobody, passwords: password ? 1 : 0, otherCredentials };
}
