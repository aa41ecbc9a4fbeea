import * as events from "@aws-sdk/client-eventbridge";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seedEvents(input: ClientInput): Promise<void> {
  const client = new events.EventBridgeClient(clientOptions(input));
  const { EventBusArn } = await client.send(new events.CreateEventBusCommand({ Name: "orders" }));
  for (const EventBusName of ["default", "orders"]) {
    const rule = { Name: `to-${EventBusName}`, EventBusName };
    await client.send(new events.PutRuleCommand({ ...rule, EventPattern: '{"source":["lab"]}' }));
    const Arn = `arn:aws:sqs:${input.region}:123456789012:q`;
    await client.send(new events.PutTargetsCommand({ Rule: rule.Name, EventBusName, Targets: [{ Id: "1", Arn }] }));
  }
  await client.send(new events.CreateArchiveCommand({ ArchiveName: "all", EventSourceArn: EventBusArn }));
  const key = { ApiKeyName: "x-key", ApiKeyValue: "k" };
  const { ConnectionArn } = await client.send(
    new events.CreateConnectionCommand({
      Name: "crm",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: key },
    }),
  );
  await client.send(
    new events.CreateApiDestinationCommand({
      Name: "crm",
      ConnectionArn,
      InvocationEndpoint: "https://crm.example.com",
      HttpMethod: "POST",
    }),
  );
}

export const backing: Backing = {
  seed: seedEvents,
};
