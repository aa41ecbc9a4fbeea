import {
  CancelJobRunCommand,
  DeleteApplicationCommand,
  EMRServerlessClient,
  GetApplicationCommand,
  paginateListApplications,
  paginateListJobRuns,
  StopApplicationCommand,
} from "@aws-sdk/client-emr-serverless";
import { defineService } from "@/server/cleaner/define";

/**
 * An application must be stopped before, and cannot stop while jobs run in it.
 * https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StopApplication.html
 */
export const service = defineService({
  id: "emr-serverless",
  title: "Amazon EMR Serverless",
  scope: "regional",
  client: (options) => new EMRServerlessClient(options),
  types: [
    {
      id: "application",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListApplications({ client, pageSize: 50 }, {})) {
          for (const { id = "", state, createdAt } of page.applications ?? []) {
            if (state !== "TERMINATED") yield { id, createdAt };
          }
        }
      },
      async prepare({ client }, { id: applicationId }) {
        const { application } = await client.send(new GetApplicationCommand({ applicationId }));
        const state = application?.state ?? "";
        if (/^(CREATED|STOPPED|TERMINATED)$/.test(state)) return;
        if (state === "STARTED") {
          const active = ["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "QUEUED"] as const;
          for await (const page of paginateListJobRuns({ client }, { applicationId, states: [...active] })) {
            for (const { id: jobRunId } of page.jobRuns ?? []) {
              await client.send(new CancelJobRunCommand({ applicationId, jobRunId }));
            }
          }
          // Refused while a cancelled job is on its way out.
          await client.send(new StopApplicationCommand({ applicationId })).catch((error: unknown) => {
            if (!(error instanceof Error) || error.name !== "ValidationException") throw error;
          });
        }
        throw new Error(`The application is still ${state}; it was asked to stop`);
      },
      remove: ({ client }, { id }) => client.send(new DeleteApplicationCommand({ applicationId: id })),
    },
  ],
});
