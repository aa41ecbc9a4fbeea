import {
  CloudFormationClient,
  DeleteStackCommand,
  paginateDescribeStacks,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "cloudformation",
  title: "AWS CloudFormation",
  scope: "regional",
  client: (options) => new CloudFormationClient(options),
  types: [
    {
      // Started first, so that a stack does not make again what others remove; nobody but roles waits for its end.
      id: "stack",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateDescribeStacks({ client }, {})) {
          for (const stack of page.Stacks ?? []) {
            // A nested stack goes with its root.
            if (stack.ParentId || stack.StackStatus === "DELETE_COMPLETE") continue;
            yield {
              id: stack.StackName ?? "",
              createdAt: stack.CreationTime,
              protected: stack.StackName?.startsWith("StackSet-")
                ? "belongs to a StackSet of the Organization"
                : undefined,
              data: {
                status: stack.StackStatus ?? "",
                locked: stack.EnableTerminationProtection ? "yes" : "",
              },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (!data?.locked) return;
        await client.send(
          new UpdateTerminationProtectionCommand({ StackName: id, EnableTerminationProtection: false }),
        );
      },
      remove: ({ client }, { id, data }) =>
        client.send(
          new DeleteStackCommand({
            StackName: id,
            // What a failed deletion could not remove is left to the other services' files.
            DeletionMode: data?.status === "DELETE_FAILED" ? "FORCE_DELETE_STACK" : undefined,
          }),
        ),
    },
  ],
});
