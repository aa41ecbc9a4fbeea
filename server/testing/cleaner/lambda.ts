import * as lambda from "@aws-sdk/client-lambda";
import * as sqs from "@aws-sdk/client-sqs";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, emptyZip, makeRole, times } from "@/server/testing/cleaner/backing";

async function seedLambda(input: ClientInput): Promise<void> {
  const role = await makeRole(input, `fn-${input.region}`);
  const client = new lambda.LambdaClient(clientOptions(input));
  const queues = new sqs.SQSClient(clientOptions(input));
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "for-function" }));
  const { Attributes } = await queues.send(
    new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await times(55, (index) =>
    client.send(
      new lambda.CreateFunctionCommand({
        FunctionName: `fn-${index}`,
        Runtime: "nodejs22.x",
        Role: role,
        Handler: "index.handler",
        Code: { ZipFile: emptyZip },
      }),
    ),
  );
  const source = { FunctionName: "fn-0", EventSourceArn: Attributes?.QueueArn };
  await client.send(new lambda.CreateEventSourceMappingCommand(source));
  for (const description of ["one", "two"]) {
    const layer = { LayerName: "tools", Content: { ZipFile: emptyZip }, Description: description };
    await client.send(new lambda.PublishLayerVersionCommand(layer));
  }
}

export const backing: Backing = {
  seed: seedLambda,
};
