import * as sdk from "@aws-sdk/client-cloudcontrol";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CloudControlClient,
    kinds: {
      environment: {
        key: "Identifier",
        list: {
          operation: "ListResources",
          items: "ResourceDescriptions",
          token: ["NextToken", "NextToken"],
          where: { TypeName: "TypeName" },
        },
        remove: {
          operation: "DeleteResource",
          key: "Identifier",
          missing: "ResourceNotFoundException",
          leaves: {},
          answer: { ProgressEvent: { Operation: "DELETE", OperationStatus: "IN_PROGRESS" } },
        },
        make: (n) => ({ Identifier: `airflow-${n}`, TypeName: "AWS::MWAA::Environment", Properties: "{}" }),
      },
    },
  }),
};
