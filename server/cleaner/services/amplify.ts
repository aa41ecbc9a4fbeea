import { AmplifyClient, DeleteAppCommand, paginateListApps } from "@aws-sdk/client-amplify";
import { defineService } from "@/server/cleaner/define";

/** Branches, domains, webhooks and builds go with their app. First, since an app deploys stacks. */
export const service = defineService({
  id: "amplify",
  title: "AWS Amplify",
  scope: "regional",
  client: (options) => new AmplifyClient(options),
  types: [
    {
      id: "app",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListApps({ client, pageSize: 100 }, {})) {
          for (const { appId: id = "", createTime } of page.apps ?? []) yield { id, createdAt: createTime };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAppCommand({ appId: id })),
    },
  ],
});
