import {
  CognitoIdentityProviderClient,
  DeleteUserPoolCommand,
  DeleteUserPoolDomainCommand,
  DescribeUserPoolCommand,
  paginateListUserPools,
  UpdateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { defineService } from "@/server/cleaner/define";

/** A pool with a domain or with deletion protection cannot be deleted; its users, clients and groups go along. */
export const service = defineService({
  id: "cognito",
  title: "Amazon Cognito user pools",
  scope: "regional",
  client: (options) => new CognitoIdentityProviderClient(options),
  types: [
    {
      id: "user-pool",
      async *list({ client }) {
        for await (const page of paginateListUserPools({ client, pageSize: 60 }, { MaxResults: 60 })) {
          for (const { Id: id = "", CreationDate } of page.UserPools ?? []) yield { id, createdAt: CreationDate };
        }
      },
      async prepare({ client }, { id: UserPoolId }) {
        const { UserPool: pool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
        for (const Domain of [pool?.Domain, pool?.CustomDomain]) {
          if (Domain) await client.send(new DeleteUserPoolDomainCommand({ UserPoolId, Domain }));
        }
        if (pool?.DeletionProtection !== "ACTIVE") return;
        await client.send(
          new UpdateUserPoolCommand({
            UserPoolId,
            DeletionProtection: "INACTIVE",
            // These two are checked against each other, and what is left out would be taken as empty.
            AutoVerifiedAttributes: pool.AutoVerifiedAttributes,
            UserAttributeUpdateSettings: pool.UserAttributeUpdateSettings,
          }),
        );
      },
      remove: ({ client }, { id }) => client.send(new DeleteUserPoolCommand({ UserPoolId: id })),
    },
  ],
});
