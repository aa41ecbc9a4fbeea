import { setTimeout as wait } from "node:timers/promises";
import {
  type Account,
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  DeleteOrganizationalUnitCommand,
  DeletePolicyCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  EnablePolicyTypeCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListCreateAccountStatusCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  UpdatePolicyCommand,
} from "@aws-sdk/client-organizations";
import { z } from "zod";
import { clientOptions } from "@/server/aws/clients";
import { CloudError, calling, kindOf } from "@/server/aws/errors";
import { managementCredentials, placeOf } from "@/server/aws/sts";
import type { CloudEnv as Env } from "@/server/env";

/** The AWS Organization: units, accounts, service control policies. Always with the management account's credentials. */

const accountId = z.string().regex(/^\d{12}$/);
const unitId = z.string().regex(/^(ou|r)-[a-z0-9-]{4,68}$/);

const scp = "SERVICE_CONTROL_POLICY";

const clients = new WeakMap<object, Map<string, OrganizationsClient>>();

// Organizations answers a few calls a second, so throttled ones wait longer here than elsewhere. With `once`, a call whose
// answer was lost is not sent again: it may have done its work.
function organizations(env: Env, once = false): OrganizationsClient {
  const credentials = managementCredentials(env);
  const place = placeOf(env);
  const known = clients.get(credentials) ?? new Map<string, OrganizationsClient>();
  clients.set(credentials, known);
  const key = `${place.endpoint ?? ""} ${place.region} ${once}`;
  const tries = { throttledAttempts: 16, ...(once ? { attempts: 1 } : {}) };
  const client = known.get(key) ?? new OrganizationsClient(clientOptions({ ...place, credentials, ...tries }));
  known.set(key, client);
  return client;
}

/** Follows `NextToken` to the end. A page may be empty before the last one. */
async function paged<T>(read: (token?: string) => Promise<{ items?: T[]; NextToken?: string }>): Promise<T[]> {
  const all: T[] = [];
  for (let token: string | undefined, more = true; more; ) {
    const page = await read(token);
    all.push(...(page.items ?? []));
    token = page.NextToken;
    more = Boolean(token);
  }
  return all;
}

/** The management account and the root of the Organization. */
export async function describeOrganization(env: Env): Promise<{ managementAccountId: string; rootId: string }> {
  const client = organizations(env);
  const [organization, roots] = await Promise.all([
    calling("DescribeOrganization", () => client.send(new DescribeOrganizationCommand({}))),
    calling("ListRoots", () => client.send(new ListRootsCommand({}))),
  ]);
  return z.object({ managementAccountId: accountId, rootId: unitId }).parse({
    managementAccountId: organization.Organization?.MasterAccountId,
    rootId: roots.Roots?.[0]?.Id,
  });
}

/** Service control policies can be used from now on. */
export async function enableServiceControl(env: Env, rootId: string): Promise<void> {
  try {
    await calling("EnablePolicyType", () =>
      organizations(env).send(new EnablePolicyTypeCommand({ RootId: rootId, PolicyType: scp })),
    );
  } catch (error) {
    if (kindOf(error) !== "AlreadyExists") throw error;
  }
}

export type Unit = { id: string; name: string };

/** The organizational units right under a parent. */
export async function unitsUnder(env: Env, parentId: string): Promise<Unit[]> {
  const client = organizations(env);
  const found = await paged(async (NextToken) => {
    const page = await calling("ListOrganizationalUnitsForParent", () =>
      client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: parentId, NextToken })),
    );
    return { items: page.OrganizationalUnits, NextToken: page.NextToken };
  });
  return z.array(z.object({ id: unitId, name: z.string() })).parse(found.map((o) => ({ id: o.Id, name: o.Name })));
}

