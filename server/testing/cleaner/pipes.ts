import * as sdk from "@aws-sdk/client-pipes";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.PipesClient,
    kinds: {
      pipe: {
        key: "Name",
        list: { operation: "ListPipes", items: "Pipes", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "DeletePipe",
          key: "Name",
          missing: "NotFoundException",
          leaves: { CurrentState: "DELETING" },
        },
        make: (n, { region, accountId }) => ({
          Name: `orders-${n}`,
          Arn: `arn:aws:pipes:${region}:${accountId}:pipe/orders-${n}`,
          CurrentState: "RUNNING",
          CreationTime: new Date(0),
        }),
      },
    },
  }),
};
