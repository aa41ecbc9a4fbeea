import {
  DeleteActivationCommand,
  DeleteAssociationCommand,
  DeleteOpsItemCommand,
  DeleteResourceDataSyncCommand,
  paginateDescribeActivations,
  paginateDescribeOpsItems,
  paginateListAssociations,
  paginateListResourceDataSync,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { defineService } from "@/server/cleaner/define";

/** The rest of Systems Manager, apart from `ssm`, all of which the emulator has. */
export const service = defineService({
  id: "ssm-operations",
  title: "AWS Systems Manager operations",
  scope: "regional",
  client: (options) => new SSMClient(options),
  types: [
    {
      // Runs a document again and again, on instances that come too.
      id: "association",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListAssociations({ client, pageSize: 50 }, {})) {
          for (const { AssociationId = "" } of page.Associations ?? []) yield { id: AssociationId };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAssociationCommand({ AssociationId: id })),
    },
    {
      // Lets machines outside AWS join the account.
      id: "activation",
      async *list({ client }) {
        for await (const page of paginateDescribeActivations({ client, pageSize: 50 }, {})) {
          for (const { ActivationId = "", CreatedDate } of page.ActivationList ?? []) {
            yield { id: ActivationId, createdAt: CreatedDate };
          }
        }
      },
      async remove({ client }, { id }) {
        try {
          await client.send(new DeleteActivationCommand({ ActivationId: id }));
        } catch (error) {
          // "The activation might have been deleted": the next list tells.
          if (!(error instanceof Error) || !/^InvalidActivation(Id)?$/.test(error.name)) throw error;
        }
      },
    },
    {
      // Copies the inventory to a bucket, which may be anybody's.
      id: "resource-data-sync",
      async *list({ client }) {
        for await (const page of paginateListResourceDataSync({ client, pageSize: 50 }, {})) {
          for (const { SyncName = "", SyncType = "SyncToDestination" } of page.ResourceDataSyncItems ?? []) {
            yield { id: SyncName, data: { SyncType } };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteResourceDataSyncCommand({ SyncName: id, SyncType: data?.SyncType })),
    },
    {
      // Shows for a few minutes more; asking again is answered well:
      // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteOpsItem.html
      id: "ops-item",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeOpsItems({ client, pageSize: 50 }, {})) {
          for (const { OpsItemId = "", CreatedTime } of page.OpsItemSummaries ?? []) {
            yield { id: OpsItemId, createdAt: CreatedTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteOpsItemCommand({ OpsItemId: id })),
    },
  ],
});
