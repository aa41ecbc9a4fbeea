import {
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
  paginateListLayers,
  paginateListLayerVersions,
} from "@aws-sdk/client-lambda";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "lambda",
  title: "AWS Lambda",
  scope: "regional",
  client: (options) => new LambdaClient(options),
  types: [
    {
      id: "event-source-mapping",
      stage: "first",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListEventSourceMappings({ client }, {})) {
          for (const { UUID, State } of page.EventSourceMappings ?? []) {
            yield { id: UUID ?? "", going: State === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEventSourceMappingCommand({ UUID: id })),
    },
    {
      id: "function",
      async *list({ client }) {
        for await (const page of paginateListFunctions({ client }, {})) {
          for (const { FunctionName } of page.Functions ?? []) yield { id: FunctionName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFunctionCommand({ FunctionName: id })),
    },
    {
      id: "layer-version",
      async *list({ client }) {
        for await (const page of paginateListLayers({ client }, {})) {
          for (const { LayerName } of page.Layers ?? []) {
            for await (const versions of paginateListLayerVersions({ client }, { LayerName })) {
              for (const { Version, LayerVersionArn } of versions.LayerVersions ?? []) {
                yield { id: LayerVersionArn ?? "", data: { name: LayerName ?? "", version: String(Version) } };
              }
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteLayerVersionCommand({ LayerName: data?.name, VersionNumber: Number(data?.version) })),
    },
  ],
});
