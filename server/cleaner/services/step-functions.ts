import {
  DeleteActivityCommand,
  DeleteStateMachineCommand,
  paginateListActivities,
  paginateListStateMachines,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "step-functions",
  title: "AWS Step Functions",
  scope: "regional",
  client: (options) => new SFNClient(options),
  types: [
    {
      // First, since it starts things; AWS ends its executions with it, some minutes later.
      id: "state-machine",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListStateMachines({ client, pageSize: 1000 }, {})) {
          for (const { stateMachineArn, creationDate } of page.stateMachines ?? []) {
            yield { id: stateMachineArn ?? "", createdAt: creationDate };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteStateMachineCommand({ stateMachineArn: id })),
    },
    {
      id: "activity",
      async *list({ client }) {
        for await (const page of paginateListActivities({ client, pageSize: 1000 }, {})) {
          for (const { activityArn } of page.activities ?? []) yield { id: activityArn ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteActivityCommand({ activityArn: id })),
    },
  ],
});
