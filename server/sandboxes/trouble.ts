import type { SandboxAccount } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { AccountAct } from "@/server/sandboxes/lifecycle";

/** What is wrong with an account that is set aside, what is left in it, and what somebody can do about it now. */

export type Leftover = {
  service: string;
  region: string;
  /** Resources that are still there. */
  count: number;
  /** Lists that did not answer, so nothing is known. */
  unknown: number;
  /** Some of them: "type id". */
  examples: string[];
  /** Why, as AWS or the cleaner said (at most 3). */
  reasons: string[];
};

type LatestCheck = {
  service: string;
  type: string;
  region: string;
  outcome: string;
  count: number;
  reason: string | null;
};

/** What the latest look at each (type, region) of a cleanup left: resources still there, and lists without an answer. */
export async function leftoversOf(ctx: Context, cleanupId: string): Promise<Leftover[]> {
  const [checks, resources] = await Promise.all([
    ctx.db.$queryRaw<LatestCheck[]>`
      SELECT * FROM (
        SELECT DISTINCT ON ("type", "region") "service", "type", "region", "outcome", "count", "reason"
        FROM "CleanupCheck" WHERE "cleanupId" = ${cleanupId} ORDER BY "type", "region", "pass" DESC
      ) latest WHERE "outcome" IN ('found', 'UNKNOWN') ORDER BY "service", "region", "type"`,
    ctx.db.cleanupResource.findMany({
      where: { cleanupId, outcome: { in: ["found", "deleting", "failed"] } },
      orderBy: [{ type: "asc" }, { region: "asc" }, { resourceId: "asc" }],
      take: 1_000,
    }),
  ]);
  const rows = new Map<string, Leftover>();
  for (const { service, type, region, outcome, count, reason } of checks) {
    const key = `${service} ${region}`;
    const row = rows.get(key) ?? { service, region, count: 0, unknown: 0, examples: [], reasons: [] };
    rows.set(key, row);
    const there = resources.filter((resource) => resource.type === type && resource.region === region);
    // Each is named; where the run ended before they were written down, the number of the look stands.
    if (outcome === "UNKNOWN") row.unknown += 1;
    else row.count += there.length > 0 ? there.length : count;
    row.examples.push(...there.map((one) => `${type.split("/")[1] ?? type} ${one.resourceId}`));
    row.reasons.push(...[reason, ...there.map((one) => one.reason)].filter((text) => text !== null));
  }
  return [...rows.values()].map((row) => ({
    ...row,
    examples: row.examples.slice(0, 5),
    reasons: [...new Set(row.reasons)].slice(0, 3),
  }));
}

/** One thing to do; `act` is the button beside it (`check`: compare the pool with AWS now). */
export type Step = { text: string; act: AccountAct | "check" | null };

export type Advice = {
  steps: Step[];
  /** What AWS support, or nobody, can do where a solutions architect cannot; null where that is not needed. */
  support: string | null;
};

export type Trouble = Pick<SandboxAccount, "awsAccountId" | "problem" | "quarantineReason" | "lastCleanedAt"> & {
  leftovers: readonly Leftover[];
  /** Cleanups since it was last found to be empty. */
  tries: number;
};

const step = (text: string, act: Step["act"] = null): Step => ({ text, act });
const cleanAgain = step("Clean it again. It returns to the pool by itself once two passes find nothing.", "clean");
const retire = step("If it is to stay out of the pool, retire it.", "retire");

type Rule = { when: RegExp; steps(trouble: Trouble): Step[]; support: string | null };

/** What the last sync found wrong comes before anything in the account: without it right, no cleanup can end well. */
const problemRules: readonly Rule[] = [
  {
    when: /no longer in the team's organizational unit/,
    steps: ({ awsAccountId }) => [
      step(`In AWS Organizations, move ${awsAccountId} back into the team's organizational unit.`),
      step("Compare the pool with AWS: the problem goes when it stands there.", "check"),
      cleanAgain,
      retire,
    ],
    support: null,
  },
  {
    when: /AWS says that it is/,
    steps: () => [
      step("Ask who closed it, or which bill was not paid: the account's address got a mail from AWS."),
      step("Once AWS has opened it again, compare the pool with AWS.", "check"),
      cleanAgain,
      retire,
    ],
    support:
      "A closed account can be opened again for 90 days, by AWS support alone: open a case under Account and billing from the management account, with the number of the account. After that it is gone for good: retire it.",
  },
  {
    when: /may not assume/,
    steps: () => [
      step(
        "In the account, look at the role that the sentence above names: it must exist and trust the role that Atelier runs with.",
      ),
      step("Compare the pool with AWS: the problem goes when the role can be assumed.", "check"),
      cleanAgain,
      retire,
    ],
    support:
      "When nobody can enter the account any more: with centralized root access in IAM of the management account, or with the root user by the account's address. AWS support helps only who owns that address.",
  },
];

