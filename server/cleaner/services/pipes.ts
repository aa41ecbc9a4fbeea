import { DeletePipeCommand, PipesClient, paginateListPipes } from "@aws-sdk/client-pipes";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "pipes",
  title: "Amazon EventBridge Pipes",
  scope: "regional",
  client: (options) => new PipesClient(options),
  types: [
    {
      id: "pipe",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListPipes({ client, pageSize: 100 }, {})) {
          for (const { Name: id = "", CurrentState, CreationTime } of page.Pipes ?? []) {
            yield { id, createdAt: CreationTime, going: CurrentState === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePipeCommand({ Name: id })),
    },
  ],
});
