import {
  BatchStopJobRunCommand,
  DeleteClassifierCommand,
  DeleteConnectionCommand,
  DeleteCrawlerCommand,
  DeleteDatabaseCommand,
  DeleteDevEndpointCommand,
  DeleteJobCommand,
  DeleteMLTransformCommand,
  DeleteRegistryCommand,
  DeleteResourcePolicyCommand,
  DeleteSecurityConfigurationCommand,
  DeleteSessionCommand,
  DeleteTriggerCommand,
  DeleteWorkflowCommand,
  GetResourcePolicyCommand,
  GlueClient,
  paginateGetClassifiers,
  paginateGetConnections,
  paginateGetDatabases,
  paginateGetDevEndpoints,
  paginateGetJobRuns,
  paginateGetMLTransforms,
  paginateGetSecurityConfigurations,
  paginateGetTriggers,
  paginateListCrawlers,
  paginateListJobs,
  paginateListRegistries,
  paginateListSessions,
  paginateListWorkflows,
  StopCrawlerCommand,
  StopSessionCommand,
} from "@aws-sdk/client-glue";
import { defineService } from "@/server/cleaner/define";
import { isMissing, notOffered } from "@/server/cleaner/failures";

const named = (error: unknown, ...names: string[]) => error instanceof Error && names.includes(error.name);

/**
 * Tables, partitions and functions go with their database, schemas with their registry.
 * https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html
 */
export const service = defineService({
  id: "glue",
  title: "AWS Glue",
  scope: "regional",
  client: (options) => new GlueClient(options),
  types: [
    {
      id: "trigger",
      stage: "first",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateGetTriggers({ client }, {})) {
          for (const { Name: id = "", State } of page.Triggers ?? []) yield { id, going: State === "DELETING" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTriggerCommand({ Name: id })),
    },
    {
      id: "workflow",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListWorkflows({ client }, {})) {
          for (const id of page.Workflows ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWorkflowCommand({ Name: id })),
    },
    {
      id: "crawler",
      stage: "first",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListCrawlers({ client }, {})) {
          for (const id of page.CrawlerNames ?? []) yield { id };
        }
      },
      async remove({ client }, { id }) {
        try {
          await client.send(new DeleteCrawlerCommand({ Name: id }));
        } catch (error) {
          if (!named(error, "CrawlerRunningException", "SchedulerTransitioningException")) throw error;
          await client.send(new StopCrawlerCommand({ Name: id })).catch((reason: unknown) => {
            if (!named(reason, "CrawlerStoppingException", "CrawlerNotRunningException")) throw reason;
          });
          throw new Error("The crawler is still running; it was asked to stop");
        }
      },
    },
    {
      // Runs go on without their job: they are stopped before.
      id: "job",
      async *list({ client }) {
        for await (const page of paginateListJobs({ client }, {})) for (const id of page.JobNames ?? []) yield { id };
      },
      async prepare({ client }, { id: JobName }) {
        for await (const page of paginateGetJobRuns({ client, pageSize: 200 }, { JobName })) {
          const running = (page.JobRuns ?? []).filter((run) =>
            /^(STARTING|RUNNING|WAITING)$/.test(run.JobRunState ?? ""),
          );
          const ids = running.flatMap((run) => run.Id ?? []);
          // 25 in a call: https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html
          for (let from = 0; from < ids.length; from += 25) {
            await client.send(new BatchStopJobRunCommand({ JobName, JobRunIds: ids.slice(from, from + 25) }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteJobCommand({ JobName: id })),
    },
    {
      id: "dev-endpoint",
      unavailable: notOffered,
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateGetDevEndpoints({ client }, {})) {
          for (const { EndpointName: id = "", Status, SubnetId, SecurityGroupIds = [] } of page.DevEndpoints ?? []) {
            yield { id, going: Status === "TERMINATING", refs: SecurityGroupIds.concat(SubnetId ?? []) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDevEndpointCommand({ EndpointName: id })),
    },
    {
      id: "session",
      unavailable: notOffered,
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListSessions({ client }, {})) for (const id of page.Ids ?? []) yield { id };
      },
      async remove({ client }, { id: Id }) {
        try {
          await client.send(new DeleteSessionCommand({ Id }));
        } catch (error) {
          if (!named(error, "IllegalSessionStateException")) throw error;
          await client.send(new StopSessionCommand({ Id })).catch((reason: unknown) => {
            if (!named(reason, "IllegalSessionStateException")) throw reason;
          });
          throw new Error("The session is still running; it was asked to stop");
        }
      },
    },
    {
      id: "database",
      async *list({ client }) {
        for await (const page of paginateGetDatabases({ client }, {})) {
          for (const { Name: id = "", CreateTime } of page.DatabaseList ?? []) yield { id, createdAt: CreateTime };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDatabaseCommand({ Name: id })),
    },
    {
      id: "connection",
      after: ["glue/job", "glue/crawler", "glue/session"],
      async *list({ client }) {
        for await (const page of paginateGetConnections({ client }, { HidePassword: true })) {
          for (const { Name: id = "", CreationTime } of page.ConnectionList ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConnectionCommand({ ConnectionName: id })),
    },
    {
      id: "registry",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListRegistries({ client }, {})) {
          for (const { RegistryName: id = "", Status } of page.Registries ?? []) {
            yield { id, going: Status === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRegistryCommand({ RegistryId: { RegistryName: id } })),
    },
    {
      id: "ml-transform",
      unavailable: notOffered,
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateGetMLTransforms({ client }, {})) {
          for (const { TransformId: id = "", Status } of page.Transforms ?? []) {
            yield { id, going: Status === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMLTransformCommand({ TransformId: id })),
    },
    {
      id: "classifier",
      after: ["glue/crawler"],
      async *list({ client }) {
        for await (const page of paginateGetClassifiers({ client }, {})) {
          for (const { CsvClassifier, GrokClassifier, JsonClassifier, XMLClassifier } of page.Classifiers ?? []) {
            const { Name } = CsvClassifier ?? GrokClassifier ?? JsonClassifier ?? XMLClassifier ?? {};
            yield { id: Name ?? "" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClassifierCommand({ Name: id })),
    },
    {
      id: "security-configuration",
      after: ["glue/job", "glue/crawler", "glue/dev-endpoint", "glue/session"],
      async *list({ client }) {
        for await (const page of paginateGetSecurityConfigurations({ client }, {})) {
          for (const { Name: id = "" } of page.SecurityConfigurations ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSecurityConfigurationCommand({ Name: id })),
    },
    {
      // It may let another account read the catalog of the next tenant.
      id: "resource-policy",
      async *list({ client }) {
        try {
          const { PolicyInJson, CreateTime } = await client.send(new GetResourcePolicyCommand({}));
          if (PolicyInJson) yield { id: "catalog", createdAt: CreateTime };
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      },
      remove: ({ client }) => client.send(new DeleteResourcePolicyCommand({})),
    },
  ],
});
