import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { allow, type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new logs.CloudWatchLogsClient(clientOptions(input));
  await times(60, (index) => client.send(new logs.CreateLogGroupCommand({ logGroupName: `/aws/lambda/fn-${index}` })));
  await client.send(new logs.PutResourcePolicyCommand({ policyName: "route53", policyDocument: allow }));
  await client.send(
    new logs.PutDestinationCommand({
      destinationName: "central",
      targetArn: `arn:aws:kinesis:${input.region}:123456789012:stream/x`,
      roleArn: "arn:aws:iam::123456789012:role/x",
    }),
  );
}

export const backing: Backing = {
  seed,
};
