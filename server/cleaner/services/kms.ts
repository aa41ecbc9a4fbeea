import {
  DeleteAliasCommand,
  DescribeKeyCommand,
  KMSClient,
  paginateListAliases,
  paginateListKeys,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "kms",
  title: "AWS KMS",
  scope: "regional",
  client: (options) => new KMSClient(options),
  types: [
    {
      id: "alias",
      stage: "last",
      async *list({ client }) {
        for await (const page of paginateListAliases({ client }, {})) {
          for (const { AliasName: id = "" } of page.Aliases ?? []) {
            yield { id, protected: id.startsWith("alias/aws/") ? "AWS's own" : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAliasCommand({ AliasName: id })),
    },
    {
      // Last: what is encrypted with it goes before. A key goes no sooner than seven days after it was asked for; it cannot
      // be used meanwhile, so that a key in its waiting time is accepted and said.
      // https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
      id: "key",
      stage: "last",
      after: ["kms/alias"],
      async *list({ client }) {
        for await (const page of paginateListKeys({ client, pageSize: 1000 }, {})) {
          for (const { KeyId = "" } of page.Keys ?? []) {
            const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId }));
            yield { id: KeyId, createdAt: key?.CreationDate, protected: keyStays(key) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 })),
    },
  ],
});

function keyStays(
  key: { KeyManager?: string; KeyState?: string; DeletionDate?: Date } | undefined,
): string | undefined {
  if (key?.KeyManager === "AWS") return "AWS's own";
  if (key?.KeyState !== "PendingDeletion" && key?.KeyState !== "PendingReplicaDeletion") return undefined;
  const date = key.DeletionDate?.toISOString().slice(0, 10);
  return `cannot be used any more; AWS deletes it ${date ? `on ${date}` : "after its replicas"}`;
}
