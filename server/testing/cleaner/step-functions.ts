import * as sfn from "@aws-sdk/client-sfn";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, makeRole } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new sfn.SFNClient(clientOptions(input));
  const roleArn = await makeRole(input, `sfn-${input.region}`);
  const definition = JSON.stringify({ StartAt: "End", States: { End: { Type: "Succeed" } } });
  await client.send(new sfn.CreateStateMachineCommand({ name: "flow", roleArn, definition }));
  await client.send(new sfn.CreateActivityCommand({ name: "by-hand" }));
}

export const backing: Backing = {
  seed,
};
