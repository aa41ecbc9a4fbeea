import * as secrets from "@aws-sdk/client-secrets-manager";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new secrets.SecretsManagerClient(clientOptions(input));
  for (const Name of ["password", "forgotten"]) {
    await client.send(new secrets.CreateSecretCommand({ Name, SecretString: "s" }));
  }
  await client.send(new secrets.DeleteSecretCommand({ SecretId: "forgotten", RecoveryWindowInDays: 30 }));
}

export const backing: Backing = {
  seed,
};
