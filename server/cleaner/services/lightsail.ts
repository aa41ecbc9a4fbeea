import {
  DeleteBucketCommand,
  DeleteCertificateCommand,
  DeleteContainerServiceCommand,
  DeleteDiskCommand,
  DeleteDiskSnapshotCommand,
  DeleteInstanceCommand,
  DeleteInstanceSnapshotCommand,
  DeleteKeyPairCommand,
  DeleteLoadBalancerCommand,
  DeleteRelationalDatabaseCommand,
  DeleteRelationalDatabaseSnapshotCommand,
  GetBucketsCommand,
  GetCertificatesCommand,
  GetContainerServicesCommand,
  GetDiskSnapshotsCommand,
  GetDisksCommand,
  GetInstanceSnapshotsCommand,
  GetInstancesCommand,
  GetKeyPairsCommand,
  GetLoadBalancersCommand,
  GetRelationalDatabaseSnapshotsCommand,
  GetRelationalDatabasesCommand,
  GetStaticIpsCommand,
  LightsailClient,
  ReleaseStaticIpCommand,
} from "@aws-sdk/client-lightsail";
import { defineService, type Resource } from "@/server/cleaner/define";

type Named = { name?: string; createdAt?: Date; state?: string };

/**
 * Automatic snapshots, alarms and access keys go with what they belong to. Distributions and domains are in `lightsail-global`.
 * https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/Welcome.html
 */
export const service = defineService({
  id: "lightsail",
  title: "Amazon Lightsail",
  scope: "regional",
  client: (options) => new LightsailClient(options),
  types: [
    {
      id: "instance",
      gone: "listed",
      deadlineSeconds: 600,
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetInstancesCommand({ pageToken }));
          const items = page.instances?.map((one) => ({ ...one, state: one.state?.name }));
          return { items, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) =>
        client.send(new DeleteInstanceCommand({ instanceName: id, forceDeleteAddOns: true })),
    },
    {
      id: "database",
      gone: "listed",
      deadlineSeconds: 1_200,
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetRelationalDatabasesCommand({ pageToken }));
          return { items: page.relationalDatabases, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) =>
        client.send(new DeleteRelationalDatabaseCommand({ relationalDatabaseName: id, skipFinalSnapshot: true })),
    },
    {
      id: "container-service",
      gone: "listed",
      deadlineSeconds: 900,
      // AWS answers with all at once.
      async *list({ client }) {
        const { containerServices } = await client.send(new GetContainerServicesCommand({}));
        for (const { containerServiceName, createdAt, state } of containerServices ?? []) {
          yield { id: containerServiceName ?? "", createdAt, going: state === "DELETING" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteContainerServiceCommand({ serviceName: id })),
    },
    {
      id: "load-balancer",
      gone: "listed",
      deadlineSeconds: 600,
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetLoadBalancersCommand({ pageToken }));
          return { items: page.loadBalancers, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteLoadBalancerCommand({ loadBalancerName: id })),
    },
    {
      // Only one that no instance uses can go.
      id: "disk",
      after: ["lightsail/instance"],
      gone: "listed",
      deadlineSeconds: 600,
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetDisksCommand({ pageToken }));
          return { items: page.disks, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteDiskCommand({ diskName: id, forceDeleteAddOns: true })),
    },
    {
      id: "static-ip",
      after: ["lightsail/instance"],
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetStaticIpsCommand({ pageToken }));
          return { items: page.staticIps, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new ReleaseStaticIpCommand({ staticIpName: id })),
    },
    {
      id: "bucket",
      after: ["lightsail/instance"],
      gone: "listed",
      deadlineSeconds: 900,
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetBucketsCommand({ pageToken }));
          return { items: page.buckets?.map(({ name, createdAt }) => ({ name, createdAt })), next: page.nextPageToken };
        }),
      // With its objects, access keys and access of instances.
      remove: ({ client }, { id }) => client.send(new DeleteBucketCommand({ bucketName: id, forceDelete: true })),
    },
    {
      id: "instance-snapshot",
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetInstanceSnapshotsCommand({ pageToken }));
          return { items: page.instanceSnapshots, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteInstanceSnapshotCommand({ instanceSnapshotName: id })),
    },
    {
      id: "disk-snapshot",
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetDiskSnapshotsCommand({ pageToken }));
          return { items: page.diskSnapshots, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteDiskSnapshotCommand({ diskSnapshotName: id })),
    },
    {
      id: "database-snapshot",
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetRelationalDatabaseSnapshotsCommand({ pageToken }));
          return { items: page.relationalDatabaseSnapshots, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) =>
        client.send(new DeleteRelationalDatabaseSnapshotCommand({ relationalDatabaseSnapshotName: id })),
    },
    {
      id: "certificate",
      after: ["lightsail/container-service", "lightsail-global/distribution"],
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetCertificatesCommand({ pageToken }));
          return { items: page.certificates?.map((one) => ({ name: one.certificateName })), next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteCertificateCommand({ certificateName: id })),
    },
    {
      id: "key-pair",
      after: ["lightsail/instance"],
      list: ({ client }) =>
        pages(async (pageToken) => {
          const page = await client.send(new GetKeyPairsCommand({ pageToken, includeDefaultKeyPair: true }));
          return { items: page.keyPairs, next: page.nextPageToken };
        }),
      remove: ({ client }, { id }) => client.send(new DeleteKeyPairCommand({ keyPairName: id })),
    },
  ],
});

async function* pages(
  get: (token: string | undefined) => Promise<{ items?: Named[]; next?: string }>,
): AsyncIterable<Resource> {
  for (let token: string | undefined; ; ) {
    const { items, next } = await get(token);
    for (const { name = "", createdAt, state } of items ?? []) {
      yield { id: name, createdAt, going: /^(deleting|shutting-down|terminated)$/i.test(state ?? "") };
    }
    if (!next) return;
    token = next;
  }
}
