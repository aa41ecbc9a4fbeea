import {
  BatchClient,
  DeleteComputeEnvironmentCommand,
  DeleteConsumableResourceCommand,
  DeleteJobQueueCommand,
  DeleteSchedulingPolicyCommand,
  DeleteServiceEnvironmentCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobQueuesCommand,
  DescribeServiceEnvironmentsCommand,
  paginateDescribeComputeEnvironments,
  paginateDescribeJobDefinitions,
  paginateDescribeJobQueues,
  paginateDescribeServiceEnvironments,
  paginateListConsumableResources,
  paginateListSchedulingPolicies,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
  UpdateServiceEnvironmentCommand,
} from "@aws-sdk/client-batch";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteComputeEnvironment.html: queues and environments are
 * disabled before they go, an environment goes after its queues ("found existing JobQueue relationship"), and a queue ends
 * its jobs. All are asked for first: what they started would be started anew. Each change takes a while, in which they
 * refuse the next, so that they are disabled once and not at each try.
 */
export const service = defineService({
  id: "batch",
  title: "AWS Batch",
  scope: "regional",
  client: (options) => new BatchClient(options),
  types: [
    {
      id: "job-queue",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeJobQueues({ client }, {})) {
          for (const { jobQueueArn: id = "", status } of page.jobQueues ?? []) {
            if (status !== "DELETED") yield { id, going: status === "DELETING" };
          }
        }
      },
      async prepare({ client }, { id }) {
        const { jobQueues } = await client.send(new DescribeJobQueuesCommand({ jobQueues: [id] }));
        if (jobQueues?.[0]?.state !== "ENABLED") return;
        await client.send(new UpdateJobQueueCommand({ jobQueue: id, state: "DISABLED" }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteJobQueueCommand({ jobQueue: id })),
    },
    {
      id: "compute-environment",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeComputeEnvironments({ client }, {})) {
          for (const { computeEnvironmentArn: id = "", status } of page.computeEnvironments ?? []) {
            if (status !== "DELETED") yield { id, going: status === "DELETING" };
          }
        }
      },
      async prepare({ client }, { id }) {
        const found = await client.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [id] }));
        if (found.computeEnvironments?.[0]?.state !== "ENABLED") return;
        await client.send(new UpdateComputeEnvironmentCommand({ computeEnvironment: id, state: "DISABLED" }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteComputeEnvironmentCommand({ computeEnvironment: id })),
    },
    {
      id: "service-environment",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateDescribeServiceEnvironments({ client }, {})) {
          for (const { serviceEnvironmentArn: id = "", status } of page.serviceEnvironments ?? []) {
            if (status !== "DELETED") yield { id, going: status === "DELETING" };
          }
        }
      },
      async prepare({ client }, { id }) {
        const found = await client.send(new DescribeServiceEnvironmentsCommand({ serviceEnvironments: [id] }));
        if (found.serviceEnvironments?.[0]?.state !== "ENABLED") return;
        await client.send(new UpdateServiceEnvironmentCommand({ serviceEnvironment: id, state: "DISABLED" }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteServiceEnvironmentCommand({ serviceEnvironment: id })),
    },
    {
      id: "scheduling-policy",
      after: ["batch/job-queue"],
      async *list({ client }) {
        for await (const page of paginateListSchedulingPolicies({ client }, {})) {
          for (const { arn } of page.schedulingPolicies ?? []) yield { id: arn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSchedulingPolicyCommand({ arn: id })),
    },
    {
      // Inactive ones cannot be run and are dropped by AWS after 180 days.
      id: "job-definition",
      async *list({ client }) {
        for await (const page of paginateDescribeJobDefinitions({ client }, { status: "ACTIVE" })) {
          for (const { jobDefinitionArn } of page.jobDefinitions ?? []) yield { id: jobDefinitionArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeregisterJobDefinitionCommand({ jobDefinition: id })),
    },
    {
      id: "consumable-resource",
      after: ["batch/job-queue"],
      async *list({ client }) {
        for await (const page of paginateListConsumableResources({ client }, {})) {
          for (const { consumableResourceArn } of page.consumableResources ?? [])
            yield { id: consumableResourceArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConsumableResourceCommand({ consumableResource: id })),
    },
  ],
});
