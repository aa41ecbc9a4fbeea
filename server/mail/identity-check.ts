import { CloudError } from "@/server/aws/errors";
import { identityStatus, sendQuota } from "@/server/aws/ses";
import { addDomain, type DkimState, dkimOf, mailFromOf, setUpFeedback } from "@/server/aws/ses-identity";
import type { Context } from "@/server/context";
import { DomainError } from "@/server/errors";
import { compare, type DnsRecord, type Found, type Lookup, lookUp } from "@/server/mail/identity-dns";
import { mailboxFolder } from "@/server/mail/mailbox";
import { allowMember } from "@/server/permissions";

/** Whether mails of a team's sender arrive: what SES and DNS say, and what is to be put into DNS. */

export type SenderRecord = DnsRecord & Found & { purpose: "DKIM" | "SPF" | "DMARC" | "Return path" };

export type SenderCheck = {
  address: string;
  domain: string;
  /** Why SES was not asked or did not answer, in words; null when it did. */
  problem: string | null;
  status: "verified" | "pending" | "failed" | "unknown";
  dkim: DkimState["status"];
  /** SES's sandbox lets mails go to verified addresses only. */
  sandbox: boolean;
  mailFrom: string | null;
  records: SenderRecord[];
};

export type SenderSettings = {
  address: string;
  domain: string;
  /** Mails go to the local mailbox: there is nothing to set up. */
  local: boolean;
  configurationSet: string | null;
  /** Whether events of SES are taken in. */
  feedback: boolean;
};

const domainOf = (address: string) => (address.split("@").at(-1) ?? "").toLowerCase();

/** What the page shows before anybody is asked. */
export async function readSender(ctx: Context): Promise<SenderSettings> {
  const { teamId } = allowMember(ctx.actor, "team.edit");
  const { senderEmail: address } = await ctx.db.team.findUniqueOrThrow({
    where: { id: teamId },
    select: { senderEmail: true },
  });
  const { SES_CONFIGURATION_SET, SES_FEEDBACK_TOPIC_ARN } = ctx.env;
  return {
    ...{ address, domain: domainOf(address), local: Boolean(mailboxFolder(ctx.env)) },
    ...{ configurationSet: SES_CONFIGURATION_SET ?? null, feedback: Boolean(SES_FEEDBACK_TOPIC_ARN) },
  };
}

function recordsFor(region: string, domain: string, tokens: readonly string[], mailFrom: string | null) {
  const records: (DnsRecord & Pick<SenderRecord, "purpose">)[] = tokens.map((token) => ({
    purpose: "DKIM",
    type: "CNAME",
    name: `${token}._domainkey.${domain}`,
    value: `${token}.dkim.amazonses.com`,
  }));
  if (mailFrom)
    records.push(
      { purpose: "SPF", type: "TXT", name: mailFrom, value: "v=spf1 include:amazonses.com ~all" },
      { purpose: "Return path", type: "MX", name: mailFrom, value: `10 feedback-smtp.${region}.amazonses.com` },
    );
  const value = "v=DMARC1; p=none";
  records.push({ purpose: "DMARC", type: "TXT", name: `_dmarc.${domain}`, value });
  return records;
}

type Asked = Pick<SenderCheck, "status" | "mailFrom" | "sandbox" | "problem"> & { dkim: DkimState };
const nothing: Omit<Asked, "problem"> = {
  status: "unknown",
  dkim: { status: "unknown", tokens: [] },
  mailFrom: null,
  sandbox: false,
};

/** What SES answers within its time-outs; why it does not is said in words. */
async function askSes(ctx: Context, address: string, domain: string): Promise<Asked> {
  if (mailboxFolder(ctx.env) || ctx.env.ATELIER_CLOUD_OFF)
    return { ...nothing, problem: "Mails go to the local mailbox here, so Amazon SES was not asked." };
  try {
    const [ofDomain, ofAddress, dkim, mailFrom, quota] = await Promise.all([
      identityStatus(ctx.env, domain),
      identityStatus(ctx.env, address),
      dkimOf(ctx.env, domain),
      mailFromOf(ctx.env, domain),
      sendQuota(ctx.env),
    ]);
    const status = ofDomain === "verified" || ofAddress === "verified" ? "verified" : ofDomain;
    // https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html: 200 mails in 24 hours, one a second.
    return { status, dkim, mailFrom, sandbox: quota.perDay === 200 && quota.perSecond <= 1, problem: null };
  } catch (error) {
    if (!(error instanceof CloudError)) ctx.log.warn({ err: error }, "SES could not be asked about a sender");
    const why = error instanceof CloudError ? error.message : "Amazon SES could not be asked";
    return { ...nothing, problem: `${why}.` };
  }
}

/** Asks SES and DNS about the team's sender, now; some seconds at most. Changes nothing. */
export async function checkSender(ctx: Context, lookup: Lookup = lookUp): Promise<SenderCheck> {
  const { address, domain } = await readSender(ctx);
  const { status, dkim, mailFrom, sandbox, problem } = await askSes(ctx, address, domain);
  const wanted = recordsFor(ctx.env.AWS_REGION, domain, dkim.tokens, mailFrom);
  const records = await Promise.all(wanted.map(async (record) => ({ ...record, ...(await compare(record, lookup)) })));
  return { address, domain, problem, status, dkim: dkim.status, sandbox, mailFrom, records };
}

const defaultSet = "atelier";

/**
 * The operator's `mail set-up`: configuration set, events, topic, subscription, and a team's domain in SES. Can run twice.
 * Answers the settings that web and worker then need.
 */
export async function setUpMail(
  ctx: Context,
  input: { teamId?: string } = {},
): Promise<{ configurationSet: string; topicArn: string; domain: string | null }> {
  if (ctx.actor.kind !== "system") throw new DomainError("forbidden", "Only an operator sets up mail.");
  const configurationSet = ctx.env.SES_CONFIGURATION_SET ?? defaultSet;
  const topicArn = await setUpFeedback(ctx.env, {
    configurationSet,
    endpoint: `${ctx.env.PUBLIC_URL}/api/webhooks/ses`,
  });
  if (!input.teamId) return { configurationSet, topicArn, domain: null };
  const team = await ctx.db.team.findUniqueOrThrow({ where: { id: input.teamId }, select: { senderEmail: true } });
  const domain = domainOf(team.senderEmail);
  await addDomain(ctx.env, domain);
  return { configurationSet, topicArn, domain };
}
