import {
  AthenaClient,
  CancelCapacityReservationCommand,
  DeleteCapacityReservationCommand,
  DeleteDataCatalogCommand,
  DeleteNamedQueryCommand,
  DeletePreparedStatementCommand,
  DeleteWorkGroupCommand,
  GetCapacityReservationCommand,
  GetWorkGroupCommand,
  ListQueryExecutionsCommand,
  paginateListCapacityReservations,
  paginateListDataCatalogs,
  paginateListNamedQueries,
  paginateListPreparedStatements,
  paginateListWorkGroups,
  UpdateWorkGroupCommand,
} from "@aws-sdk/client-athena";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/** Every account has this work group, in which queries run by default; it cannot be deleted. */
const primary = "primary";

/**
 * A work group goes with its named queries, history and notebooks when that is said.
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html
 */
export const service = defineService({
  id: "athena",
  title: "Amazon Athena",
  scope: "regional",
  client: (options) => new AthenaClient(options),
  types: [
    {
      id: "work-group",
      async *list({ client }) {
        for await (const page of paginateListWorkGroups({ client }, {})) {
          for (const { Name: id = "", CreationTime } of page.WorkGroups ?? []) {
            if (id !== primary) {
              yield { id, createdAt: CreationTime };
              continue;
            }
            // https://docs.aws.amazon.com/athena/latest/APIReference/API_ListQueryExecutions.html
            const history = await client.send(new ListQueryExecutionsCommand({ WorkGroup: primary, MaxResults: 1 }));
            yield {
              id,
              protected: history.QueryExecutionIds?.length
                ? "AWS's own; its history can be read for 45 days after each query, and nobody can delete it"
                : "AWS's own work group",
            };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteWorkGroupCommand({ WorkGroup: id, RecursiveDeleteOption: true })),
    },
    {
      // Results of the next tenant's queries would go there.
      id: "primary-result-location",
      async *list({ client }) {
        const { WorkGroup } = await client.send(new GetWorkGroupCommand({ WorkGroup: primary }));
        if (WorkGroup?.Configuration?.ResultConfiguration?.OutputLocation) yield { id: primary };
      },
      remove: ({ client }, { id }) =>
        client.send(
          new UpdateWorkGroupCommand({
            WorkGroup: id,
            ConfigurationUpdates: {
              EnforceWorkGroupConfiguration: false,
              ResultConfigurationUpdates: {
                RemoveOutputLocation: true,
                RemoveEncryptionConfiguration: true,
                RemoveExpectedBucketOwner: true,
                RemoveAclConfiguration: true,
              },
            },
          }),
        ),
    },
    {
      id: "named-query",
      async *list({ client }) {
        for await (const page of paginateListNamedQueries({ client }, { WorkGroup: primary })) {
          for (const id of page.NamedQueryIds ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteNamedQueryCommand({ NamedQueryId: id })),
    },
    {
      id: "prepared-statement",
      async *list({ client }) {
        for await (const page of paginateListPreparedStatements({ client }, { WorkGroup: primary })) {
          for (const { StatementName: id = "" } of page.PreparedStatements ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeletePreparedStatementCommand({ WorkGroup: primary, StatementName: id })),
    },
    {
      id: "data-catalog",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListDataCatalogs({ client }, {})) {
          for (const { CatalogName: id = "", Status } of page.DataCatalogsSummary ?? []) {
            if (Status === "DELETE_COMPLETE") continue;
            const own = id === "AwsDataCatalog" ? "AWS's own: the view on the Glue Data Catalog" : undefined;
            yield { id, protected: own, going: Status === "DELETE_IN_PROGRESS" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDataCatalogCommand({ Name: id })),
    },
    {
      // Cancelled first, and listed for 45 days more unless it is deleted then.
      // https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteCapacityReservation.html
      id: "capacity-reservation",
      unavailable: notOffered,
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListCapacityReservations({ client }, {})) {
          for (const { Name: id = "", CreationTime } of page.CapacityReservations ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      async prepare({ client }, { id: Name }) {
        const { CapacityReservation } = await client.send(new GetCapacityReservationCommand({ Name }));
        const status = CapacityReservation?.Status;
        if (status === "CANCELLED") return;
        if (status !== "CANCELLING") await client.send(new CancelCapacityReservationCommand({ Name }));
        throw new Error("The reservation is still being cancelled");
      },
      remove: ({ client }, { id }) => client.send(new DeleteCapacityReservationCommand({ Name: id })),
    },
  ],
});
