import * as sdk from "@aws-sdk/client-amplify";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AmplifyClient,
    kinds: {
      app: {
        key: "appId",
        list: { operation: "ListApps", items: "apps", token: ["nextToken", "nextToken"] },
        remove: { operation: "DeleteApp", key: "appId", missing: "NotFoundException" },
        make: (n, { region, accountId }) => ({
          appId: `d${n}`,
          appArn: `arn:aws:amplify:${region}:${accountId}:apps/d${n}`,
          name: "site",
          createTime: new Date(0),
          updateTime: new Date(0),
        }),
      },
    },
  }),
};
