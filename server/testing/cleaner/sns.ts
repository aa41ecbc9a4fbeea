import * as sns from "@aws-sdk/client-sns";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new sns.SNSClient(clientOptions(input));
  await times(110, (index) => client.send(new sns.CreateTopicCommand({ Name: `topic-${index}` })));
  const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "topic-0" }));
  const hook = { Protocol: "sqs", Endpoint: `arn:aws:sqs:${input.region}:123456789012:q` };
  await client.send(new sns.SubscribeCommand({ TopicArn, ...hook }));
  await client.send(new sns.CreatePlatformApplicationCommand({ Name: "app", Platform: "APNS", Attributes: {} }));
}

export const backing: Backing = {
  seed,
  failsWhenGone: ["platform-application"],
};
