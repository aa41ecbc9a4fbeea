import * as ec2 from "@aws-sdk/client-ec2";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

async function seedVpc(input: ClientInput): Promise<void> {
  const client = new ec2.EC2Client(clientOptions(input));
  const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
  const VpcId = Vpc?.VpcId;
  const { Vpc: other } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: "10.8.0.0/16" }));
  const { Subnet } = await client.send(new ec2.CreateSubnetCommand({ VpcId, CidrBlock: "10.9.1.0/24" }));
  const SubnetId = Subnet?.SubnetId;
  const { InternetGateway } = await client.send(new ec2.CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway?.InternetGatewayId;
  await client.send(new ec2.AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const { RouteTable } = await client.send(new ec2.CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId;
  await client.send(new ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  const everywhere = { DestinationCidrBlock: "0.0.0.0/0", GatewayId: InternetGatewayId };
  await client.send(new ec2.CreateRouteCommand({ RouteTableId, ...everywhere }));
  const address = await client.send(new ec2.AllocateAddressCommand({ Domain: "vpc" }));
  await client.send(new ec2.CreateNatGatewayCommand({ SubnetId, AllocationId: address.AllocationId }));
  await client.send(new ec2.AllocateAddressCommand({ Domain: "vpc" }));
  const groups = await seedGroups(client, VpcId);
  await client.send(new ec2.CreateNetworkInterfaceCommand({ SubnetId: SubnetId, Groups: groups }));
  await client.send(
    new ec2.CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: "Interface",
      ServiceName: `com.amazonaws.${input.region}.ssm`,
      SubnetIds: [SubnetId ?? ""],
      SecurityGroupIds: groups.slice(0, 1),
    }),
  );
  await client.send(
    new ec2.CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: "Gateway",
      ServiceName: `com.amazonaws.${input.region}.s3`,
      RouteTableIds: [RouteTableId ?? ""],
    }),
  );
  await client.send(new ec2.CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId: other?.VpcId }));
  await client.send(new ec2.CreateNetworkAclCommand({ VpcId }));
  await client.send(new ec2.CreateEgressOnlyInternetGatewayCommand({ VpcId }));
  await client.send(
    new ec2.CreateDhcpOptionsCommand({ DhcpConfigurations: [{ Key: "domain-name", Values: ["lab.example"] }] }),
  );
  await client.send(
    new ec2.CreateManagedPrefixListCommand({ PrefixListName: "offices", AddressFamily: "IPv4", MaxEntries: 3 }),
  );
  await seedTransit(client, VpcId, SubnetId);
  await seedDefaultNetwork(client, InternetGatewayId);
}

/** Two groups that name each other, so that neither can go first. */
async function seedGroups(client: ec2.EC2Client, VpcId: string | undefined): Promise<string[]> {
  const make = async (GroupName: string) =>
    (await client.send(new ec2.CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }))).GroupId ?? "";
  const groups = [await make("web"), await make("data")];
  for (const [index, GroupId] of groups.entries()) {
    const UserIdGroupPairs = [{ GroupId: groups[1 - index] }];
    const IpPermissions = [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, UserIdGroupPairs }];
    await client.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }
  return groups;
}

async function seedTransit(client: ec2.EC2Client, VpcId?: string, SubnetId?: string): Promise<void> {
  const { TransitGateway } = await client.send(new ec2.CreateTransitGatewayCommand({}));
  const TransitGatewayId = TransitGateway?.TransitGatewayId;
  await client.send(
    new ec2.CreateTransitGatewayVpcAttachmentCommand({ TransitGatewayId, VpcId, SubnetIds: [SubnetId ?? ""] }),
  );
  const { VpnGateway } = await client.send(new ec2.CreateVpnGatewayCommand({ Type: "ipsec.1" }));
  const VpnGatewayId = VpnGateway?.VpnGatewayId;
  await client.send(new ec2.AttachVpnGatewayCommand({ VpcId, VpnGatewayId }));
  const { CustomerGateway } = await client.send(
    new ec2.CreateCustomerGatewayCommand({ Type: "ipsec.1", IpAddress: "203.0.113.7", BgpAsn: 65_000 }),
  );
  const CustomerGatewayId = CustomerGateway?.CustomerGatewayId;
  await client.send(new ec2.CreateVpnConnectionCommand({ Type: "ipsec.1", CustomerGatewayId, VpnGatewayId }));
}

