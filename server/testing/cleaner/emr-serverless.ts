import * as sdk from "@aws-sdk/client-emr-serverless";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
const refused = (message: string) => new DoubleError("ValidationException", 400, message);

function application(store: Store, { applicationId }: Shape): Shape {
  const item = store.get("application", String(applicationId));
  if (!item) throw new DoubleError(missing, 404, "does not exist");
  return item;
}

/** The emulator cannot list the job runs of an application that had none. Here each has one that runs. */
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.EMRServerlessClient,
    kinds: {
      application: {
        key: "id",
        list: { operation: "ListApplications", items: "applications", token: ["nextToken", "nextToken"] },
        remove: {
          operation: "DeleteApplication",
          key: "applicationId",
          missing,
          refuses: ({ state }) =>
            state === "STOPPED" ? undefined : refused("Application must be in one of [CREATED, STOPPED]"),
          leaves: { state: "TERMINATED" },
        },
        make: (n, { region, accountId }) => ({
          id: `00f${n}`,
          arn: `arn:aws:emr-serverless:${region}:${accountId}:/applications/00f${n}`,
          releaseLabel: "emr-7.5.0",
          type: "Spark",
          state: "STARTED",
          createdAt: new Date(0),
          updatedAt: new Date(0),
        }),
      },
    },
    answers: {
      GetApplication: (store, input) => {
        const item = application(store, input);
        return { application: { ...item, applicationId: item.id } };
      },
      ListJobRuns: (store, input) => {
        const { id, cancelled, arn, createdAt, updatedAt } = application(store, input);
        const run = {
          id: "1",
          applicationId: id,
          arn,
          createdAt,
          updatedAt,
          createdBy: "",
          executionRole: "",
          state: "RUNNING",
          stateDetails: "",
          releaseLabel: "",
        };
        return { jobRuns: cancelled ? [] : [run] };
      },
      CancelJobRun: (store, input) => {
        const item = application(store, input);
        store.put("application", String(item.id), { ...item, cancelled: true });
        return { applicationId: item.id, jobRunId: "1" };
      },
      StopApplication: (store, input) => {
        const item = application(store, input);
        if (!item.cancelled) throw refused("Application has active job runs");
        store.put("application", String(item.id), { ...item, state: "STOPPED" });
        return {};
      },
    },
  }),
};