/** Id of the unit of this name under a parent, made if it is not there. */
export async function ensureUnit(env: Env, parentId: string, name: string): Promise<string> {
  const find = async () => (await unitsUnder(env, parentId)).find((unit) => unit.name === name)?.id;
  const known = await find();
  if (known) return known;
  try {
    const made = await calling("CreateOrganizationalUnit", () =>
      organizations(env).send(new CreateOrganizationalUnitCommand({ ParentId: parentId, Name: name })),
    );
    return unitId.parse(made.OrganizationalUnit?.Id);
  } catch (error) {
    const madeMeanwhile = kindOf(error) === "AlreadyExists" ? await find() : undefined;
    if (madeMeanwhile) return madeMeanwhile;
    throw error;
  }
}

/** `status` is AWS's own: ACTIVE, SUSPENDED, PENDING_CLOSURE … */
export type FoundAccount = { id: string; name: string; status: string; parentId: string };

/** The accounts right in a unit (or the root). */
export async function accountsIn(env: Env, parentId: string): Promise<FoundAccount[]> {
  const client = organizations(env);
  const found = await paged(async (NextToken) => {
    const page = await calling("ListAccountsForParent", () =>
      client.send(new ListAccountsForParentCommand({ ParentId: parentId, NextToken })),
    );
    return { items: page.Accounts, NextToken: page.NextToken };
  });
  const shape = z.object({ id: accountId, name: z.string(), status: z.string(), parentId: unitId });
  return z.array(shape).parse(
    // `Status` gives way to `State` in the API; either may be there.
    found.map((a) => ({ id: a.Id, name: a.Name ?? "", status: a.State ?? a.Status ?? "UNKNOWN", parentId })),
  );
}

/** Every account in a unit and in all units below it. */
export async function accountsUnder(env: Env, rootUnitId: string): Promise<FoundAccount[]> {
  const [here, units] = await Promise.all([accountsIn(env, rootUnitId), unitsUnder(env, rootUnitId)]);
  const below = await Promise.all(units.map((unit) => accountsUnder(env, unit.id)));
  return [...here, ...below.flat()];
}

/** One account of the Organization, by its id. Throws a `CloudError` of kind `NotFound` for an account of another one. */
export async function describeAccount(env: Env, account: string): Promise<Omit<FoundAccount, "parentId">> {
  const { Account: found } = await calling("DescribeAccount", () =>
    organizations(env).send(new DescribeAccountCommand({ AccountId: account })),
  );
  return z
    .object({ id: accountId, name: z.string(), status: z.string() })
    .parse({ id: found?.Id, name: found?.Name ?? "", status: found?.State ?? found?.Status ?? "UNKNOWN" });
}

/** The unit (or root) that an account is in. */
export async function parentOf(env: Env, account: string): Promise<string> {
  const answer = await calling("ListParents", () =>
    organizations(env).send(new ListParentsCommand({ ChildId: account })),
  );
  return unitId.parse(answer.Parents?.[0]?.Id);
}

/**
 * Moves an account into a unit; one that is there already is fine. `from` saves a call where it is known; where it turns out
 * to be wrong, the parent is read again. The caller keeps the accounts that may be moved (those in rows of the pool).
 */
export async function moveAccount(env: Env, move: { accountId: string; from?: string | null; to: string }) {
  let from = move.from ?? (await parentOf(env, move.accountId));
  for (let tries = 1; ; tries++) {
    if (from === move.to) return;
    try {
      await moveOnce(env, { accountId: move.accountId, from, to: move.to });
      return;
    } catch (error) {
      const moved =
        error instanceof CloudError && /^(SourceParentNotFound|ParentNotFound|DuplicateAccount)/.test(error.code);
      const busy = error instanceof CloudError && error.code === "ConcurrentModification";
      if ((!moved && !busy) || tries >= 8) throw error;
      // AWS changes one thing of an Organization at a time and turns the others away.
      if (busy) await wait(100 * 2 ** tries * (0.5 + Math.random() / 2));
      from = await parentOf(env, move.accountId);
    }
  }
}

async function moveOnce(env: Env, move: { accountId: string; from: string; to: string }): Promise<void> {
  await calling("MoveAccount", () =>
    organizations(env).send(
      new MoveAccountCommand({ AccountId: move.accountId, SourceParentId: move.from, DestinationParentId: move.to }),
    ),
  );
}

