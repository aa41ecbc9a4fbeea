import * as sdk from "@aws-sdk/client-appsync";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const token = ["nextToken", "nextToken"] as const;
const missing = "NotFoundException";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AppSyncClient,
    kinds: {
      "domain-name": {
        key: "domainName",
        list: { operation: "ListDomainNames", items: "domainNameConfigs", token },
        remove: {
          operation: "DeleteDomainName",
          key: "domainName",
          missing,
          refuses: ({ api }) =>
            api ? new DoubleError("BadRequestException", 400, "The domain name has an API") : undefined,
        },
        make: (n) => ({ domainName: `api-${n}.example.com`, api: "api-0" }),
      },
      "graphql-api": {
        key: "apiId",
        list: { operation: "ListGraphqlApis", items: "graphqlApis", token, where: { apiType: "apiType" } },
        remove: { operation: "DeleteGraphqlApi", key: "apiId", missing },
        make: (n) => ({ apiId: `api-${n}`, name: "shop", apiType: n === 2 ? "MERGED" : "GRAPHQL" }),
      },
      "event-api": {
        key: "apiId",
        list: { operation: "ListApis", items: "apis", token },
        remove: { operation: "DeleteApi", key: "apiId", missing },
        make: (n) => ({ apiId: `events-${n}`, name: "events", created: new Date(0) }),
      },
    },
    answers: {
      DisassociateApi: (store, { domainName }) => {
        const domain = store.get("domain-name", String(domainName));
        if (!domain) throw new DoubleError(missing, 404, "does not exist");
        domain.api = undefined;
      },
    },
  }),
};
