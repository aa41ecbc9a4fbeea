import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { assumedRole, clientOptions } from "@/server/aws/clients";
import { clean } from "@/server/cleaner/engine";
import { startEmulator } from "@/server/testing/emulator";

let aws: Awaited<ReturnType<typeof startEmulator>>;

beforeAll(async () => {
  aws = await startEmulator({ accounts: 1, regions: ["eu-west-1"] });
});
afterAll(() => aws?.stop());

it("names what AWS keeps of an earlier holder, with the reason, and is clean all the same", async () => {
  const { endpoint, accessKeyId, secretAccessKey } = aws;
  const accountId = aws.accounts[0]?.id ?? "";
  const roleArn = `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`;
  const base = { endpoint, region: "us-east-1", sessionName: "test", roleArn };
  const credentials = assumedRole({ ...base, credentials: { accessKeyId, secretAccessKey } });
  const options = clientOptions({ region: "eu-west-1", credentials, endpoint });

  const DocumentName = "AWS-RunShellScript";
  const command = { DocumentName, InstanceIds: ["i-0123456789abcdef0"], Parameters: { commands: ["cat /etc/secret"] } };
  await new SSMClient(options).send(new SendCommandCommand(command));
  const template = {
    Resources: { Queue: { Type: "AWS::SQS::Queue" } },
    Outputs: { Address: { Value: { Ref: "Queue" } } },
  };
  const stack = { StackName: "shop", TemplateBody: JSON.stringify(template) };
  await new CloudFormationClient(options).send(new CreateStackCommand(stack));

  const report = await clean(
    { accountId, credentials },
    { mode: "run", endpoint, services: ["cloudformation", "ssm"], minimumGapSeconds: 0.2, budgetSeconds: 60 },
  );
  expect(report).toMatchObject({ outcome: "clean", leftCount: 0, unknown: [] });
  const remains = report.kept.map(({ type, region, id, reason }) => `${type} ${region}: ${id} ${reason}`);
  expect(remains.sort()).toEqual(
    [
      "deleted-stack eu-west-1: 1 deleted stack cannot be removed: AWS keeps their outputs and parameters for 90 days; the next holder can read them",
      "command-history eu-west-1: 1 command cannot be removed: AWS keeps commands and their output for 30 days; the next holder can read it",
    ].sort(),
  );
}, 90_000);