export type PolicyDocument = { name: string; description: string; content: string };

async function policyId(env: Env, name: string): Promise<string | undefined> {
  const client = organizations(env);
  const all = await paged(async (NextToken) => {
    const page = await calling("ListPolicies", () => client.send(new ListPoliciesCommand({ Filter: scp, NextToken })));
    return { items: page.Policies, NextToken: page.NextToken };
  });
  return all.find((policy) => policy.Name === name)?.Id;
}

async function contentOf(env: Env, id: string): Promise<string> {
  const answer = await calling("DescribePolicy", () =>
    organizations(env).send(new DescribePolicyCommand({ PolicyId: id })),
  );
  return answer.Policy?.Content ?? "";
}

/** Makes a service control policy, or brings the one of this name to this content. Returns its id. */
export async function ensurePolicy(env: Env, policy: PolicyDocument): Promise<string> {
  const client = organizations(env);
  let known = await policyId(env, policy.name);
  if (!known) {
    try {
      return await createPolicy(env, policy);
    } catch (error) {
      known = kindOf(error) === "AlreadyExists" ? await policyId(env, policy.name) : undefined;
      if (!known) throw error;
    }
  }
  const id = known;
  if ((await contentOf(env, id)) !== policy.content)
    await calling("UpdatePolicy", () =>
      client.send(new UpdatePolicyCommand({ PolicyId: id, Content: policy.content })),
    );
  return id;
}

async function createPolicy(env: Env, policy: PolicyDocument): Promise<string> {
  const { name, description, content } = policy;
  const command = new CreatePolicyCommand({ Type: scp, Name: name, Description: description, Content: content });
  const made = await calling("CreatePolicy", () => organizations(env).send(command));
  return z.string().parse(made.Policy?.PolicySummary?.Id);
}

/** Attaches a policy to a unit; attached already is fine. */
export async function attachPolicy(env: Env, policy: string, target: string): Promise<void> {
  try {
    await calling("AttachPolicy", () =>
      organizations(env).send(new AttachPolicyCommand({ PolicyId: policy, TargetId: target })),
    );
  } catch (error) {
    if (kindOf(error) !== "AlreadyExists") throw error;
  }
}

/** Detaches the policy of this name from a unit (null: it is attached to none any more) and deletes it; gone is fine. */
export async function removePolicy(env: Env, name: string, target: string | null): Promise<void> {
  const id = await policyId(env, name);
  if (!id) return;
  const client = organizations(env);
  try {
    if (target)
      await calling("DetachPolicy", () => client.send(new DetachPolicyCommand({ PolicyId: id, TargetId: target })));
    await calling("DeletePolicy", () => client.send(new DeletePolicyCommand({ PolicyId: id })));
  } catch (error) {
    if (kindOf(error) !== "NotFound") throw error;
  }
}

/** Deletes an empty unit, with which its policies are detached; false where something is still in it. */
export async function removeUnit(env: Env, unit: string): Promise<boolean> {
  try {
    await calling("DeleteOrganizationalUnit", () =>
      organizations(env).send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: unit })),
    );
    return true;
  } catch (error) {
    if (kindOf(error) === "NotFound") return true;
    if (error instanceof CloudError && error.code === "OrganizationalUnitNotEmpty") return false;
    throw error;
  }
}

/** The service control policies attached to a unit, with their content. */
export async function policiesOf(env: Env, target: string): Promise<{ name: string; content: string }[]> {
  const client = organizations(env);
  const attached = await paged(async (NextToken) => {
    const page = await calling("ListPoliciesForTarget", () =>
      client.send(new ListPoliciesForTargetCommand({ TargetId: target, Filter: scp, NextToken })),
    );
    return { items: page.Policies, NextToken: page.NextToken };
  });
  const own = attached.filter((policy) => !policy.AwsManaged && policy.Id);
  return Promise.all(
    own.map(async ({ Id, Name }) => ({ name: Name ?? "", content: await contentOf(env, z.string().parse(Id)) })),
  );
}

