import * as sqs from "@aws-sdk/client-sqs";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new sqs.SQSClient(clientOptions(input));
  await times(3, (index) => client.send(new sqs.CreateQueueCommand({ QueueName: `queue-${index}` })));
}

export const backing: Backing = {
  seed,
};
