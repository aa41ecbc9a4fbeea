import * as kms from "@aws-sdk/client-kms";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new kms.KMSClient(clientOptions(input));
  const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
  await client.send(new kms.CreateAliasCommand({ AliasName: "alias/lab", TargetKeyId: KeyMetadata?.KeyId }));
}

export const backing: Backing = {
  seed,
};
