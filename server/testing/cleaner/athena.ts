import * as sdk from "@aws-sdk/client-athena";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "InvalidRequestException";
const token = ["NextToken", "NextToken"] as const;

function reservation(store: Store, { Name }: Shape): Shape {
  const item = store.get("capacity-reservation", String(Name));
  if (!item) throw new DoubleError(missing, 400, "The capacity reservation does not exist");
  return item;
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AthenaClient,
    kinds: {
      "work-group": {
        key: "Name",
        list: { operation: "ListWorkGroups", items: "WorkGroups", token },
        remove: { operation: "DeleteWorkGroup", key: "WorkGroup", missing, missingStatus: 400 },
        make: (n) => ({ Name: `analysts-${n}`, State: "ENABLED", CreationTime: new Date(0) }),
      },
      "primary-result-location": {
        key: "Name",
        count: 1,
        make: () => ({ Name: "primary" }),
      },
      "named-query": {
        key: "NamedQueryId",
        list: {
          operation: "ListNamedQueries",
          items: "NamedQueryIds",
          token,
          where: { WorkGroup: "WorkGroup" },
          as: (item) => item.NamedQueryId,
        },
        remove: { operation: "DeleteNamedQuery", key: "NamedQueryId", missing, missingStatus: 400 },
        make: (n) => ({ NamedQueryId: `q-${n}`, WorkGroup: "primary" }),
      },
      "prepared-statement": {
        key: "StatementName",
        list: {
          operation: "ListPreparedStatements",
          items: "PreparedStatements",
          token,
          where: { WorkGroupName: "WorkGroup" },
        },
        remove: {
          operation: "DeletePreparedStatement",
          key: "StatementName",
          missing: "ResourceNotFoundException",
          missingStatus: 400,
        },
        make: (n) => ({ StatementName: `by_day_${n}`, WorkGroupName: "primary" }),
      },
      "data-catalog": {
        key: "CatalogName",
        list: { operation: "ListDataCatalogs", items: "DataCatalogsSummary", token },
        remove: {
          operation: "DeleteDataCatalog",
          key: "Name",
          missing,
          missingStatus: 400,
          leaves: { Status: "DELETE_IN_PROGRESS" },
        },
        make: (n) => ({ CatalogName: `orders-${n}`, Type: "FEDERATED", Status: "CREATE_COMPLETE" }),
      },
      "capacity-reservation": {
        key: "Name",
        list: { operation: "ListCapacityReservations", items: "CapacityReservations", token },
        remove: {
          operation: "DeleteCapacityReservation",
          key: "Name",
          missing,
          missingStatus: 400,
          refuses: ({ Status }) =>
            Status === "CANCELLED" ? undefined : new DoubleError(missing, 400, "It must be cancelled before"),
        },
        make: (n) => ({
          Name: `fast-${n}`,
          Status: "ACTIVE",
          TargetDpus: 24,
          AllocatedDpus: 24,
          CreationTime: new Date(0),
        }),
      },
    },
    answers: {
      ListQueryExecutions: () => ({ QueryExecutionIds: ["e-1"] }),
      GetWorkGroup: (store) => {
        const OutputLocation = store.get("primary-result-location", "primary") ? "s3://of-another" : undefined;
        return { WorkGroup: { Name: "primary", Configuration: { ResultConfiguration: { OutputLocation } } } };
      },
      UpdateWorkGroup: (store) => {
        store.remove("primary-result-location", "primary");
        return {};
      },
      GetCapacityReservation: (store, input) => ({ CapacityReservation: reservation(store, input) }),
      CancelCapacityReservation: (store, input) => {
        const item = reservation(store, input);
        store.put("capacity-reservation", String(item.Name), { ...item, Status: "CANCELLED" });
        return {};
      },
    },
  }),
};
