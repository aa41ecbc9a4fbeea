import {
  AppRunnerClient,
  DeleteAutoScalingConfigurationCommand,
  DeleteConnectionCommand,
  DeleteServiceCommand,
  DeleteVpcConnectorCommand,
  paginateListAutoScalingConfigurations,
  paginateListConnections,
  paginateListServices,
  paginateListVpcConnectors,
} from "@aws-sdk/client-apprunner";
import { defineService } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/apprunner/latest/api/API_DeleteService.html: a service goes in its own time. */
export const service = defineService({
  id: "app-runner",
  title: "AWS App Runner",
  scope: "regional",
  client: (options) => new AppRunnerClient(options),
  types: [
    {
      id: "service",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListServices({ client }, {})) {
          for (const { ServiceArn: id = "", Status } of page.ServiceSummaryList ?? []) {
            if (Status === "DELETED") continue;
            yield { id };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteServiceCommand({ ServiceArn: id })),
    },
    {
      id: "vpc-connector",
      after: ["app-runner/service"],
      async *list({ client }) {
        for await (const page of paginateListVpcConnectors({ client }, {})) {
          for (const { VpcConnectorArn: id = "", Status } of page.VpcConnectors ?? []) {
            if (Status !== "INACTIVE") yield { id };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcConnectorCommand({ VpcConnectorArn: id })),
    },
    {
      id: "auto-scaling-configuration",
      after: ["app-runner/service"],
      async *list({ client }) {
        for await (const page of paginateListAutoScalingConfigurations({ client }, {})) {
          for (const one of page.AutoScalingConfigurationSummaryList ?? []) {
            if (one.Status === "INACTIVE") continue;
            const own = one.AutoScalingConfigurationName === "DefaultConfiguration";
            yield {
              id: one.AutoScalingConfigurationArn ?? "",
              protected: own ? "AWS's own default configuration" : undefined,
            };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteAutoScalingConfigurationCommand({ AutoScalingConfigurationArn: id })),
    },
    {
      id: "connection",
      after: ["app-runner/service"],
      async *list({ client }) {
        for await (const page of paginateListConnections({ client }, {})) {
          for (const { ConnectionArn: id = "" } of page.ConnectionSummaryList ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConnectionCommand({ ConnectionArn: id })),
    },
  ],
});
