import * as cognito from "@aws-sdk/client-cognito-identity";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new cognito.CognitoIdentityClient(clientOptions(input));
  await times(3, (index) =>
    client.send(
      new cognito.CreateIdentityPoolCommand({
        IdentityPoolName: `guests-${index}`,
        AllowUnauthenticatedIdentities: true,
      }),
    ),
  );
}

export const backing: Backing = { seed };
