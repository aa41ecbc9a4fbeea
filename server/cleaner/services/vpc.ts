import {
  DeleteCarrierGatewayCommand,
  DeleteCustomerGatewayCommand,
  DeleteDhcpOptionsCommand,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteFlowLogsCommand,
  DeleteInternetGatewayCommand,
  DeleteManagedPrefixListCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteTransitGatewayCommand,
  DeleteTransitGatewayPeeringAttachmentCommand,
  DeleteTransitGatewayVpcAttachmentCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointServiceConfigurationsCommand,
  DeleteVpcEndpointsCommand,
  DeleteVpcPeeringConnectionCommand,
  DeleteVpnConnectionCommand,
  DeleteVpnGatewayCommand,
  DescribeAddressesCommand,
  DescribeCustomerGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeVpcsCommand,
  DescribeVpnConnectionsCommand,
  DescribeVpnGatewaysCommand,
  DetachInternetGatewayCommand,
  DetachNetworkInterfaceCommand,
  DetachVpnGatewayCommand,
  DisassociateAddressCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  type NetworkAcl,
  type NetworkAclEntry,
  type NetworkInterface,
  paginateDescribeCarrierGateways,
  paginateDescribeDhcpOptions,
  paginateDescribeEgressOnlyInternetGateways,
  paginateDescribeFlowLogs,
  paginateDescribeInternetGateways,
  paginateDescribeManagedPrefixLists,
  paginateDescribeNatGateways,
  paginateDescribeNetworkAcls,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeTransitGatewayPeeringAttachments,
  paginateDescribeTransitGateways,
  paginateDescribeTransitGatewayVpcAttachments,
  paginateDescribeVpcEndpointServiceConfigurations,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcPeeringConnections,
  paginateDescribeVpcs,
  ReleaseAddressCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type Route,
  type SecurityGroupRule,
  type UnsuccessfulItem,
} from "@aws-sdk/client-ec2";
import { defineService } from "@/server/cleaner/define";

const defaultNetwork = "part of the default VPC, which every account has";

/**
 * Networks. The default VPC stays with its subnets, main route table, gateway, access list and security group; what was
 * added to them goes. Parts that AWS makes with a VPC (its main table, default list and default group) go with it.
 */
