import * as ssm from "@aws-sdk/client-ssm";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new ssm.SSMClient(clientOptions(input));
  await times(60, (index) =>
    client.send(new ssm.PutParameterCommand({ Name: `/lab/${index}`, Value: "v", Type: "SecureString" })),
  );
  const Content = JSON.stringify({ schemaVersion: "2.2", description: "x", mainSteps: [] });
  await client.send(new ssm.CreateDocumentCommand({ Name: "lab-doc", Content, DocumentType: "Command" }));
  await client.send(
    new ssm.CreateMaintenanceWindowCommand({
      Name: "nightly",
      Schedule: "rate(1 day)",
      Duration: 2,
      Cutoff: 1,
      AllowUnassociatedTargets: true,
    }),
  );
  await client.send(new ssm.CreatePatchBaselineCommand({ Name: "lab" }));
}

export const backing: Backing = {
  seed,
  onlyListed: ["command-history"],
  failsWhenGone: ["patch-baseline"],
};
