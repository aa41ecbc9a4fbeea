import * as cloudformation from "@aws-sdk/client-cloudformation";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new cloudformation.CloudFormationClient(clientOptions(input));
  const template = {
    Resources: {
      Queue: { Type: "AWS::SQS::Queue", Properties: {} },
      Topic: { Type: "AWS::SNS::Topic", Properties: {} },
    },
  };
  for (const locked of [true, false]) {
    await client.send(
      new cloudformation.CreateStackCommand({
        StackName: locked ? "locked" : "free",
        TemplateBody: JSON.stringify(template),
        EnableTerminationProtection: locked,
      }),
    );
  }
}

export const backing: Backing = {
  seed,
  onlyListed: ["deleted-stack"],
};
