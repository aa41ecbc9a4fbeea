import * as sdk from "@aws-sdk/client-application-auto-scaling";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.ApplicationAutoScalingClient,
    kinds: {
      "scalable-target": {
        key: "ResourceId",
        list: {
          operation: "DescribeScalableTargets",
          items: "ScalableTargets",
          token: ["NextToken", "NextToken"],
          where: { ServiceNamespace: "ServiceNamespace" },
        },
        remove: {
          operation: "DeregisterScalableTarget",
          key: "ResourceId",
          missing: "ObjectNotFoundException",
          missingStatus: 400,
        },
        make: (n, { accountId }) => ({
          ServiceNamespace: n === 3 ? "ecs" : "dynamodb",
          ResourceId: n === 3 ? "service/shop/web" : `table/orders-${n}`,
          ScalableDimension: n === 3 ? "ecs:service:DesiredCount" : "dynamodb:table:ReadCapacityUnits",
          MinCapacity: 1,
          MaxCapacity: 10,
          RoleARN: `arn:aws:iam::${accountId}:role/scaling`,
          CreationTime: new Date(0),
        }),
        count: 4,
      },
    },
  }),
};
