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
              data: { status: stack.StackStatus ?? "" },
            };
          }
        }
      },
      async remove({ client }, { id: StackName, data }) {
        const stack = new DeleteStackCommand({
          StackName,
          // What a failed deletion could not remove is left to the other services' files.
          DeletionMode: data?.status === "DELETE_FAILED" ? "FORCE_DELETE_STACK" : undefined,
        });
        try {
          await client.send(stack);
        } catch (error) {
          if (!(error instanceof Error) || !/TerminationProtection/.test(error.message)) throw error;
          const off = { StackName, EnableTerminationProtection: false };
          await client.send(new UpdateTerminationProtectionCommand(off));
          await client.send(stack);
        }
      },
    },
  ],
});
