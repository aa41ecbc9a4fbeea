import {
  CognitoIdentityClient,
  DeleteIdentityPoolCommand,
  paginateListIdentityPools,
} from "@aws-sdk/client-cognito-identity";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "cognito-identity",
  title: "Amazon Cognito identity pools",
  scope: "regional",
  client: (options) => new CognitoIdentityClient(options),
  types: [
    {
      // It hands out roles of the account to people outside: without it they stop within the hour.
      id: "identity-pool",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListIdentityPools({ client, pageSize: 60 }, { MaxResults: 60 })) {
          for (const { IdentityPoolId: id = "" } of page.IdentityPools ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteIdentityPoolCommand({ IdentityPoolId: id })),
    },
  ],
});
