import {
  AppSyncClient,
  DeleteApiCommand,
  DeleteDomainNameCommand,
  DeleteGraphqlApiCommand,
  DisassociateApiCommand,
  paginateListApis,
  paginateListDomainNames,
  paginateListGraphqlApis,
} from "@aws-sdk/client-appsync";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "appsync",
  title: "AWS AppSync",
  scope: "regional",
  client: (options) => new AppSyncClient(options),
  types: [
    {
      id: "domain-name",
      async *list({ client }) {
        for await (const page of paginateListDomainNames({ client, pageSize: 25 }, {})) {
          for (const { domainName: id = "" } of page.domainNameConfigs ?? []) yield { id };
        }
      },
      async prepare({ client }, { id: domainName }) {
        await client.send(new DisassociateApiCommand({ domainName }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteDomainNameCommand({ domainName: id })),
    },
    {
      // With its schema, resolvers, data sources, keys and cache.
      id: "graphql-api",
      after: ["appsync/domain-name"],
      async *list({ client, accountId }) {
        for (const apiType of ["MERGED", "GRAPHQL"] as const) {
          for await (const page of paginateListGraphqlApis({ client, pageSize: 25 }, { apiType })) {
            for (const { apiId: id = "", owner = accountId } of page.graphqlApis ?? []) {
              yield { id, protected: owner === accountId ? undefined : `belongs to account ${owner}, which shares it` };
            }
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteGraphqlApiCommand({ apiId: id })),
    },
    {
      id: "event-api",
      after: ["appsync/domain-name"],
      async *list({ client }) {
        for await (const page of paginateListApis({ client, pageSize: 25 }, {})) {
          for (const { apiId: id = "", created } of page.apis ?? []) yield { id, createdAt: created };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteApiCommand({ apiId: id })),
    },
  ],
});
