import {
  ChangeResourceRecordSetsCommand,
  DeactivateKeySigningKeyCommand,
  DeleteHealthCheckCommand,
  DeleteHostedZoneCommand,
  DeleteKeySigningKeyCommand,
  DeleteQueryLoggingConfigCommand,
  DeleteReusableDelegationSetCommand,
  DeleteTrafficPolicyCommand,
  DeleteTrafficPolicyInstanceCommand,
  DisableHostedZoneDNSSECCommand,
  GetDNSSECCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsResponse,
  ListReusableDelegationSetsCommand,
  ListTrafficPoliciesCommand,
  ListTrafficPolicyInstancesCommand,
  type ListTrafficPolicyInstancesResponse,
  ListTrafficPolicyVersionsCommand,
  paginateListHealthChecks,
  paginateListHostedZones,
  paginateListQueryLoggingConfigs,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { defineService } from "@/server/cleaner/define";

/** AWS takes 1,000 changes and 32,000 characters of values in a call; records are short, few are long. */
const changesPerCall = 50;

/**
 * A zone goes empty but for its own NS and SOA, without DNSSEC and query logging:
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html
 */
export const service = defineService({
  id: "route-53",
  title: "Amazon Route 53",
  scope: "global",
  client: (options) => new Route53Client(options),
  types: [
    {
      // Its records can be removed in no other way.
      id: "traffic-policy-instance",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        let next: Partial<ListTrafficPolicyInstancesResponse> = {};
        do {
          next = await client.send(
            new ListTrafficPolicyInstancesCommand({
              HostedZoneIdMarker: next.HostedZoneIdMarker,
              TrafficPolicyInstanceNameMarker: next.TrafficPolicyInstanceNameMarker,
              TrafficPolicyInstanceTypeMarker: next.TrafficPolicyInstanceTypeMarker,
            }),
          );
          for (const { Id = "", HostedZoneId = "" } of next.TrafficPolicyInstances ?? []) {
            yield { id: Id, refs: [HostedZoneId] };
          }
        } while (next.IsTruncated);
      },
      remove: ({ client }, { id }) => client.send(new DeleteTrafficPolicyInstanceCommand({ Id: id })),
    },
    {
      id: "traffic-policy",
      after: ["route-53/traffic-policy-instance"],
      async *list({ client }) {
        for (let TrafficPolicyIdMarker: string | undefined; ; ) {
          const page = await client.send(new ListTrafficPoliciesCommand({ TrafficPolicyIdMarker }));
          for (const { Id = "" } of page.TrafficPolicySummaries ?? []) yield { id: Id };
          if (!page.IsTruncated) return;
          TrafficPolicyIdMarker = page.TrafficPolicyIdMarker;
        }
      },
      async remove({ client }, { id: Id }) {
        for (let TrafficPolicyVersionMarker: string | undefined; ; ) {
          const page = await client.send(new ListTrafficPolicyVersionsCommand({ Id, TrafficPolicyVersionMarker }));
          for (const { Version } of page.TrafficPolicies ?? []) {
            await client.send(new DeleteTrafficPolicyCommand({ Id, Version }));
          }
          if (!page.IsTruncated) return;
          TrafficPolicyVersionMarker = page.TrafficPolicyVersionMarker;
        }
      },
    },
    {
      id: "hosted-zone",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListHostedZones({ client }, {})) {
          for (const { Id = "", Name = "", Config, LinkedService } of page.HostedZones ?? []) {
            yield {
              id: Id.replace("/hostedzone/", ""),
              // One that another service made goes with what it was made for, e.g. a namespace of Cloud Map.
              going: LinkedService?.ServicePrincipal !== undefined,
              data: { name: Name, public: Config?.PrivateZone ? "" : "yes" },
            };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        await emptyZone(client, id, data?.name ?? "");
        if (!data?.public) return;
        await stopSigning(client, id);
        for await (const page of paginateListQueryLoggingConfigs({ client }, { HostedZoneId: id })) {
          for (const { Id } of page.QueryLoggingConfigs ?? []) {
            await client.send(new DeleteQueryLoggingConfigCommand({ Id }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteHostedZoneCommand({ Id: id })),
    },
    {
      id: "health-check",
      async *list({ client }) {
        for await (const page of paginateListHealthChecks({ client }, {})) {
          for (const { Id = "", LinkedService } of page.HealthChecks ?? []) {
            yield { id: Id, going: LinkedService?.ServicePrincipal !== undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteHealthCheckCommand({ HealthCheckId: id })),
    },
    {
      id: "reusable-delegation-set",
      after: ["route-53/hosted-zone"],
      async *list({ client }) {
        for (let Marker: string | undefined; ; ) {
          const page = await client.send(new ListReusableDelegationSetsCommand({ Marker }));
          for (const { Id = "" } of page.DelegationSets ?? []) yield { id: Id.replace("/delegationset/", "") };
          if (!page.IsTruncated) return;
          Marker = page.NextMarker;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteReusableDelegationSetCommand({ Id: id })),
    },
  ],
});

async function stopSigning(client: Route53Client, HostedZoneId: string): Promise<void> {
  const { Status, KeySigningKeys = [] } = await client.send(new GetDNSSECCommand({ HostedZoneId }));
  if (Status?.ServeSignature === "SIGNING") {
    await client.send(new DisableHostedZoneDNSSECCommand({ HostedZoneId }));
  }
  for (const { Name, Status: state } of KeySigningKeys) {
    if (state === "ACTIVE") await client.send(new DeactivateKeySigningKeyCommand({ HostedZoneId, Name }));
    await client.send(new DeleteKeySigningKeyCommand({ HostedZoneId, Name }));
  }
}

/** Deletes all record sets but the zone's own NS and SOA. Aliases within a batch may point at each other. */
async function emptyZone(client: Route53Client, HostedZoneId: string, name: string): Promise<void> {
  let next: Partial<ListResourceRecordSetsResponse> = {};
  do {
    next = await client.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId,
        StartRecordName: next.NextRecordName,
        StartRecordType: next.NextRecordType,
        StartRecordIdentifier: next.NextRecordIdentifier,
      }),
    );
    const records = (next.ResourceRecordSets ?? []).filter((record) => !isOwn(record, name));
    for (let start = 0; start < records.length; start += changesPerCall) {
      const batch = records.slice(start, start + changesPerCall);
      const Changes = batch.map((ResourceRecordSet) => ({ Action: "DELETE" as const, ResourceRecordSet }));
      await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
    }
  } while (next.IsTruncated);
}

function isOwn({ Name, Type, TrafficPolicyInstanceId }: ResourceRecordSet, zone: string): boolean {
  if (TrafficPolicyInstanceId) return true;
  return Name === zone && (Type === "NS" || Type === "SOA");
}
