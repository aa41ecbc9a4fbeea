import {
  CloudFormationClient,
  DeleteStackCommand,
  ListStacksCommand,
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
    {
      // A remain: one resource for all deleted stacks, counted no further than the first page that has any. DescribeStacks
      // answers with their outputs and parameters when asked by their id.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html (90 days)
      id: "deleted-stack",
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new ListStacksCommand({ StackStatusFilter: ["DELETE_COMPLETE"], NextToken }));
          NextToken = page.NextToken;
          const { length } = page.StackSummaries ?? [];
          if (length > 0) {
            const more = NextToken ? " or more" : "";
            const count = length === 1 && !more ? "1 deleted stack" : `${length}${more} deleted stacks`;
            const what = "their outputs and parameters for 90 days; the next holder can read them";
            yield { id: count, protected: `cannot be removed: AWS keeps ${what}` };
            return;
          }
          if (!NextToken) return;
        }
      },
      remove: async () => {
        throw new Error("AWS does not remove what it keeps of deleted stacks");
      },
    },
  ],
});
