import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput, unique: string): Promise<void> {
  const client = new cognito.CognitoIdentityProviderClient(clientOptions(input));
  await times(3, async (index) => {
    const DeletionProtection = index === 0 ? "ACTIVE" : "INACTIVE";
    const { UserPool } = await client.send(
      new cognito.CreateUserPoolCommand({ PoolName: `customers-${index}`, DeletionProtection }),
    );
    if (index > 0) return;
    const domain = { UserPoolId: UserPool?.Id, Domain: `shop-${unique}` };
    await client.send(new cognito.CreateUserPoolDomainCommand(domain));
  });
}

export const backing: Backing = { seed };
