import * as kinesis from "@aws-sdk/client-kinesis";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new kinesis.KinesisClient(clientOptions(input));
  await times(12, (index) =>
    client.send(new kinesis.CreateStreamCommand({ StreamName: `clicks-${index}`, ShardCount: 1 })),
  );
  const { StreamDescription } = await client.send(new kinesis.DescribeStreamCommand({ StreamName: "clicks-0" }));
  const StreamARN = StreamDescription?.StreamARN;
  await client.send(new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "fan-out" }));
}

export const backing: Backing = { seed };
