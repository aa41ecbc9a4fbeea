import * as sdk from "@aws-sdk/client-ssm";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.SSMClient,
    kinds: {
      association: {
        key: "AssociationId",
        list: { operation: "ListAssociations", items: "Associations", token },
        remove: {
          operation: "DeleteAssociation",
          key: "AssociationId",
          missing: "AssociationDoesNotExist",
          missingStatus: 400,
        },
        make: (n) => ({ AssociationId: `8dfe3659-4309-493a-8755-00000000000${n}`, Name: "AWS-UpdateSSMAgent" }),
      },
      activation: {
        key: "ActivationId",
        list: { operation: "DescribeActivations", items: "ActivationList", token },
        remove: {
          operation: "DeleteActivation",
          key: "ActivationId",
          missing: "InvalidActivation",
          missingStatus: 400,
        },
        make: (n) => ({ ActivationId: `5743558d-563b-4457-8682-00000000000${n}`, CreatedDate: new Date(0) }),
      },
      "resource-data-sync": {
        key: "SyncName",
        list: { operation: "ListResourceDataSync", items: "ResourceDataSyncItems", token },
        remove: {
          operation: "DeleteResourceDataSync",
          key: "SyncName",
          missing: "ResourceDataSyncNotFoundException",
          missingStatus: 400,
        },
        make: (n) => ({ SyncName: `inventory-${n}`, SyncType: "SyncToDestination" }),
      },
      "ops-item": {
        key: "OpsItemId",
        list: { operation: "DescribeOpsItems", items: "OpsItemSummaries", token },
        remove: {
          operation: "DeleteOpsItem",
          key: "OpsItemId",
          missing: "OpsItemNotFoundException",
          leaves: { Status: "Resolved" },
        },
        make: (n) => ({ OpsItemId: `oi-00000000000${n}`, Title: "Disk is full", Status: "Open" }),
      },
    },
  }),
};