/** What is left and why: the first rule that matches a reason decides. The most final ones come first. */
const leftRules: readonly Rule[] = [
  {
    when: /object.?lock|compliance mode|vault.?lock|\bWORM\b|retention (period|mode)|legal hold/i,
    steps: () => [
      step("Look at the retention date of what is locked (Object Lock, Backup vault lock): until then it stays."),
      step(
        "Clean it again after that date; or, when it is far away, retire it and close the account in AWS.",
        "retire",
      ),
    ],
    support:
      "Nobody can delete what is locked in compliance mode before its date, AWS support neither. Closing the account is the only other way.",
  },
  {
    when: /service control policy|explicit deny|resource control policy/i,
    steps: () => [
      step(
        "A policy of the Organization forbids this to Atelier. In AWS Organizations, find the SCP or RCP that applies to the account, and exempt Atelier's roles in it (aws:PrincipalArn).",
      ),
      cleanAgain,
    ],
    support: null,
  },
  {
    when: /AccessDenied|Unauthorized|not authorized|Forbidden|AuthFailure/i,
    steps: () => [
      step(
        "Something in the account shuts Atelier out: usually the policy of the bucket, queue, key or vault itself. Change that policy with a role that may, or with root access (below).",
      ),
      cleanAgain,
    ],
    support:
      "A bucket or queue whose policy denies everybody is opened with a privileged root session of the management account (IAM, Root access management: delete bucket policy, delete queue policy). For a key that nobody may use any more, AWS support restores the key policy.",
  },
  {
    when: /termination.?protect|deletion.?protect|OperationNotPermitted|is protected/i,
    steps: () => [step("Take the protection against deletion off the resources below by hand."), cleanAgain],
    support: null,
  },
  {
    when: /throttl|TooManyRequests|RequestLimit|rate exceeded|SlowDown/i,
    steps: () => [step("AWS asked to slow down for too long. Another run usually gets through.", "clean")],
    support: null,
  },
  {
    when: /time.?out|timed out|ETIMEDOUT|ECONN|Unavailable|Internal(Failure|Error|Server)|did not answer|\bhang/i,
    steps: () => [
      step("AWS did not answer. Look at the AWS Health Dashboard for the service and region below."),
      step("Clean it again; when the dashboard shows trouble, after it is over.", "clean"),
    ],
    support:
      "If one list fails for days in this account alone, AWS support looks at it: give them the service, the region and the error.",
  },
  {
    when: /Depend|InUse|in use|Conflict|IncorrectState|InvalidState|NotEmpty|still|being deleted/i,
    steps: () => [
      step("Something still uses what is left, or AWS is not done deleting it. That often takes a quarter of an hour."),
      cleanAgain,
      step("If the same things stay, open them in the console: the error names what holds them. Remove that by hand."),
    ],
    support:
      "A network interface or address that a service of AWS holds, and that no service shows any more, is released by AWS support: give them its id.",
  },
  {
    when: /could not be read as one of AWS/,
    steps: () => [
      step(
        "Something else than AWS answered, such as a proxy. Look at what stands between Atelier's worker and AWS (AWS_ENDPOINT_URL, HTTPS_PROXY, VPC endpoints).",
      ),
      cleanAgain,
    ],
    support: null,
  },
  {
    when: /budget|time is up|used up|seconds/i,
    steps: () => [step("The time of the run was over, not the work. Another run goes on with what is left.", "clean")],
    support: null,
  },
  {
    when: /no service file knows/,
    steps: () => [
      step(
        "The cleaner does not know how to remove what is listed below. Remove it by hand, in the console or with aws cloudcontrol delete-resource.",
      ),
      cleanAgain,
      step(
        "If AWS itself put it into every account, ask whoever runs Atelier to leave its type out (ATELIER_CLEANER_NET_EXCEPT).",
      ),
    ],
    support: null,
  },
];

/** What to do about a quarantined account, in order, for whoever stands before it at night. Pure. */
export function adviceFor(trouble: Trouble): Advice {
  const { problem, quarantineReason, leftovers, tries } = trouble;
  const wrong = problemRules.find(({ when }) => problem !== null && when.test(problem));
  if (wrong) return { steps: wrong.steps(trouble), support: wrong.support };
  const texts = [...leftovers.flatMap(({ reasons }) => reasons), quarantineReason ?? ""];
  const rule = leftRules.find(({ when }) => texts.some((text) => when.test(text)));
  const steps = [...(/access to it is gone was not proved/i.test(quarantineReason ?? "") ? [unproved] : [])];
  if (rule) steps.push(...rule.steps(trouble));
  else if (leftovers.length > 0 && leftovers.every(({ count }) => count === 0))
    steps.push(
      step("Nothing is known to be left, but the lists below gave no answer. Look at the reason beside each."),
      cleanAgain,
    );
  else if (leftovers.length > 0)
    steps.push(step("Remove what is listed below by hand, with your own credentials in the account."), cleanAgain);
  else steps.push(cleanAgain);
  if (tries < 3) return { steps, support: rule?.support ?? null };
  steps.push(
    step(
      `It was tried ${tries} times. Do not wait for it any longer: retire it, or release it if what is left does no harm.`,
      "retire",
    ),
  );
  return { steps, support: rule?.support ?? openCase };
}

const unproved = step(
  "Whoever had it last may still have access. In the account, delete the role AtelierLease-… and the IAM users that are not yours.",
);
const openCase =
  "Open a case with AWS support from the management account, with the ids below and the errors beside them: some remains only AWS can remove.";
