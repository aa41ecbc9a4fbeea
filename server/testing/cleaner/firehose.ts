import * as firehose from "@aws-sdk/client-firehose";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, makeRole, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const RoleARN = await makeRole(input, `firehose-${input.region}`);
  const client = new firehose.FirehoseClient(clientOptions(input));
  await times(12, (index) =>
    client.send(
      new firehose.CreateDeliveryStreamCommand({
        DeliveryStreamName: `to-lake-${index}`,
        ExtendedS3DestinationConfiguration: { RoleARN, BucketARN: "arn:aws:s3:::lake" },
      }),
    ),
  );
}

export const backing: Backing = { seed };
