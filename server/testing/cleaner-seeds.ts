import * as apis from "@aws-sdk/client-api-gateway";
import * as apis2 from "@aws-sdk/client-apigatewayv2";
import * as cloudformation from "@aws-sdk/client-cloudformation";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecr from "@aws-sdk/client-ecr";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as rds from "@aws-sdk/client-rds";
import * as s3 from "@aws-sdk/client-s3";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import { type ClientInput, clientOptions } from "@/server/aws/clients";

/**
 * What attendees leave behind, made by real calls: for each service file of the cleaner at least one thing of each type that
 * the emulator can make. `unique` keeps names apart that are global, like those of buckets.
 */
export type Seed = (input: ClientInput, unique: string) => Promise<unknown>;

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const allow = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }],
});

/** The smallest ZIP archive: an empty one. */
const emptyZip = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

async function times(count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

async function seedS3(input: ClientInput, unique: string): Promise<void> {
  const client = new s3.S3Client(clientOptions(input));
  const place = input.region === "us-east-1" ? {} : { LocationConstraint: input.region as s3.BucketLocationConstraint };
  for (const Bucket of [`plain-${unique}`, `versioned-${unique}`]) {
    await client.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: place }));
    if (Bucket.startsWith("versioned")) {
      const on = { Status: "Enabled" } as const;
      await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: on }));
    }
    await times(5, (index) => client.send(new s3.PutObjectCommand({ Bucket, Key: `a/${index}.txt`, Body: "one" })));
    await times(3, (index) => client.send(new s3.PutObjectCommand({ Bucket, Key: `a/${index}.txt`, Body: "two" })));
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: "a/0.txt" }));
    await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: "big.bin" }));
  }
}

async function seedEc2(input: ClientInput): Promise<void> {
  const client = new ec2.EC2Client(clientOptions(input));
  const run = await client.send(
    new ec2.RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 2, MaxCount: 2, InstanceType: "t3.micro" }),
  );
  const id = run.Instances?.[0]?.InstanceId ?? "";
  const locked = { InstanceId: id, DisableApiTermination: { Value: true } };
  await client.send(new ec2.ModifyInstanceAttributeCommand(locked));
  const zone = `${input.region}a`;
  const volume = await client.send(new ec2.CreateVolumeCommand({ AvailabilityZone: zone, Size: 1 }));
  const attach = { VolumeId: volume.VolumeId, InstanceId: id, Device: "/dev/sdf" };
  await client.send(new ec2.AttachVolumeCommand(attach));
  await client.send(new ec2.CreateSnapshotCommand({ VolumeId: volume.VolumeId }));
  await client.send(new ec2.CreateImageCommand({ InstanceId: run.Instances?.[1]?.InstanceId, Name: "golden" }));
  await client.send(new ec2.CreateKeyPairCommand({ KeyName: "laptop" }));
  await client.send(
    new ec2.CreateLaunchTemplateCommand({
      LaunchTemplateName: "fleet",
      LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "t3.micro" },
    }),
  );
}

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

async function seedLambda(input: ClientInput): Promise<void> {
  const role = await makeRole(input, `fn-${input.region}`);
  const client = new lambda.LambdaClient(clientOptions(input));
  const queues = new sqs.SQSClient(clientOptions(input));
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "for-function" }));
  const { Attributes } = await queues.send(
    new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await times(55, (index) =>
    client.send(
      new lambda.CreateFunctionCommand({
        FunctionName: `fn-${index}`,
        Runtime: "nodejs22.x",
        Role: role,
        Handler: "index.handler",
        Code: { ZipFile: emptyZip },
      }),
    ),
  );
  const source = { FunctionName: "fn-0", EventSourceArn: Attributes?.QueueArn };
  await client.send(new lambda.CreateEventSourceMappingCommand(source));
  for (const description of ["one", "two"]) {
    const layer = { LayerName: "tools", Content: { ZipFile: emptyZip }, Description: description };
    await client.send(new lambda.PublishLayerVersionCommand(layer));
  }
}

async function makeRole(input: ClientInput, RoleName: string): Promise<string> {
  const client = new iam.IAMClient(clientOptions({ ...input, region: "us-east-1" }));
  const { Role } = await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  return Role?.Arn ?? "";
}