/** What was added to the default VPC: a rule in its group, a route, an entry in its access list, a group, a subnet. */
async function seedDefaultNetwork(client: ec2.EC2Client, GatewayId?: string): Promise<void> {
  const { Vpcs } = await client.send(
    new ec2.DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }),
  );
  const VpcId = Vpcs?.[0]?.VpcId ?? "";
  const own = [{ Name: "vpc-id", Values: [VpcId] }];
  const { SecurityGroups } = await client.send(new ec2.DescribeSecurityGroupsCommand({ Filters: own }));
  const world = [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  const GroupId = SecurityGroups?.find((group) => group.GroupName === "default")?.GroupId;
  await client.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: world }));
  const { RouteTables } = await client.send(new ec2.DescribeRouteTablesCommand({ Filters: own }));
  const RouteTableId = RouteTables?.[0]?.RouteTableId;
  const route = { RouteTableId, DestinationCidrBlock: "198.51.100.0/24", GatewayId };
  await client.send(new ec2.CreateRouteCommand(route));
  const { NetworkAcls } = await client.send(new ec2.DescribeNetworkAclsCommand({ Filters: own }));
  await client.send(
    new ec2.CreateNetworkAclEntryCommand({
      NetworkAclId: NetworkAcls?.[0]?.NetworkAclId,
      RuleNumber: 42,
      Protocol: "-1",
      RuleAction: "deny",
      Egress: false,
      CidrBlock: "192.0.2.0/24",
    }),
  );
  await client.send(new ec2.CreateSecurityGroupCommand({ GroupName: "ssh", Description: "ssh", VpcId }));
}

const token = ["NextToken", "NextToken"] as const;

/** Lists in requests of EC2 reach the double as members of their own: "FlowLogId.1". */
export const backing: Backing = {
  seed: seedVpc,
  double: defineDouble({
    sdk: ec2,
    client: ec2.EC2Client,
    kinds: {
      "carrier-gateway": {
        key: "CarrierGatewayId",
        list: { operation: "DescribeCarrierGateways", items: "CarrierGateways", token },
        remove: {
          operation: "DeleteCarrierGateway",
          key: "CarrierGatewayId",
          missing: "InvalidCarrierGatewayID.NotFound",
          missingStatus: 400,
          leaves: { State: "deleted" },
        },
        make: (n) => ({ CarrierGatewayId: `cagw-${n}`, VpcId: "vpc-0", State: "available" }),
      },
      "endpoint-service": {
        key: "ServiceId",
        list: { operation: "DescribeVpcEndpointServiceConfigurations", items: "ServiceConfigurations", token },
        remove: {
          operation: "DeleteVpcEndpointServiceConfigurations",
          key: "ServiceId.1",
          missing: "InvalidVpcEndpointServiceId.NotFound",
        },
        make: (n) => ({ ServiceId: `vpce-svc-${n}`, ServiceState: "Available" }),
      },
      "flow-log": {
        key: "FlowLogId",
        list: { operation: "DescribeFlowLogs", items: "FlowLogs", token },
        remove: { operation: "DeleteFlowLogs", key: "FlowLogId.1", missing: "InvalidFlowLogId.NotFound" },
        make: (n) => ({ FlowLogId: `fl-${n}`, FlowLogStatus: "ACTIVE" }),
      },
      "transit-gateway-peering": {
        key: "TransitGatewayAttachmentId",
        list: {
          operation: "DescribeTransitGatewayPeeringAttachments",
          items: "TransitGatewayPeeringAttachments",
          token,
        },
        remove: {
          operation: "DeleteTransitGatewayPeeringAttachment",
          key: "TransitGatewayAttachmentId",
          missing: "InvalidTransitGatewayAttachmentID.NotFound",
          missingStatus: 400,
          leaves: { State: "deleting" },
        },
        make: (n) => ({
          TransitGatewayAttachmentId: `tgw-attach-${n}`,
          State: "available",
          RequesterTgwInfo: { TransitGatewayId: "tgw-0" },
          AccepterTgwInfo: { TransitGatewayId: "tgw-1" },
        }),
      },
    },
    // These two answer well, and say inside what they refused.
    answers: {
      DeleteVpcEndpointServiceConfigurations: (store, input) =>
        store.remove("endpoint-service", String(input["ServiceId.1"]))
          ? {}
          : notFound("InvalidVpcEndpointServiceId.NotFound"),
      DeleteFlowLogs: (store, input) =>
        store.remove("flow-log", String(input["FlowLogId.1"])) ? {} : notFound("InvalidFlowLogId.NotFound"),
    },
  }),
  failsWhenGone: ["network-acl-entry", "prefix-list", "transit-gateway", "transit-gateway-vpc-attachment"],
};

function notFound(Code: string) {
  return { Unsuccessful: [{ Error: { Code, Message: "It does not exist" } }] };
}
