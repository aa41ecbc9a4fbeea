import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  paginateListSecrets,
  RemoveRegionsFromReplicationCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "secrets-manager",
  title: "AWS Secrets Manager",
  scope: "regional",
  client: (options) => new SecretsManagerClient(options),
  types: [
    {
      id: "secret",
      async *list({ client, region }) {
        // Those that wait for their deletion still hold their value: they count.
        for await (const page of paginateListSecrets({ client, pageSize: 100 }, { IncludePlannedDeletion: true })) {
          for (const secret of page.SecretList ?? []) {
            const replica = secret.PrimaryRegion !== undefined && secret.PrimaryRegion !== region;
            // A replica goes with its primary, a database's own secret with the database.
            const going = replica || secret.OwningService !== undefined;
            yield { id: secret.ARN ?? "", createdAt: secret.CreatedDate, going };
          }
        }
      },
      async prepare({ client, region }, { id: SecretId }) {
        const secret = await client.send(new DescribeSecretCommand({ SecretId }));
        const regions = (secret.ReplicationStatus ?? []).flatMap((replica) => replica.Region ?? []);
        const RemoveReplicaRegions = regions.filter((one) => one !== region);
        if (RemoveReplicaRegions.length > 0) {
          await client.send(new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions }));
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteSecretCommand({ SecretId: id, ForceDeleteWithoutRecovery: true })),
    },
  ],
});