async function seedIam(input: ClientInput): Promise<void> {
  const client = new iam.IAMClient(clientOptions(input));
  const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "extra", PolicyDocument: allow }));
  const PolicyArn = Policy?.Arn;
  await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allow, SetAsDefault: true }));
  const UserName = "mallory";
  await client.send(new iam.CreateUserCommand({ UserName }));
  await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  await client.send(new iam.CreateLoginProfileCommand({ UserName, Password: "Sup3r-secret-word" }));
  await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument: allow }));
  await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }));
  await client.send(new iam.CreateGroupCommand({ GroupName: "friends" }));
  await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "friends" }));
  await client.send(new iam.AttachGroupPolicyCommand({ GroupName: "friends", PolicyArn }));
  await client.send(
    new iam.PutGroupPolicyCommand({ GroupName: "friends", PolicyName: "inline", PolicyDocument: allow }),
  );
  const { VirtualMFADevice } = await client.send(
    new iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "phone" }),
  );
  const SerialNumber = VirtualMFADevice?.SerialNumber;
  const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
  await client.send(new iam.EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
  await makeRole(input, "machine");
  const RoleName = "machine";
  await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }));
  await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: allow }));
  const InstanceProfileName = "machine";
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName }));
  await client.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  await client.send(
    new iam.CreateOpenIDConnectProviderCommand({ Url: "https://id.example.com", ThumbprintList: ["a".repeat(40)] }),
  );
  const SAMLMetadataDocument = `<md>${"x".repeat(1_000)}</md>`;
  await client.send(new iam.CreateSAMLProviderCommand({ Name: "corp", SAMLMetadataDocument }));
  const certificate = { CertificateBody: "body", PrivateKey: "key" };
  await client.send(new iam.UploadServerCertificateCommand({ ServerCertificateName: "old", ...certificate }));
  await client.send(new iam.CreateAccountAliasCommand({ AccountAlias: "my-lab" }));
  for (const name of ["AtelierLease-x", "AWSReservedSSO_Admin_1"]) await makeRole(input, name);
  // A back door under a name like ours: it trusts an account that nobody here knows.
  const outside = trust.replace('"Service":"lambda.amazonaws.com"', '"AWS":"arn:aws:iam::999999999999:root"');
  const door = { RoleName: "AtelierLease-door", AssumeRolePolicyDocument: outside };
  await client.send(new iam.CreateRoleCommand(door));
  await client.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName: "autoscaling.amazonaws.com" }));
}

async function seedRds(input: ClientInput): Promise<void> {
  const client = new rds.RDSClient(clientOptions(input));
  const vpc = new ec2.EC2Client(clientOptions(input));
  const { Subnets } = await vpc.send(
    new ec2.DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["true"] }] }),
  );
  const SubnetIds = (Subnets ?? []).flatMap((subnet) => subnet.SubnetId ?? []);
  const described = { DBSubnetGroupDescription: "lab", SubnetIds };
  await client.send(new rds.CreateDBSubnetGroupCommand({ DBSubnetGroupName: "lab", ...described }));
  const family = { DBParameterGroupFamily: "postgres16", Description: "lab" };
  await client.send(new rds.CreateDBParameterGroupCommand({ DBParameterGroupName: "tuned", ...family }));
  const aurora = { DBParameterGroupFamily: "aurora-postgresql16", Description: "lab" };
  await client.send(
    new rds.CreateDBClusterParameterGroupCommand({ DBClusterParameterGroupName: "tuned-c", ...aurora }),
  );
  const master = { MasterUsername: "lab", MasterUserPassword: "long-enough-1" };
  await client.send(
    new rds.CreateDBInstanceCommand({
      DBInstanceIdentifier: "shop",
      Engine: "postgres",
      DBInstanceClass: "db.t3.micro",
      AllocatedStorage: 20,
      DeletionProtection: true,
      DBSubnetGroupName: "lab",
      DBParameterGroupName: "tuned",
      ...master,
    }),
  );
  const shop = { DBInstanceIdentifier: "shop" };
  await client.send(new rds.CreateDBSnapshotCommand({ ...shop, DBSnapshotIdentifier: "shop-1" }));
  await client.send(
    new rds.CreateDBClusterCommand({
      DBClusterIdentifier: "ledger",
      Engine: "aurora-postgresql",
      DeletionProtection: true,
      ...master,
    }),
  );
  await client.send(
    new rds.CreateDBInstanceCommand({
      DBInstanceIdentifier: "ledger-1",
      DBClusterIdentifier: "ledger",
      Engine: "aurora-postgresql",
      DBInstanceClass: "db.t3.medium",
    }),
  );
  const ledger = { DBClusterIdentifier: "ledger", DBClusterSnapshotIdentifier: "ledger-1" };
  await client.send(new rds.CreateDBClusterSnapshotCommand(ledger));
  const topic = `arn:aws:sns:${input.region}:123456789012:lab`;
  await client.send(new rds.CreateEventSubscriptionCommand({ SubscriptionName: "lab", SnsTopicArn: topic }));
}

