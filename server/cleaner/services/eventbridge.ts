import {
  DeleteApiDestinationCommand,
  DeleteArchiveCommand,
  DeleteConnectionCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListArchivesCommand,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { defineService, type Resource } from "@/server/cleaner/define";

export const service = defineService({
  id: "eventbridge",
  title: "Amazon EventBridge",
  scope: "regional",
  client: (options) => new EventBridgeClient(options),
  types: [
    {
      // A rule on a schedule starts things: it goes first.
      id: "rule",
      stage: "first",
      async *list({ client }) {
        for await (const bus of buses(client)) {
          yield* pages(async (NextToken) => {
            const page = await client.send(new ListRulesCommand({ EventBusName: bus, NextToken }));
            const rules = (page.Rules ?? []).map(
              ({ Name = "", ManagedBy }): Resource => ({
                id: `${bus}/${Name}`,
                refs: [bus],
                protected: ManagedBy ? `made by ${ManagedBy}, and goes with it` : undefined,
                data: { bus, name: Name },
              }),
            );
            return { items: rules, next: page.NextToken };
          });
        }
      },
      async prepare({ client }, { data }) {
        const rule = { Rule: data?.name, EventBusName: data?.bus };
        for (;;) {
          const page = await client.send(new ListTargetsByRuleCommand(rule));
          const Ids = (page.Targets ?? []).flatMap((target) => target.Id ?? []);
          if (Ids.length === 0) return;
          const answer = await client.send(new RemoveTargetsCommand({ ...rule, Ids, Force: true }));
          const [failed] = answer.FailedEntries ?? [];
          if (failed)
            throw Object.assign(new Error(failed.ErrorMessage), { name: failed.ErrorCode ?? "RemoveTargets" });
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteRuleCommand({ Name: data?.name, EventBusName: data?.bus, Force: true })),
    },
    {
      id: "event-bus",
      after: ["eventbridge/rule", "eventbridge/archive"],
      async *list({ client }) {
        for await (const id of buses(client)) {
          yield { id, protected: id === "default" ? "every account has it" : undefined };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEventBusCommand({ Name: id })),
    },
    {
      id: "archive",
      list: ({ client }) =>
        pages(async (NextToken) => {
          const page = await client.send(new ListArchivesCommand({ NextToken }));
          return { items: (page.Archives ?? []).map((one) => ({ id: one.ArchiveName ?? "" })), next: page.NextToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteArchiveCommand({ ArchiveName: id })),
    },
    {
      id: "api-destination",
      list: ({ client }) =>
        pages(async (NextToken) => {
          const page = await client.send(new ListApiDestinationsCommand({ NextToken }));
          return { items: (page.ApiDestinations ?? []).map((one) => ({ id: one.Name ?? "" })), next: page.NextToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteApiDestinationCommand({ Name: id })),
    },
    {
      id: "connection",
      after: ["eventbridge/api-destination"],
      gone: "listed",
      list: ({ client }) =>
        pages(async (NextToken) => {
          const page = await client.send(new ListConnectionsCommand({ NextToken }));
          const items = (page.Connections ?? []).map((one) => ({
            id: one.Name ?? "",
            going: one.ConnectionState === "DELETING",
          }));
          return { items, next: page.NextToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteConnectionCommand({ Name: id })),
    },
  ],
});

/** EventBridge has no paginators. */
async function* pages<T>(
  ask: (token: string | undefined) => Promise<{ items: T[]; next: string | undefined }>,
): AsyncGenerator<T> {
  for (let token: string | undefined; ; ) {
    const { items, next } = await ask(token);
    yield* items;
    if (!next) return;
    token = next;
  }
}

function buses(client: EventBridgeClient): AsyncGenerator<string> {
  return pages(async (NextToken) => {
    const page = await client.send(new ListEventBusesCommand({ NextToken }));
    return { items: (page.EventBuses ?? []).flatMap((bus) => bus.Name ?? []), next: page.NextToken };
  });
}