export const service = defineService({
  id: "vpc",
  title: "Amazon VPC",
  scope: "regional",
  client: (options) => new EC2Client(options),
  types: [
    {
      id: "nat-gateway",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        const states = [{ Name: "state", Values: ["pending", "available", "deleting"] }];
        for await (const page of paginateDescribeNatGateways({ client }, { Filter: states })) {
          for (const gateway of page.NatGateways ?? []) {
            if (gateway.State === "deleted") continue;
            const addresses = (gateway.NatGatewayAddresses ?? []).flatMap((one) => one.AllocationId ?? []);
            yield {
              id: gateway.NatGatewayId ?? "",
              going: gateway.State === "deleting",
              refs: [gateway.SubnetId ?? "", gateway.VpcId ?? "", ...addresses],
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteNatGatewayCommand({ NatGatewayId: id })),
    },
    {
      id: "endpoint",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeVpcEndpoints({ client }, {})) {
          for (const endpoint of page.VpcEndpoints ?? []) {
            const state = endpoint.State?.toLowerCase();
            if (state === "deleted") continue;
            yield {
              id: endpoint.VpcEndpointId ?? "",
              // One that a service made for itself goes with what it serves.
              going: state === "deleting" || endpoint.RequesterManaged === true,
              refs: [
                endpoint.VpcId ?? "",
                ...(endpoint.SubnetIds ?? []),
                ...(endpoint.RouteTableIds ?? []),
                ...(endpoint.Groups ?? []).flatMap((group) => group.GroupId ?? []),
              ],
            };
          }
        }
      },
      async remove({ client }, { id }) {
        refuse((await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))).Unsuccessful);
      },
    },
    {
      id: "endpoint-service",
      after: ["vpc/endpoint"],
      async *list({ client }) {
        for await (const page of paginateDescribeVpcEndpointServiceConfigurations({ client }, {})) {
          for (const { ServiceId, ServiceState } of page.ServiceConfigurations ?? []) {
            if (ServiceState !== "Deleted") yield { id: ServiceId ?? "" };
          }
        }
      },
      async remove({ client }, { id }) {
        const request = new DeleteVpcEndpointServiceConfigurationsCommand({ ServiceIds: [id] });
        refuse((await client.send(request)).Unsuccessful);
      },
    },
    {
      id: "peering",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeVpcPeeringConnections({ client }, {})) {
          for (const peering of page.VpcPeeringConnections ?? []) {
            const state = peering.Status?.Code;
            if (
              !["initiating-request", "pending-acceptance", "provisioning", "active", "deleting"].includes(state ?? "")
            )
              continue;
            const vpcs = [peering.AccepterVpcInfo?.VpcId, peering.RequesterVpcInfo?.VpcId].flatMap((vpc) => vpc ?? []);
            yield { id: peering.VpcPeeringConnectionId ?? "", going: state === "deleting", refs: vpcs };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })),
    },
    {
      id: "vpn-connection",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        const page = await client.send(new DescribeVpnConnectionsCommand({}));
        for (const {
          VpnConnectionId,
          State,
          VpnGatewayId,
          CustomerGatewayId,
          TransitGatewayId,
        } of page.VpnConnections ?? []) {
          if (State === "deleted") continue;
          const refs = [VpnGatewayId, CustomerGatewayId, TransitGatewayId].flatMap((id) => id ?? []);
          yield { id: VpnConnectionId ?? "", going: State === "deleting", refs };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpnConnectionCommand({ VpnConnectionId: id })),
    },
    {
      id: "vpn-gateway",
      gone: "listed",
      async *list({ client }) {
        const page = await client.send(new DescribeVpnGatewaysCommand({}));
        for (const { VpnGatewayId, State, VpcAttachments } of page.VpnGateways ?? []) {
          if (State === "deleted") continue;
          const vpcs = (VpcAttachments ?? []).flatMap((one) => (one.State === "detached" ? [] : (one.VpcId ?? [])));
          yield { id: VpnGatewayId ?? "", going: State === "deleting", refs: vpcs, data: { vpcs: vpcs.join(" ") } };
        }
      },
      async prepare({ client }, { id, data }) {
        for (const VpcId of words(data?.vpcs)) {
          await client.send(new DetachVpnGatewayCommand({ VpnGatewayId: id, VpcId }));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpnGatewayCommand({ VpnGatewayId: id })),
    },
    {
      id: "customer-gateway",
      gone: "listed",
      async *list({ client }) {
        const page = await client.send(new DescribeCustomerGatewaysCommand({}));
        for (const { CustomerGatewayId, State } of page.CustomerGateways ?? []) {
          if (State !== "deleted") yield { id: CustomerGatewayId ?? "", going: State === "deleting" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCustomerGatewayCommand({ CustomerGatewayId: id })),
    },
    {
      id: "transit-gateway-vpc-attachment",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeTransitGatewayVpcAttachments({ client }, {})) {
          for (const one of page.TransitGatewayVpcAttachments ?? []) {
            if (ended(one.State)) continue;
            yield {
              id: one.TransitGatewayAttachmentId ?? "",
              going: one.State === "deleting",
              refs: [one.TransitGatewayId ?? "", one.VpcId ?? "", ...(one.SubnetIds ?? [])],
            };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteTransitGatewayVpcAttachmentCommand({ TransitGatewayAttachmentId: id })),
    },
    {
      id: "transit-gateway-peering",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeTransitGatewayPeeringAttachments({ client }, {})) {
          for (const one of page.TransitGatewayPeeringAttachments ?? []) {
            // The emulator names attachments of networks here as well; those have no partner.
            if (ended(one.State) || !one.RequesterTgwInfo?.TransitGatewayId) continue;
            yield {
              id: one.TransitGatewayAttachmentId ?? "",
              going: one.State === "deleting",
              refs: [one.RequesterTgwInfo?.TransitGatewayId ?? "", one.AccepterTgwInfo?.TransitGatewayId ?? ""],
            };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteTransitGatewayPeeringAttachmentCommand({ TransitGatewayAttachmentId: id })),
    },
    {
      id: "transit-gateway",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client, accountId }) {
        for await (const page of paginateDescribeTransitGateways({ client }, {})) {
          for (const { TransitGatewayId, State, OwnerId } of page.TransitGateways ?? []) {
            if (State === "deleted") continue;
            // Shared from elsewhere: not in this account, so not ours to remove.
            const shared = OwnerId !== undefined && OwnerId !== accountId;
            const keep = shared ? `shared by account ${OwnerId}` : undefined;
            yield { id: TransitGatewayId ?? "", going: State === "deleting", protected: keep };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTransitGatewayCommand({ TransitGatewayId: id })),
    },
    {
      id: "flow-log",
      async *list({ client }) {
        for await (const page of paginateDescribeFlowLogs({ client }, {})) {
          for (const { FlowLogId } of page.FlowLogs ?? []) yield { id: FlowLogId ?? "" };
        }
      },
      async remove({ client }, { id }) {
        refuse((await client.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }))).Unsuccessful);
      },
    },
    {
      id: "address",
      async *list({ client }) {
        const page = await client.send(new DescribeAddressesCommand({}));
        for (const { AllocationId, PublicIp, AssociationId } of page.Addresses ?? []) {
          yield { id: AllocationId ?? PublicIp ?? "", data: { association: AssociationId ?? "" } };
        }
      },
      async prepare({ client }, { data }) {
        if (data?.association) await client.send(new DisassociateAddressCommand({ AssociationId: data.association }));
      },
      remove: ({ client }, { id }) =>
        client.send(new ReleaseAddressCommand(id.startsWith("eipalloc-") ? { AllocationId: id } : { PublicIp: id })),
    },
    {
      id: "network-interface",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateDescribeNetworkInterfaces({ client, pageSize: 1000 }, {})) {
          for (const one of page.NetworkInterfaces ?? []) {
            if (interfaceGoesWithInstance(one)) continue;
            yield {
              id: one.NetworkInterfaceId ?? "",
              // A service made it for itself, and only it can remove it.
              ...(one.RequesterManaged || (one.InterfaceType ?? "interface") !== "interface" ? givenBack : {}),
              refs: [
                one.SubnetId ?? "",
                one.VpcId ?? "",
                ...(one.Groups ?? []).flatMap((group) => group.GroupId ?? []),
              ],
              // The first interface of an instance cannot be taken off: it waits for the instance.
              data: { attachment: one.Attachment?.DeviceIndex === 0 ? "" : (one.Attachment?.AttachmentId ?? "") },
            };
          }
        }
      },
      async prepare({ client }, { data }) {
        const AttachmentId = data?.attachment;
        if (AttachmentId) await client.send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
    },
    {
      // Groups that name each other cannot go before these; and what was added to the default group goes.
      id: "security-group-rule",
      list: ({ client }) => addedRules(client),
      remove: ({ client }, { id, data }) => {
        const rule = { GroupId: data?.group, SecurityGroupRuleIds: [id] };
        return data?.egress
          ? client.send(new RevokeSecurityGroupEgressCommand(rule))
          : client.send(new RevokeSecurityGroupIngressCommand(rule));
      },
    },
    {
      id: "security-group",
      after: ["vpc/security-group-rule"],
      async *list({ client }) {
        const kept = await defaultVpc(client);
        for await (const page of paginateDescribeSecurityGroups({ client, pageSize: 1000 }, {})) {
          for (const { GroupId: id = "", GroupName, VpcId = "" } of page.SecurityGroups ?? []) {
            if (GroupName !== "default") yield { id, refs: [VpcId] };
            else if (VpcId === kept) yield { id, protected: defaultNetwork };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSecurityGroupCommand({ GroupId: id })),
    },
    {
      id: "subnet",
      async *list({ client }) {
        const kept = await defaultVpc(client);
        for await (const page of paginateDescribeSubnets({ client }, {})) {
          for (const { SubnetId: id = "", VpcId = "", DefaultForAz } of page.Subnets ?? []) {
            yield { id, refs: [VpcId], protected: VpcId === kept && DefaultForAz ? defaultNetwork : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSubnetCommand({ SubnetId: id })),
    },
    {
      id: "route",
      async *list({ client }) {
        const kept = await defaultVpc(client);
        if (!kept) return;
        const main = [
          { Name: "vpc-id", Values: [kept] },
          { Name: "association.main", Values: ["true"] },
        ];
        for await (const page of paginateDescribeRouteTables({ client }, { Filters: main })) {
          for (const { RouteTableId = "", Routes = [] } of page.RouteTables ?? []) {
            for (const route of Routes.filter(isAddedRoute)) {
              const to = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? "";
              yield {
                id: `${RouteTableId} ${to}`,
                data: { table: RouteTableId, to, v6: to.includes(":") ? "yes" : "" },
              };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeleteRouteCommand({
            RouteTableId: data?.table,
            ...(data?.v6 ? { DestinationIpv6CidrBlock: data.to } : { DestinationCidrBlock: data?.to }),
          }),
        ),
    },
    {
      id: "route-table",
      after: ["vpc/subnet"],
      async *list({ client }) {
        const kept = await defaultVpc(client);
        for await (const page of paginateDescribeRouteTables({ client }, {})) {
          for (const { RouteTableId: id = "", VpcId = "", Associations = [] } of page.RouteTables ?? []) {
            if (!Associations.some((one) => one.Main)) {
              const associations = Associations.flatMap((one) => one.RouteTableAssociationId ?? []);
              yield { id, refs: [VpcId], data: { associations: associations.join(" ") } };
            } else if (VpcId === kept) yield { id, protected: defaultNetwork };
          }
        }
      },
      async prepare({ client }, { data }) {
        for (const AssociationId of words(data?.associations)) {
          await client.send(new DisassociateRouteTableCommand({ AssociationId }));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRouteTableCommand({ RouteTableId: id })),
    },
    {
      id: "internet-gateway",
      // It does not come off while something behind it has a public address.
      after: ["ec2/instance", "vpc/nat-gateway", "vpc/address", "vpc/network-interface"],
      async *list({ client }) {
        const kept = await defaultVpc(client);
        for await (const page of paginateDescribeInternetGateways({ client }, {})) {
          for (const { InternetGatewayId: id = "", Attachments = [] } of page.InternetGateways ?? []) {
            const refs = Attachments.flatMap((one) => one.VpcId ?? []);
            const keep = kept && refs.includes(kept) ? defaultNetwork : undefined;
            yield { id, refs, protected: keep, data: { vpcs: refs.join(" ") } };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        for (const VpcId of words(data?.vpcs)) {
          await client.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId }));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })),
    },
    {
      id: "egress-only-internet-gateway",
      async *list({ client }) {
        for await (const page of paginateDescribeEgressOnlyInternetGateways({ client }, {})) {
          for (const { EgressOnlyInternetGatewayId, Attachments = [] } of page.EgressOnlyInternetGateways ?? []) {
            yield { id: EgressOnlyInternetGatewayId ?? "", refs: Attachments.flatMap((one) => one.VpcId ?? []) };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId: id })),
    },
    {
      id: "carrier-gateway",
      async *list({ client }) {
        for await (const page of paginateDescribeCarrierGateways({ client }, {})) {
          for (const { CarrierGatewayId, VpcId, State } of page.CarrierGateways ?? []) {
            if (State !== "deleted") yield { id: CarrierGatewayId ?? "", refs: [VpcId ?? ""] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCarrierGatewayCommand({ CarrierGatewayId: id })),
    },
    {
      id: "network-acl-entry",
      async *list({ client }) {
        const kept = await defaultVpc(client);
        if (!kept) return;
        const filters = [
          { Name: "vpc-id", Values: [kept] },
          { Name: "default", Values: ["true"] },
        ];
        for await (const page of paginateDescribeNetworkAcls({ client }, { Filters: filters })) {
          for (const { NetworkAclId = "", Entries = [] } of page.NetworkAcls ?? []) {
            for (const { RuleNumber, Egress } of Entries.filter(isAddedEntry)) {
              const data = { acl: NetworkAclId, number: String(RuleNumber), egress: Egress ? "yes" : "" };
              yield { id: `${NetworkAclId} ${Egress ? "egress" : "ingress"} ${RuleNumber}`, data };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeleteNetworkAclEntryCommand({
            NetworkAclId: data?.acl,
            RuleNumber: Number(data?.number),
            Egress: data?.egress === "yes",
          }),
        ),
    },
    {
      id: "network-acl",
      after: ["vpc/subnet"],
      async *list({ client }) {
        const kept = await defaultVpc(client);
        for await (const page of paginateDescribeNetworkAcls({ client }, {})) {
          for (const { NetworkAclId: id = "", VpcId = "", IsDefault, Associations = [] } of page.NetworkAcls ?? []) {
            if (!IsDefault) {
              const associations = Associations.flatMap((one) => one.NetworkAclAssociationId ?? []);
              yield { id, refs: [VpcId], data: { vpc: VpcId, associations: associations.join(" ") } };
            } else if (VpcId === kept) yield { id, protected: defaultNetwork };
          }
        }
      },
      async prepare({ client }, { data }) {
        const associations = words(data?.associations);
        if (associations.length === 0) return;
        // A subnet always has a list: those that stay get their network's own back.
        const own = await defaultAcl(client, data?.vpc ?? "");
        for (const AssociationId of associations) {
          const NetworkAclId = own?.NetworkAclId;
          await client.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteNetworkAclCommand({ NetworkAclId: id })),
    },
    {
      id: "vpc",
      async *list({ client }) {
        for await (const page of paginateDescribeVpcs({ client }, {})) {
          for (const { VpcId: id = "", IsDefault, DhcpOptionsId = "" } of page.Vpcs ?? []) {
            yield { id, refs: [DhcpOptionsId], protected: IsDefault ? defaultNetwork : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcCommand({ VpcId: id })),
    },
    {
      id: "dhcp-options",
      async *list({ client, region }) {
        const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
        const vpcs = await client.send(new DescribeVpcsCommand({ Filters: isDefault }));
        const used = vpcs.Vpcs?.[0]?.DhcpOptionsId;
        for await (const page of paginateDescribeDhcpOptions({ client }, {})) {
          for (const { DhcpOptionsId: id = "", DhcpConfigurations = [] } of page.DhcpOptions ?? []) {
            const said = DhcpConfigurations.map((one) => `${one.Key}=${one.Values?.map((it) => it.Value).join(",")}`);
            const own = said.sort().join(" ") === `domain-name=${domain} domain-name-servers=AmazonProvidedDNS`;
            yield { id, protected: id === used || own ? defaultNetwork : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId: id })),
    },
    {
      id: "prefix-list",
      after: ["vpc/security-group", "vpc/route-table", "vpc/vpc"],
      gone: "listed",
      async *list({ client, accountId }) {
        for await (const page of paginateDescribeManagedPrefixLists({ client }, {})) {
          for (const { PrefixListId, OwnerId, State } of page.PrefixLists ?? []) {
            // AWS's own and those shared from elsewhere are no part of the account.
            if (OwnerId !== accountId || State === "delete-complete") continue;
            yield { id: PrefixListId ?? "", going: State === "delete-in-progress" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteManagedPrefixListCommand({ PrefixListId: id })),
    },
  ],
});

/** Interfaces of functions come back some 20 minutes after the last function that used them has gone. */
const givenBack = { going: true, deadlineSeconds: 2_400 };

const isDefault = [{ Name: "is-default", Values: ["true"] }];

/** The default VPC of the client's region, asked for once: an account makes and removes it, if ever, by hand. */
const defaultVpcs = new WeakMap<EC2Client, Promise<string | undefined>>();

function defaultVpc(client: EC2Client): Promise<string | undefined> {
  const known = defaultVpcs.get(client);
  if (known) return known;
  const asked = client.send(new DescribeVpcsCommand({ Filters: isDefault })).then((page) => page.Vpcs?.[0]?.VpcId);
  defaultVpcs.set(client, asked);
  asked.catch(() => defaultVpcs.delete(client));
  return asked;
}

async function defaultAcl(client: EC2Client, vpc: string): Promise<NetworkAcl | undefined> {
  const filters = [
    { Name: "vpc-id", Values: [vpc] },
    { Name: "default", Values: ["true"] },
  ];
  const page = await client.send(new DescribeNetworkAclsCommand({ Filters: filters }));
  return page.NetworkAcls?.[0];
}

/** Rules that name another group, and rules of the default VPC's own group that were not there at first. */
async function* addedRules(client: EC2Client) {
  let kept: string | undefined;
  for await (const page of paginateDescribeSecurityGroupRules({ client, pageSize: 1000 }, {})) {
    for (const rule of page.SecurityGroupRules ?? []) {
      const { SecurityGroupRuleId: id = "", GroupId: group = "", IsEgress } = rule;
      const names = rule.ReferencedGroupInfo?.GroupId;
      if (names === undefined || names === group) {
        if (isFirstRule(rule)) continue;
        kept ??= await defaultGroup(client);
        if (group !== kept) continue;
      }
      yield { id, data: { group, egress: IsEgress ? "yes" : "" } };
    }
  }
}

async function defaultGroup(client: EC2Client): Promise<string> {
  const vpc = await defaultVpc(client);
  if (!vpc) return "";
  const filters = [
    { Name: "vpc-id", Values: [vpc] },
    { Name: "group-name", Values: ["default"] },
  ];
  for await (const page of paginateDescribeSecurityGroups({ client }, { Filters: filters })) {
    const id = page.SecurityGroups?.[0]?.GroupId;
    if (id) return id;
  }
  return "";
}

/** All from itself, all to everywhere: what AWS gives a new default group. */
function isFirstRule(rule: SecurityGroupRule): boolean {
  if (rule.IpProtocol !== "-1") return false;
  return rule.IsEgress
    ? rule.CidrIpv4 === "0.0.0.0/0" || rule.CidrIpv6 === "::/0"
    : rule.ReferencedGroupInfo?.GroupId === rule.GroupId;
}

function isAddedRoute(route: Route): boolean {
  if (route.GatewayId === "local") return false;
  if (route.DestinationCidrBlock === "0.0.0.0/0" && route.GatewayId?.startsWith("igw-")) return false;
  // A gateway endpoint's route names a prefix list, and goes with the endpoint.
  return (route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock) !== undefined;
}

/** AWS's own are 100 (allow all; 101 for IPv6) and the last one, which denies the rest. */
function isAddedEntry(entry: NetworkAclEntry): boolean {
  const number = entry.RuleNumber ?? 0;
  if (number >= 32_767) return false;
  const all = entry.CidrBlock === "0.0.0.0/0" || entry.Ipv6CidrBlock === "::/0";
  return !((number === 100 || number === 101) && all && entry.Protocol === "-1" && entry.RuleAction === "allow");
}

function interfaceGoesWithInstance(one: NetworkInterface): boolean {
  return one.Attachment?.InstanceId !== undefined && one.Attachment.DeleteOnTermination === true;
}

function ended(state: string | undefined): boolean {
  return state === "deleted" || state === "failed" || state === "rejected";
}

function refuse(unsuccessful: UnsuccessfulItem[] | undefined): void {
  const error = unsuccessful?.[0]?.Error;
  if (error) throw Object.assign(new Error(error.Message), { name: error.Code ?? "Unsuccessful" });
}

function words(text: string | undefined): string[] {
  return text?.split(" ").filter(Boolean) ?? [];
}