async function seedApis(input: ClientInput): Promise<void> {
  const client = new apis.APIGatewayClient(clientOptions(input));
  const { id: restApiId } = await client.send(new apis.CreateRestApiCommand({ name: "shop" }));
  await client.send(new apis.CreateUsagePlanCommand({ name: "free" }));
  await client.send(new apis.CreateApiKeyCommand({ name: "partner", enabled: true }));
  const domain = { domainName: `api-${input.region}.example.com`, certificateName: "c", certificateArn: "arn:c" };
  await client.send(new apis.CreateDomainNameCommand(domain));
  const { items } = await client.send(new apis.GetResourcesCommand({ restApiId }));
  const method = { httpMethod: "GET", authorizationType: "NONE" };
  await client.send(new apis.PutMethodCommand({ restApiId, resourceId: items?.[0]?.id, ...method }));
  const target = `arn:aws:elasticloadbalancing:${input.region}:123456789012:loadbalancer/net/a/1`;
  await client.send(new apis.CreateVpcLinkCommand({ name: "inside", targetArns: [target] }));
}

async function seedEvents(input: ClientInput): Promise<void> {
  const client = new events.EventBridgeClient(clientOptions(input));
  const { EventBusArn } = await client.send(new events.CreateEventBusCommand({ Name: "orders" }));
  for (const EventBusName of ["default", "orders"]) {
    const rule = { Name: `to-${EventBusName}`, EventBusName };
    await client.send(new events.PutRuleCommand({ ...rule, EventPattern: '{"source":["lab"]}' }));
    const Arn = `arn:aws:sqs:${input.region}:123456789012:q`;
    await client.send(new events.PutTargetsCommand({ Rule: rule.Name, EventBusName, Targets: [{ Id: "1", Arn }] }));
  }
  await client.send(new events.CreateArchiveCommand({ ArchiveName: "all", EventSourceArn: EventBusArn }));
  const key = { ApiKeyName: "x-key", ApiKeyValue: "k" };
  const { ConnectionArn } = await client.send(
    new events.CreateConnectionCommand({
      Name: "crm",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: key },
    }),
  );
  await client.send(
    new events.CreateApiDestinationCommand({
      Name: "crm",
      ConnectionArn,
      InvocationEndpoint: "https://crm.example.com",
      HttpMethod: "POST",
    }),
  );
}

