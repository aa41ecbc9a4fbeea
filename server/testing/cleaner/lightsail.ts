import * as sdk from "@aws-sdk/client-lightsail";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape } from "@/server/testing/double";

type Parts = { list: string; items: string; remove: string; asked: string; key?: string; paged?: boolean };

function kind(
  parts: Parts,
  more: Partial<DoubleKind["remove"]> = {},
  item: (n: number) => Shape = () => ({}),
): DoubleKind {
  const { key = "name", paged = true } = parts;
  return {
    key,
    list: {
      operation: parts.list,
      items: parts.items,
      ...(paged ? { token: ["pageToken", "nextPageToken"] as const } : {}),
    },
    remove: { operation: parts.remove, key: parts.asked, missing: "NotFoundException", ...more },
    make: (n) => ({ [key]: `shop-${n}`, ...item(n) }),
  };
}

const inUse = () => new DoubleError("InvalidInputException", 400, "The disk is in use by an instance");

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.LightsailClient,
    kinds: {
      instance: kind(
        { list: "GetInstances", items: "instances", remove: "DeleteInstance", asked: "instanceName" },
        { leaves: { state: { code: 32, name: "shutting-down" } } },
        () => ({ state: { code: 16, name: "running" } }),
      ),
      database: kind(
        {
          list: "GetRelationalDatabases",
          items: "relationalDatabases",
          remove: "DeleteRelationalDatabase",
          asked: "relationalDatabaseName",
        },
        { leaves: { state: "deleting" } },
        () => ({ state: "available" }),
      ),
      "container-service": kind(
        {
          list: "GetContainerServices",
          items: "containerServices",
          remove: "DeleteContainerService",
          asked: "serviceName",
          key: "containerServiceName",
          paged: false,
        },
        { leaves: { state: "DELETING" } },
      ),
      "load-balancer": kind({
        list: "GetLoadBalancers",
        items: "loadBalancers",
        remove: "DeleteLoadBalancer",
        asked: "loadBalancerName",
      }),
      disk: kind(
        { list: "GetDisks", items: "disks", remove: "DeleteDisk", asked: "diskName" },
        { refuses: (_, store) => (store.all("instance").length > 0 ? inUse() : undefined) },
      ),
      "static-ip": kind({ list: "GetStaticIps", items: "staticIps", remove: "ReleaseStaticIp", asked: "staticIpName" }),
      bucket: kind({ list: "GetBuckets", items: "buckets", remove: "DeleteBucket", asked: "bucketName" }),
      "instance-snapshot": kind({
        list: "GetInstanceSnapshots",
        items: "instanceSnapshots",
        remove: "DeleteInstanceSnapshot",
        asked: "instanceSnapshotName",
      }),
      "disk-snapshot": kind({
        list: "GetDiskSnapshots",
        items: "diskSnapshots",
        remove: "DeleteDiskSnapshot",
        asked: "diskSnapshotName",
      }),
      "database-snapshot": kind({
        list: "GetRelationalDatabaseSnapshots",
        items: "relationalDatabaseSnapshots",
        remove: "DeleteRelationalDatabaseSnapshot",
        asked: "relationalDatabaseSnapshotName",
      }),
      certificate: kind({
        list: "GetCertificates",
        items: "certificates",
        remove: "DeleteCertificate",
        asked: "certificateName",
        key: "certificateName",
      }),
      "key-pair": kind({ list: "GetKeyPairs", items: "keyPairs", remove: "DeleteKeyPair", asked: "keyPairName" }),
    },
  }),
};
