/** What the net below keeps, with the reason, and what it may remove. */
import type { RoleFacts } from "@/server/cleaner/protect";

/** Where something was listed. */
export type ListedWhere = {
  accountId: string;
  region: string;
  protectedRole(role: RoleFacts): string | undefined;
};

type Properties = Readonly<Record<string, unknown>>;

/**
 * AWS's own by a pattern of the identifier, without "AWS::"; "Foo::*" stands for all of a namespace. Those of types that a
 * service file knows are in that file.
 */
const defaults: readonly (readonly [types: string, id: RegExp, reason: string])[] = [
  ["AppConfig::DeploymentStrategy AppConfig::Extension", /^AWS\.|^AppConfig\./, "one of AppConfig's own"],
  ["AppRunner::ObservabilityConfiguration", /\/DefaultConfiguration\//, "App Runner's default configuration"],
  ["AppStream::* SageMaker::Algorithm", /^(AWS|SageMaker)-/, "published by AWS"],
  ["BackupGateway::* Backup::*", /\baws\/(efs|backup)\b|^Default$/, "made by AWS Backup itself"],
  [
    "Bedrock::Blueprint Bedrock::DataAutomationProject",
    /(public-default|bedrock-data-automation-public-)/,
    "Bedrock's own",
  ],
  ["BedrockAgentCore::*", /(^|\/)(aws\.|Builtin\.)/, "one of AgentCore's built-in tools and evaluators"],
  ["BedrockMantle::* AWSExternalAnthropic::*", /(^|[/_-])default$/i, "the default project of each account"],
  ["Billing::BillingView", /billingview\/(primary|billing-transfer|billing-group)/, "the bill's own view"],
  ["Cassandra::*", /^system(_\w+)?(\||$)/, "Keyspaces' system keyspace"],
  ["CloudTrail::Channel", /aws-service-channel\//, "made by another AWS service for itself"],
  ["CloudTrail::Dashboard", /dashboard\/AWSCloudTrail-/, "CloudTrail's own dashboard"],
  ["EventSchemas::*", /(^|[/|])(aws\.events|discovered-schemas)([/|]|$)/, "EventBridge's own registry"],
  ["GameLift::Location", /^(?!custom-)/, "one of GameLift's own locations"],
  ["IoT::ResourceSpecificLogging", /^DEFAULT/, "the default of each region"],
  ["IoTWireless::NetworkAnalyzerConfiguration", /(^|\/)NetworkAnalyzerConfig_Default$/, "the default of each region"],
  ["Logs::*", /^aws\//, "made by CloudWatch itself"],
  ["MediaLive::*", /(^|[:/])aws-/, "published by AWS"],
  ["RDS::OptionGroup", /^default:/, "a default option group"],
  ["Route53Resolver::*", /rslvr-autodefined-/, "made by the Resolver for each VPC"],
  ["S3::StorageLens", /^default-account-dashboard$/, "S3 Storage Lens's own dashboard"],
  ["SES::DedicatedIpPool", /^ses-/, "SES's own pool"],
  ["SMSVOICE::OptOutList", /(^|\/)Default$/, "the default list of each region"],
  ["SSM::*", /^(AWS|Amazon)-/, "published by AWS"],
  ["SageMaker::Hub", /SageMakerPublicHub/, "published by AWS"],
  ["SecurityHub::*", /\/default\/|::standards\/|::product\//, "Security Hub's own"],
];

/** Kept by what its handler says of it; what is not said counts as AWS's own, since nothing tells it apart. */
const byProperty: Readonly<Record<string, { name: string; own: RegExp; reason: string }>> = {
  "AWS::CE::AnomalyMonitor": { name: "MonitorName", own: /^Default-/, reason: "Cost Explorer's own monitor" },
  "AWS::CE::AnomalySubscription": {
    name: "SubscriptionName",
    own: /^Default-/,
    reason: "Cost Explorer's own subscription",
  },
  "AWS::Route53Resolver::FirewallDomainList": {
    name: "Name",
    own: /^AWSManaged/,
    reason: "one of DNS Firewall's own lists",
  },
  "AWS::Route53GlobalResolver::FirewallDomainList": {
    name: "Name",
    own: /^(AWS|Managed)/,
    reason: "one of DNS Firewall's own lists",
  },
};

/** Types whose identifier is the account's, and which are there only when somebody made them. */
const madeForAccount = /^AWS::(ECR::(RegistryPolicy|ReplicationConfiguration)|S3::AccessGrantsInstance|Bedrock::\w+)$/;

const rules = defaults.map(([types, id, reason]) => ({
  names: new Set(types.split(" ").map((name) => `AWS::${name}`)),
  id,
  reason,
}));

/** Why something that the Cloud Control API lists stays, or undefined. */
export function reasonToKeep(type: string, id: string, properties: Properties, where: ListedWhere): string | undefined {
  if (type === "AWS::IAM::Role") return where.protectedRole({ name: id });
  const owner = ownerOf(id);
  if (owner && /^aws/i.test(owner)) return "published by AWS";
  if (owner && /^\d{12}$/.test(owner) && owner !== where.accountId) return "another account's, shared with this one";
  const isAccounts = id === where.accountId || id === `${where.accountId}|${where.region}`;
  if (isAccounts && !madeForAccount.test(type)) return "a setting that every account has";
  if (/^default$/i.test(id)) return "the default that comes with the service";
  if (type === "AWS::ECR::ReplicationConfiguration" && !hasRules(properties)) return "a setting that every account has";
  const said = byProperty[type];
  if (said) {
    const name = properties[said.name];
    return typeof name !== "string" || said.own.test(name) ? said.reason : undefined;
  }
  const namespace = type.replace(/[^:]+$/, "*");
  return rules.find(({ names, id: own }) => (names.has(type) || names.has(namespace)) && own.test(id))?.reason;
}

/** The account field of the first ARN in an identifier. */
function ownerOf(id: string): string | undefined {
  return /^arn:[^:|]+:[^:|]+:[^:|]*:([^:|]*):/.exec(id)?.[1];
}

function hasRules(properties: Properties): boolean {
  const configuration = properties.ReplicationConfiguration;
  const given = typeof configuration === "object" && configuration !== null && "Rules" in configuration;
  return given && Array.isArray(configuration.Rules) && configuration.Rules.length > 0;
}

/**
 * The allow list: types that no service file knows, that cost money or let somebody in, and whose removal takes nothing
 * with it that was not made in the account. Everything else that the net finds is named and left.
 */
const removable = `
  APS::Scraper APS::Workspace AppConfig::DeploymentStrategy AppFlow::Flow AppFlow::ConnectorProfile
  ApplicationInsights::Application ApplicationSignals::ServiceLevelObjective BackupGateway::Hypervisor
  Bedrock::EnforcedGuardrailConfiguration
  BedrockAgentCore::BrowserCustom BedrockAgentCore::CodeInterpreterCustom BedrockAgentCore::Gateway
  BedrockAgentCore::Memory BedrockAgentCore::Runtime BedrockAgentCore::WorkloadIdentity
  Cassandra::Table Cassandra::Keyspace Chatbot::MicrosoftTeamsChannelConfiguration Chatbot::SlackChannelConfiguration
  CleanRooms::Membership CleanRooms::Collaboration CloudFormation::GeneratedTemplate CloudFormation::GuardHook
  CloudFormation::LambdaHook CloudWatch::MetricStream CodeConnections::Connection CodeStarConnections::Connection
  CodeStarNotifications::NotificationRule Comprehend::DocumentClassifier Comprehend::Flywheel
  DSQL::Cluster DataBrew::Schedule DataBrew::Job DataBrew::Project DataBrew::Recipe DataBrew::Ruleset DataBrew::Dataset
  DataSync::Task Deadline::LicenseEndpoint DocDBElastic::Cluster EC2::CapacityReservation EC2::CapacityReservationFleet
  EC2::InstanceConnectEndpoint EC2::IPAM EC2::NetworkInsightsAnalysis EC2::NetworkInsightsPath EC2::PlacementGroup
  EC2::RouteServer EC2::RouteServerEndpoint EC2::RouteServerPeer EC2::TrafficMirrorFilter EC2::TrafficMirrorSession
  EC2::TrafficMirrorTarget EC2::TransitGatewayConnect EC2::TransitGatewayConnectPeer
  EC2::TransitGatewayMulticastDomain EC2::TransitGatewayPolicyTable EC2::VerifiedAccessEndpoint
  EC2::VerifiedAccessGroup EC2::VerifiedAccessInstance EC2::VerifiedAccessTrustProvider ECR::PullThroughCacheRule
  ECR::RegistryPolicy ECR::ReplicationConfiguration ECR::RepositoryCreationTemplate EMRContainers::VirtualCluster
  EVS::Environment Events::Endpoint Evidently::Segment FIS::ExperimentTemplate FinSpace::Environment
  GameLift::Fleet GameLift::ContainerFleet GameLift::GameSessionQueue GameLiftStreams::StreamGroup Grafana::Workspace
  HealthImaging::Datastore HealthLake::FHIRDatastore IVS::Channel IVS::Stage IVSChat::Room
  ImageBuilder::ImagePipeline InternetMonitor::Monitor IoTAnalytics::Pipeline IoTEvents::DetectorModel
  KafkaConnect::Connector KafkaConnect::CustomPlugin KafkaConnect::WorkerConfiguration Kendra::Index
  KendraRanking::ExecutionPlan Lex::Bot Location::APIKey Location::GeofenceCollection Location::Map
  Location::PlaceIndex Location::RouteCalculator Location::Tracker Logs::Delivery Logs::DeliveryDestination
  Logs::DeliverySource Logs::LogAnomalyDetector Logs::QueryDefinition Logs::ScheduledQuery M2::Application
  M2::Environment MediaConnect::Flow MediaLive::Multiplex NeptuneGraph::PrivateGraphEndpoint NeptuneGraph::Graph
  NeptuneGraph::GraphSnapshot NetworkFlowMonitor::Monitor OSIS::Pipeline Oam::Link Oam::Sink
  PCS::Cluster QBusiness::Application RAM::ResourceShare RDS::DBShardGroup
  RDS::CustomDBEngineVersion RDS::Integration RDS::OptionGroup RUM::AppMonitor Rekognition::Collection
  RolesAnywhere::CRL RolesAnywhere::Profile RolesAnywhere::TrustAnchor Route53Resolver::FirewallDomainList
  Route53Resolver::FirewallRuleGroup Route53Resolver::FirewallRuleGroupAssociation Route53Resolver::OutpostResolver
  Route53Resolver::ResolverEndpoint Route53Resolver::ResolverQueryLoggingConfig
  Route53Resolver::ResolverQueryLoggingConfigAssociation Route53Resolver::ResolverRule
  Route53Resolver::ResolverRuleAssociation S3::AccessPoint S3::StorageLens S3::StorageLensGroup S3ObjectLambda::AccessPoint
  Synthetics::Canary Synthetics::Group Timestream::Database
  Timestream::InfluxDBCluster Timestream::InfluxDBInstance Timestream::ScheduledQuery Timestream::Table
  Transcribe::VocabularyFilter VerifiedPermissions::PolicyStore VpcLattice::ResourceConfiguration
  VpcLattice::ResourceGateway VpcLattice::Service VpcLattice::ServiceNetwork
  VpcLattice::ServiceNetworkResourceAssociation VpcLattice::TargetGroup
`;

export const removableTypes: ReadonlySet<string> = new Set(
  removable
    .trim()
    .split(/\s+/)
    .map((name) => `AWS::${name}`),
);