/** By the name of the service file. */
export const seeds: Record<string, Seed> = {
  "api-gateway": seedApis,
  "api-gateway-v2": async (input) => {
    const client = new apis2.ApiGatewayV2Client(clientOptions(input));
    await client.send(new apis2.CreateApiCommand({ Name: "chat", ProtocolType: "HTTP" }));
    await client.send(new apis2.CreateVpcLinkCommand({ Name: "inside", SubnetIds: ["subnet-1"] }));
    await client.send(new apis2.CreateDomainNameCommand({ DomainName: `chat-${input.region}.example.com` }));
  },
  cloudformation: async (input) => {
    const client = new cloudformation.CloudFormationClient(clientOptions(input));
    const template = {
      Resources: {
        Queue: { Type: "AWS::SQS::Queue", Properties: {} },
        Topic: { Type: "AWS::SNS::Topic", Properties: {} },
      },
    };
    for (const locked of [true, false]) {
      await client.send(
        new cloudformation.CreateStackCommand({
          StackName: locked ? "locked" : "free",
          TemplateBody: JSON.stringify(template),
          EnableTerminationProtection: locked,
        }),
      );
    }
  },
  cloudwatch: async (input) => {
    const client = new cloudwatch.CloudWatchClient(clientOptions(input));
    await times(3, (index) =>
      client.send(
        new cloudwatch.PutMetricAlarmCommand({
          AlarmName: `cpu-${index}`,
          Namespace: "AWS/EC2",
          MetricName: "CPUUtilization",
          ComparisonOperator: "GreaterThanThreshold",
          EvaluationPeriods: 1,
          Period: 60,
          Statistic: "Average",
          Threshold: 80,
        }),
      ),
    );
    const DashboardBody = JSON.stringify({ widgets: [] });
    await client.send(new cloudwatch.PutDashboardCommand({ DashboardName: "lab", DashboardBody }));
    const RuleDefinition = JSON.stringify({ Schema: { Name: "CloudWatchLogRule", Version: 1 } });
    await client.send(new cloudwatch.PutInsightRuleCommand({ RuleName: "top", RuleDefinition, RuleState: "ENABLED" }));
  },
  dynamodb: async (input) => {
    const client = new dynamodb.DynamoDBClient(clientOptions(input));
    await times(3, (index) =>
      client.send(
        new dynamodb.CreateTableCommand({
          TableName: `orders-${index}`,
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
          DeletionProtectionEnabled: index === 0,
        }),
      ),
    );
    await client.send(new dynamodb.CreateBackupCommand({ TableName: "orders-1", BackupName: "before" }));
  },
  ec2: seedEc2,
  ecr: async (input) => {
    const client = new ecr.ECRClient(clientOptions(input));
    await client.send(new ecr.CreateRepositoryCommand({ repositoryName: "lab/web" }));
  },
  eventbridge: seedEvents,
  iam: seedIam,
  kms: async (input) => {
    const client = new kms.KMSClient(clientOptions(input));
    const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
    await client.send(new kms.CreateAliasCommand({ AliasName: "alias/lab", TargetKeyId: KeyMetadata?.KeyId }));
  },
  lambda: seedLambda,
  logs: async (input) => {
    const client = new logs.CloudWatchLogsClient(clientOptions(input));
    await times(60, (index) =>
      client.send(new logs.CreateLogGroupCommand({ logGroupName: `/aws/lambda/fn-${index}` })),
    );
    await client.send(new logs.PutResourcePolicyCommand({ policyName: "route53", policyDocument: allow }));
    await client.send(
      new logs.PutDestinationCommand({
        destinationName: "central",
        targetArn: `arn:aws:kinesis:${input.region}:123456789012:stream/x`,
        roleArn: "arn:aws:iam::123456789012:role/x",
      }),
    );
  },
  rds: seedRds,
  s3: seedS3,
  "secrets-manager": async (input) => {
    const client = new secrets.SecretsManagerClient(clientOptions(input));
    for (const Name of ["password", "forgotten"]) {
      await client.send(new secrets.CreateSecretCommand({ Name, SecretString: "s" }));
    }
    await client.send(new secrets.DeleteSecretCommand({ SecretId: "forgotten", RecoveryWindowInDays: 30 }));
  },
  sns: async (input) => {
    const client = new sns.SNSClient(clientOptions(input));
    await times(110, (index) => client.send(new sns.CreateTopicCommand({ Name: `topic-${index}` })));
    const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "topic-0" }));
    const hook = { Protocol: "sqs", Endpoint: `arn:aws:sqs:${input.region}:123456789012:q` };
    await client.send(new sns.SubscribeCommand({ TopicArn, ...hook }));
    await client.send(new sns.CreatePlatformApplicationCommand({ Name: "app", Platform: "APNS", Attributes: {} }));
  },
  sqs: async (input) => {
    const client = new sqs.SQSClient(clientOptions(input));
    await times(3, (index) => client.send(new sqs.CreateQueueCommand({ QueueName: `queue-${index}` })));
  },
  ssm: async (input) => {
    const client = new ssm.SSMClient(clientOptions(input));
    await times(60, (index) =>
      client.send(new ssm.PutParameterCommand({ Name: `/lab/${index}`, Value: "v", Type: "SecureString" })),
    );
    const Content = JSON.stringify({ schemaVersion: "2.2", description: "x", mainSteps: [] });
    await client.send(new ssm.CreateDocumentCommand({ Name: "lab-doc", Content, DocumentType: "Command" }));
    await client.send(
      new ssm.CreateMaintenanceWindowCommand({
        Name: "nightly",
        Schedule: "rate(1 day)",
        Duration: 2,
        Cutoff: 1,
        AllowUnassociatedTargets: true,
      }),
    );
    await client.send(new ssm.CreatePatchBaselineCommand({ Name: "lab" }));
  },
  "step-functions": async (input) => {
    const client = new sfn.SFNClient(clientOptions(input));
    const roleArn = await makeRole(input, `sfn-${input.region}`);
    const definition = JSON.stringify({ StartAt: "End", States: { End: { Type: "Succeed" } } });
    await client.send(new sfn.CreateStateMachineCommand({ name: "flow", roleArn, definition }));
    await client.send(new sfn.CreateActivityCommand({ name: "by-hand" }));
  },
  vpc: seedVpc,
};
