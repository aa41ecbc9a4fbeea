import * as sdk from "@aws-sdk/client-batch";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Store } from "@/server/testing/double";

const missing = "ClientException";
const missingStatus = 400;
const token = ["nextToken", "nextToken"] as const;

/** One that has to be disabled before it goes; environments besides wait for the queues. */
function disabledFirst(kind: string, list: string, items: string, asked: string): DoubleKind {
  const name = asked.charAt(0).toUpperCase() + asked.slice(1);
  return {
    key: `${asked}Arn`,
    list: { operation: list, items, token, only: items },
    remove: {
      operation: `Delete${name}`,
      key: asked,
      missing,
      missingStatus,
      refuses: ({ state }, store) => {
        if (state !== "DISABLED") return new DoubleError(missing, 400, "Cannot delete, it must be disabled");
        return kind !== "job-queue" && store.all("job-queue").length > 0
          ? new DoubleError(missing, 400, "Cannot delete, found existing JobQueue relationship")
          : undefined;
      },
      leaves: { status: "DELETING" },
    },
    make: (n, { region, accountId }) => ({
      [`${asked}Arn`]: `arn:aws:batch:${region}:${accountId}:${kind}/night-${n}`,
      [`${asked}Name`]: `night-${n}`,
      state: n === 0 ? "DISABLED" : "ENABLED",
      status: "VALID",
    }),
  };
}

const disable = (kind: string, member: string) => (store: Store, input: Record<string, unknown>) => {
  const item = store.get(kind, String(input[member]));
  if (!item) throw new DoubleError(missing, 400, "It does not exist");
  item.state = input.state;
};

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.BatchClient,
    kinds: {
      "job-queue": disabledFirst("job-queue", "DescribeJobQueues", "jobQueues", "jobQueue"),
      "compute-environment": disabledFirst(
        "compute-environment",
        "DescribeComputeEnvironments",
        "computeEnvironments",
        "computeEnvironment",
      ),
      "service-environment": disabledFirst(
        "service-environment",
        "DescribeServiceEnvironments",
        "serviceEnvironments",
        "serviceEnvironment",
      ),
      "scheduling-policy": {
        key: "arn",
        list: { operation: "ListSchedulingPolicies", items: "schedulingPolicies", token },
        remove: { operation: "DeleteSchedulingPolicy", key: "arn", missing, missingStatus },
        make: (n, { region, accountId }) => ({
          arn: `arn:aws:batch:${region}:${accountId}:scheduling-policy/fair-${n}`,
        }),
      },
      "job-definition": {
        key: "jobDefinitionArn",
        list: { operation: "DescribeJobDefinitions", items: "jobDefinitions", token, where: { status: "status" } },
        remove: {
          operation: "DeregisterJobDefinition",
          key: "jobDefinition",
          missing,
          missingStatus,
          leaves: { status: "INACTIVE" },
        },
        make: (n, { region, accountId }) => ({
          jobDefinitionArn: `arn:aws:batch:${region}:${accountId}:job-definition/sum:${n}`,
          status: "ACTIVE",
        }),
      },
      "consumable-resource": {
        key: "consumableResourceArn",
        list: { operation: "ListConsumableResources", items: "consumableResources", token },
        remove: { operation: "DeleteConsumableResource", key: "consumableResource", missing, missingStatus },
        make: (n, { region, accountId }) => ({
          consumableResourceArn: `arn:aws:batch:${region}:${accountId}:consumable-resource/licence-${n}`,
          consumableResourceName: `licence-${n}`,
        }),
      },
    },
    answers: {
      UpdateJobQueue: disable("job-queue", "jobQueue"),
      UpdateComputeEnvironment: disable("compute-environment", "computeEnvironment"),
      UpdateServiceEnvironment: disable("service-environment", "serviceEnvironment"),
    },
  }),
};