/**
 * Asks for a new member account, once: a call whose answer is lost is not repeated, since CreateAccount has no idempotency
 * token. Answers with the id of the request, which `accountRequest` follows. `refusalOf` names what AWS refuses.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
 */
export async function createAccount(
  env: Env,
  account: { name: string; email: string },
): Promise<{ requestId: string }> {
  const answer = await calling("CreateAccount", () =>
    organizations(env, true).send(
      new CreateAccountCommand({
        AccountName: account.name,
        Email: account.email,
        RoleName: env.ATELIER_MEMBER_ROLE,
        IamUserAccessToBilling: "DENY",
      }),
    ),
  );
  return { requestId: z.string().parse(answer.CreateAccountStatus?.Id) };
}

/** AWS's own word for why a call was refused: the reason of a ConstraintViolationException, else the error's code. */
export function refusalOf(error: CloudError): string {
  const { cause } = error;
  const reason = cause instanceof Error ? (cause as { Reason?: unknown }).Reason : undefined;
  return typeof reason === "string" && reason ? reason : error.code;
}

/** What became of a request for an account. `reason` is one of AWS's CreateAccountFailureReason. */
export async function accountRequest(
  env: Env,
  requestId: string,
): Promise<{ state: "made"; accountId: string } | { state: "in_progress" } | { state: "failed"; reason: string }> {
  const answer = await calling("DescribeCreateAccountStatus", () =>
    organizations(env).send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: requestId })),
  );
  const status = answer.CreateAccountStatus;
  if (status?.State === "SUCCEEDED") return { state: "made", accountId: accountId.parse(status.AccountId) };
  if (status?.State === "FAILED") return { state: "failed", reason: String(status.FailureReason) };
  return { state: "in_progress" };
}

/** A request for an account that AWS works on or has granted; `accountId` is null until then. */
export type FoundRequest = { requestId: string; name: string; requestedAt: Date; accountId: string | null };

/** The requests for accounts that AWS works on or has granted, of this Organization. */
export async function accountRequests(env: Env): Promise<FoundRequest[]> {
  const client = organizations(env);
  const found = await paged(async (NextToken) => {
    const page = await calling("ListCreateAccountStatus", () =>
      client.send(new ListCreateAccountStatusCommand({ States: ["IN_PROGRESS", "SUCCEEDED"], NextToken })),
    );
    return { items: page.CreateAccountStatuses, NextToken: page.NextToken };
  });
  return found.flatMap((status) =>
    status.Id && status.RequestedTimestamp
      ? {
          requestId: status.Id,
          name: status.AccountName ?? "",
          requestedAt: status.RequestedTimestamp,
          accountId: status.AccountId ?? null,
        }
      : [],
  );
}

/** An account of the Organization. `joinedMethod`: CREATED or INVITED; the address in lower case. */
export type OrganizationMember = { id: string; name: string; email: string; joinedAt: Date; joinedMethod: string };

const memberShape = z.object({
  id: accountId,
  name: z.string(),
  email: z.string().toLowerCase(),
  joinedAt: z.date(),
  joinedMethod: z.string(),
});

function memberOf(account: Account | undefined): OrganizationMember {
  return memberShape.parse({
    id: account?.Id,
    name: account?.Name ?? "",
    email: account?.Email ?? "",
    joinedAt: account?.JoinedTimestamp,
    joinedMethod: account?.JoinedMethod ?? "",
  });
}

/** Every account of the Organization, also those outside of any team. */
export async function allAccounts(env: Env): Promise<OrganizationMember[]> {
  const client = organizations(env);
  const found = await paged(async (NextToken) => {
    const page = await calling("ListAccounts", () => client.send(new ListAccountsCommand({ NextToken })));
    return { items: page.Accounts, NextToken: page.NextToken };
  });
  return found.map(memberOf);
}

/** One account of the Organization with its address and how it came there. */
export async function organizationMember(env: Env, id: string): Promise<OrganizationMember> {
  const answer = await calling("DescribeAccount", () =>
    organizations(env).send(new DescribeAccountCommand({ AccountId: id })),
  );
  return memberOf(answer.Account);
}
