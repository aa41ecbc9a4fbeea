import {
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  DescribeConfigurationSetCommand,
  type EventDestination,
  GetIdentityDkimAttributesCommand,
  GetIdentityMailFromDomainAttributesCommand,
  SESClient,
  UpdateConfigurationSetEventDestinationCommand,
  VerifyDomainDkimCommand,
} from "@aws-sdk/client-ses";
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { z } from "zod";
import { clientOptions } from "@/server/aws/clients";
import { CloudError, calling } from "@/server/aws/errors";
import { baseCredentials, placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

/** What SES knows of a sender's domain, and where it tells what became of mails. */

const optionsOf = (env: Env) => clientOptions({ ...placeOf(env), credentials: baseCredentials(env), attempts: 2 });

export type DkimState = { status: "verified" | "pending" | "failed" | "unknown"; tokens: string[] };

const dkimStatus: Record<string, DkimState["status"]> = {
  Success: "verified",
  Pending: "pending",
  TemporaryFailure: "pending",
  Failed: "failed",
};

/** DKIM of a domain in SES, with the tokens of its three DNS records; none where it was never set up. */
export async function dkimOf(env: Env, domain: string): Promise<DkimState> {
  const answer = await calling("GetIdentityDkimAttributes", () =>
    new SESClient(optionsOf(env)).send(new GetIdentityDkimAttributesCommand({ Identities: [domain] })),
  );
  const found = answer.DkimAttributes?.[domain];
  const tokens = (found?.DkimTokens ?? []).filter((token) => /^[a-z0-9]+$/i.test(token));
  return { status: dkimStatus[found?.DkimVerificationStatus ?? ""] ?? "unknown", tokens };
}

/** The subdomain that mails of a domain name as their return path; null where it is SES's own. */
export async function mailFromOf(env: Env, domain: string): Promise<string | null> {
  const answer = await calling("GetIdentityMailFromDomainAttributes", () =>
    new SESClient(optionsOf(env)).send(new GetIdentityMailFromDomainAttributesCommand({ Identities: [domain] })),
  );
  return answer.MailFromDomainAttributes?.[domain]?.MailFromDomain || null;
}

/** Makes a domain known to SES, or finds it there; its records are then to be put into DNS. */
export async function addDomain(env: Env, domain: string): Promise<void> {
  await calling("VerifyDomainDkim", () =>
    new SESClient(optionsOf(env)).send(new VerifyDomainDkimCommand({ Domain: domain })),
  );
}

const destinationName = "atelier-feedback";
const topicName = "atelier-mail-feedback";

/** Whoever SES is for this account may publish, and nobody else by this policy. */
function topicPolicy(topicArn: string): string {
  const account = topicArn.split(":")[4];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ses.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceAccount": account } },
      },
    ],
  });
}

/**
 * Makes, or completes, the configuration set with its event destination, the topic that it tells, and the subscription of our
 * endpoint. Can run twice; nothing of it is made a second time. Answers the topic's ARN.
 */
export async function setUpFeedback(env: Env, input: { configurationSet: string; endpoint: string }): Promise<string> {
  const sns = new SNSClient(optionsOf(env));
  const topic = await calling("CreateTopic", () => sns.send(new CreateTopicCommand({ Name: topicName })));
  const topicArn = z.string().min(1).parse(topic.TopicArn);
  const policy = { TopicArn: topicArn, AttributeName: "Policy", AttributeValue: topicPolicy(topicArn) };
  await calling("SetTopicAttributes", () => sns.send(new SetTopicAttributesCommand(policy)));
  const ses = new SESClient(optionsOf(env));
  const ConfigurationSetName = input.configurationSet;
  await unlessThere(() =>
    calling("CreateConfigurationSet", () =>
      ses.send(new CreateConfigurationSetCommand({ ConfigurationSet: { Name: ConfigurationSetName } })),
    ),
  );
  const EventDestination: EventDestination = {
    Name: destinationName,
    Enabled: true,
    MatchingEventTypes: ["send", "delivery", "bounce", "complaint", "reject"],
    SNSDestination: { TopicARN: topicArn },
  };
  await putDestination(ses, ConfigurationSetName, EventDestination);
  const protocol = new URL(input.endpoint).protocol.slice(0, -1);
  const subscription = { TopicArn: topicArn, Protocol: protocol, Endpoint: input.endpoint };
  await calling("Subscribe", () => sns.send(new SubscribeCommand(subscription)));
  return topicArn;
}

/** Makes an event destination, or puts right the one of its name; one that is right is left alone. */
async function putDestination(ses: SESClient, ConfigurationSetName: string, wanted: EventDestination): Promise<void> {
  const known = await calling("DescribeConfigurationSet", () =>
    ses.send(
      new DescribeConfigurationSetCommand({
        ConfigurationSetName,
        ConfigurationSetAttributeNames: ["eventDestinations"],
      }),
    ),
  );
  const there = known.EventDestinations?.find((one) => one?.Name === wanted.Name);
  const input = { ConfigurationSetName, EventDestination: wanted };
  if (!there)
    await calling("CreateConfigurationSetEventDestination", () =>
      ses.send(new CreateConfigurationSetEventDestinationCommand(input)),
    );
  else if (!isRight(there, wanted))
    await calling("UpdateConfigurationSetEventDestination", () =>
      ses.send(new UpdateConfigurationSetEventDestinationCommand(input)),
    );
}

function isRight(there: EventDestination, wanted: EventDestination): boolean {
  const events = new Set(there.MatchingEventTypes);
  return (
    there.Enabled === true &&
    there.SNSDestination?.TopicARN === wanted.SNSDestination?.TopicARN &&
    (wanted.MatchingEventTypes ?? []).every((event) => events.has(event))
  );
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof CloudError && error.kind === "AlreadyExists")) throw error;
  }
}
