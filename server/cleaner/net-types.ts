/**
 * What the net below asks for, as data: CloudFormation's types that can be listed without input, which of them a service file
 * knows, which are no resource, and which are global.
 */

/**
 * Types whose list handler takes no input: "<namespace> <name> <name> …", each "AWS::<namespace>::<name>". Read off the
 * resource schemas that pulumi/pulumi-aws-native (43eed3b017, 2026-08-07) keeps, checked against the list of
 * hashicorp/terraform-provider-awscc (f995d4f41).
 */
const listable = `
ACMPCA CertificateAuthority
AIOps InvestigationGroup
APS ResourcePolicy Scraper Workspace
ARCZonalShift AutoshiftObserverNotificationStatus ZonalAutoshiftConfiguration
AWSExternalAnthropic Workspace
AccessAnalyzer Analyzer
AmazonMQ Broker Configuration
Amplify App Domain
ApiGateway ApiKey ClientCertificate DomainName DomainNameAccessAssociation DomainNameV2 RestApi UsagePlan VpcLink
ApiGatewayV2 Api ApiMapping DomainName IntegrationResponse RouteResponse VpcLink
AppConfig Application DeploymentStrategy Extension ExtensionAssociation
AppFlow Connector ConnectorProfile Flow
AppIntegrations Application DataIntegration EventIntegration
AppRunner AutoScalingConfiguration ObservabilityConfiguration Service VpcConnector VpcIngressConnection
AppStream AppBlockBuilder DirectoryConfig ImageBuilder Stack
AppSync Api DomainName GraphQLApi
AppTest TestCase
ApplicationAutoScaling ScalableTarget
ApplicationInsights Application
ApplicationSignals Discovery GroupingConfiguration ServiceLevelObjective
Athena CapacityReservation DataCatalog NamedQuery WorkGroup
AuditManager Assessment AssessmentFramework
AutoScaling AutoScalingGroup LaunchConfiguration LifecycleHook ScalingPolicy ScheduledAction
B2BI Capability Partnership Profile Transformer
BCMDataExports Export
Backup BackupPlan BackupSelection BackupVault Framework LegalHold LogicallyAirGappedBackupVault ReportPlan
Backup RestoreTestingPlan RestoreTestingSelection TieringConfiguration
BackupGateway Hypervisor
Batch ComputeEnvironment ConsumableResource JobDefinition JobQueue SchedulingPolicy ServiceEnvironment
BcmPricingCalculator BillScenario
Bedrock Agent AutomatedReasoningPolicy AutomatedReasoningPolicyVersion Blueprint DataAutomationLibrary
Bedrock DataAutomationProject EnforcedGuardrailConfiguration Guardrail IntelligentPromptRouter KnowledgeBase Prompt
BedrockAgentCore ApiKeyCredentialProvider BrowserCustom BrowserProfile CodeInterpreterCustom ConfigurationBundle
BedrockAgentCore Evaluator Gateway Harness Memory OAuth2CredentialProvider OnlineEvaluationConfig
BedrockAgentCore PaymentCredentialProvider PaymentManager PolicyEngine Runtime WorkloadIdentity
BedrockMantle Project
Billing BillingView
BillingConductor BillingGroup CustomLineItem PricingPlan PricingRule
Braket SpendingLimit
Budgets BudgetsAction
CE AnomalyMonitor AnomalySubscription CostCategory
CUR ReportDefinition
Cases Domain
Cassandra Keyspace Table Type
CertificateManager AcmeEndpoint Certificate
Chatbot CustomAction MicrosoftTeamsChannelConfiguration SlackChannelConfiguration
Chime AppInstance
CleanRooms Collaboration ConfiguredTable Membership
CleanRoomsML ConfiguredModelAlgorithm ConfiguredModelAlgorithmAssociation TrainingDataset
CloudFormation GeneratedTemplate GuardHook LambdaHook ModuleDefaultVersion PublicTypeVersion Publisher
CloudFormation ResourceDefaultVersion ResourceVersion Stack StackSet TypeActivation
CloudFront AnycastIpList CachePolicy CloudFrontOriginAccessIdentity ConnectionFunction ConnectionGroup
CloudFront ContinuousDeploymentPolicy Distribution DistributionTenant Function KeyGroup KeyValueStore
CloudFront OriginAccessControl OriginRequestPolicy PublicKey RealtimeLogConfig ResponseHeadersPolicy TrustStore
CloudTrail Channel Dashboard EventDataStore Trail
CloudWatch Alarm AlarmMuteRule CompositeAlarm Dashboard InsightRule LogAlarm MetricStream OTelEnrichment
CodeArtifact Domain Repository
CodeBuild Fleet
CodeConnections Connection
CodeDeploy Application DeploymentConfig
CodeGuruProfiler ProfilingGroup
CodeGuruReviewer RepositoryAssociation
CodePipeline CustomActionType Pipeline Webhook
CodeStarConnections Connection RepositoryLink SyncConfiguration
CodeStarNotifications NotificationRule
Cognito IdentityPool
Comprehend DocumentClassifier Flywheel
ComputeOptimizer AutomationRule
Config AggregationAuthorization ConfigRule ConfigurationAggregator ConformancePack Connector
Config OrganizationConformancePack RemediationConfiguration StoredQuery
Connect ApprovedOrigin Instance InstanceStorageConfig SecurityKey TrafficDistributionGroup Workspace
ConnectCampaigns Campaign
ControlTower LandingZone
DMS Certificate DataMigration DataProvider Endpoint InstanceProfile MigrationProject ReplicationConfig
DSQL Cluster
DataBrew Dataset Job Project Recipe Ruleset Schedule
DataPipeline Pipeline
DataSync Agent LocationAzureBlob LocationEFS LocationFSxLustre LocationFSxONTAP LocationFSxOpenZFS LocationFSxWindows
DataSync LocationHDFS LocationNFS LocationObjectStorage LocationS3 LocationSMB StorageSystem Task
DataZone Domain PolicyGrant ProjectProfile
Deadline Farm LicenseEndpoint Monitor
Detective Graph MemberInvitation OrganizationAdmin
DevOpsAgent AgentSpace PrivateConnection
DevOpsGuru LogAnomalyDetectionIntegration NotificationChannel ResourceCollection
DeviceFarm InstanceProfile Project TestGridProject VPCEConfiguration
DirectConnect Connection DirectConnectGateway Lag PrivateVirtualInterface PublicVirtualInterface
DirectConnect TransitVirtualInterface
DirectoryService SimpleAD
DocDB EventSubscription GlobalCluster
DocDBElastic Cluster
DynamoDB GlobalTable Table
EC2 CapacityManagerDataExport CapacityReservation CapacityReservationFleet CarrierGateway CustomerGateway DHCPOptions
EC2 EIP EIPAssociation EgressOnlyInternetGateway EnclaveCertificateIamRoleAssociation FlowLog Host IPAM IPAMPool
EC2 IPAMPrefixListResolver IPAMPrefixListResolverTarget IPAMResourceDiscovery IPAMResourceDiscoveryAssociation
EC2 IPAMScope Instance InstanceConnectEndpoint InternetGateway IpPoolRouteTableAssociation KeyPair LaunchTemplate
EC2 LocalGatewayRoute LocalGatewayRouteTable LocalGatewayRouteTableVPCAssociation
EC2 LocalGatewayRouteTableVirtualInterfaceGroupAssociation LocalGatewayVirtualInterface
EC2 LocalGatewayVirtualInterfaceGroup NatGateway NetworkAcl NetworkInsightsAccessScope
EC2 NetworkInsightsAccessScopeAnalysis NetworkInsightsAnalysis NetworkInsightsPath NetworkInterface
EC2 NetworkInterfaceAttachment NetworkPerformanceMetricSubscription PlacementGroup PrefixList RouteServer
EC2 RouteServerAssociation RouteServerEndpoint RouteServerPeer RouteServerPropagation RouteTable SecurityGroup
EC2 SecurityGroupEgress SecurityGroupIngress SecurityGroupVpcAssociation SnapshotBlockPublicAccess SpotFleet
EC2 SqlHaStandbyDetectedInstance Subnet SubnetCidrBlock SubnetNetworkAclAssociation SubnetRouteTableAssociation
EC2 TrafficMirrorFilter TrafficMirrorFilterRule TrafficMirrorSession TrafficMirrorTarget TransitGateway
EC2 TransitGatewayAttachment TransitGatewayConnect TransitGatewayConnectPeer TransitGatewayMeteringPolicy
EC2 TransitGatewayMulticastDomain TransitGatewayPeeringAttachment TransitGatewayPolicyTable TransitGatewayRouteTable
EC2 TransitGatewayVpcAttachment VPC VPCBlockPublicAccessExclusion VPCDHCPOptionsAssociation VPCEncryptionControl
EC2 VPCEndpoint VPCEndpointConnectionNotification VPCEndpointService VPCEndpointServicePermissions
EC2 VPCGatewayAttachment VPCPeeringConnection VPNConcentrator VPNConnection VPNConnectionRoute VPNGateway
EC2 VerifiedAccessEndpoint VerifiedAccessGroup VerifiedAccessInstance VerifiedAccessTrustProvider Volume
EC2 VolumeAttachment
ECR PublicRepository PullThroughCacheRule PullTimeUpdateExclusion RegistryPolicy RegistryScanningConfiguration
ECR ReplicationConfiguration Repository RepositoryCreationTemplate SigningConfiguration
ECS CapacityProvider Cluster ClusterCapacityProviderAssociations Daemon DaemonTaskDefinition Service TaskDefinition
EFS AccessPoint FileSystem
EKS Cluster
EMR SecurityConfiguration Studio StudioSessionMapping WALWorkspace
EMRContainers SecurityConfiguration VirtualCluster
EMRServerless Application
EVS Environment
ElastiCache CacheCluster GlobalReplicationGroup ParameterGroup ReplicationGroup ServerlessCache SubnetGroup User
ElastiCache UserGroup
ElasticBeanstalk Application ApplicationVersion ConfigurationTemplate Environment
ElasticLoadBalancing LoadBalancer
ElasticLoadBalancingV2 LoadBalancer TargetGroup
ElementalInference Dictionary Feed
EntityResolution IdMappingWorkflow IdNamespace MatchingWorkflow SchemaMapping
EventSchemas Discoverer Registry
Events ApiDestination Archive Connection Endpoint EventBus Rule
Evidently Segment
FIS ExperimentTemplate
FMS NotificationChannel Policy ResourceSet
FSx DataRepositoryAssociation S3AccessPointAttachment
FinSpace Environment
Forecast Dataset DatasetGroup
FraudDetector Detector EntityType EventType Label List Outcome Variable
GameLift Alias Build ContainerFleet ContainerGroupDefinition Fleet GameServerGroup GameSessionQueue Location
GameLift MatchmakingConfiguration MatchmakingRuleSet Script
GameLiftStreams Application StreamGroup
GlobalAccelerator Accelerator CrossAccountAttachment EndpointGroup Listener
Glue Blueprint Catalog Crawler Database Integration IntegrationResourceProperty Job Registry Schema Trigger
Grafana Workspace
GreengrassV2 Deployment
GroundStation Config DataflowEndpointGroup DataflowEndpointGroupV2 MissionProfile
GuardDuty Detector MalwareProtectionPlan
HealthImaging Datastore
HealthLake FHIRDatastore
IAM Group InstanceProfile ManagedPolicy OIDCProvider Role SAMLProvider ServerCertificate User VirtualMFADevice
IVS Channel EncoderConfiguration IngestConfiguration PlaybackKeyPair PlaybackRestrictionPolicy PublicKey
IVS RecordingConfiguration Stage StorageConfiguration
IVSChat LoggingConfiguration Room
ImageBuilder ContainerRecipe DistributionConfiguration ImagePipeline ImageRecipe InfrastructureConfiguration
ImageBuilder LifecyclePolicy
Inspector AssessmentTarget AssessmentTemplate
InspectorV2 CisScanConfiguration CodeSecurityIntegration CodeSecurityScanConfiguration Filter
Interconnect Connection
InternetMonitor Monitor
Invoicing InvoiceUnit
IoT AccountAuditConfiguration Authorizer BillingGroup CACertificate Certificate CertificateProvider Command
IoT CustomMetric Dimension DomainConfiguration EncryptionConfiguration FleetMetric JobTemplate Logging
IoT MitigationAction Policy ProvisioningTemplate ResourceSpecificLogging RoleAlias ScheduledAudit SecurityProfile
IoT SoftwarePackage Thing ThingGroup ThingType TopicRule TopicRuleDestination
IoTAnalytics Channel Dataset Datastore Pipeline
IoTCoreDeviceAdvisor SuiteDefinition
IoTEvents AlarmModel DetectorModel Input
IoTFleetHub Application
IoTFleetWise Campaign Fleet ModelManifest SignalCatalog StateTemplate Vehicle
IoTSiteWise AccessPolicy Asset AssetModel Dashboard Dataset Gateway Portal Project
IoTTwinMaker Workspace
IoTWireless Destination DeviceProfile FuotaTask MulticastGroup NetworkAnalyzerConfiguration PartnerAccount
IoTWireless ServiceProfile WirelessDevice WirelessDeviceImportTask WirelessGateway
KMS Alias Key ReplicaKey
KafkaConnect Connector CustomPlugin WorkerConfiguration
Kendra DataSource Faq Index
KendraRanking ExecutionPlan
Kinesis Stream StreamConsumer
KinesisAnalyticsV2 Application
KinesisFirehose DeliveryStream
LakeFormation DataCellsFilter Tag
Lambda CodeSigningConfig EventSourceMapping Function MicrovmImage
LaunchWizard Deployment
Lex Bot
LicenseManager Grant License
Lightsail Alarm Bucket Certificate Container Database DatabaseSnapshot Disk DiskSnapshot Distribution Domain Instance
Lightsail InstanceSnapshot LoadBalancer LoadBalancerTlsCertificate StaticIp
Location APIKey GeofenceCollection Map PlaceIndex RouteCalculator Tracker TrackerConsumer
Logs Delivery DeliveryDestination DeliverySource Destination Integration LogAnomalyDetector MetricFilter
Logs QueryDefinition ResourcePolicy ScheduledQuery
LookoutEquipment InferenceScheduler
LookoutVision Project
M2 Application Environment
MPA IdentitySource
MSK Channel Cluster Configuration Replicator ServerlessCluster Topic VpcConnection
MWAA Environment
MWAAServerless Workflow
Macie AllowList CustomDataIdentifier FindingsFilter Session
ManagedBlockchain Accessor
MediaConnect Bridge Flow Gateway RouterInput RouterNetworkInterface RouterOutput
MediaLive CloudWatchAlarmTemplate CloudWatchAlarmTemplateGroup Cluster EventBridgeRuleTemplate
MediaLive EventBridgeRuleTemplateGroup Multiplex Network SdiSource SignalMap
MediaPackage Asset Channel OriginEndpoint PackagingConfiguration PackagingGroup
MediaPackageV2 ChannelGroup
MediaTailor Channel SourceLocation
MemoryDB ACL Cluster MultiRegionCluster ParameterGroup SubnetGroup User
Neptune DBCluster DBClusterParameterGroup DBInstance DBParameterGroup DBSubnetGroup EventSubscription GlobalCluster
NeptuneGraph Graph GraphSnapshot PrivateGraphEndpoint
NetworkFirewall Firewall FirewallPolicy RuleGroup TLSInspectionConfiguration VpcEndpointAssociation
NetworkFlowMonitor Monitor
NetworkManager ConnectAttachment ConnectPeer CoreNetwork DirectConnectGatewayAttachment GlobalNetwork
NetworkManager SiteToSiteVpnAttachment TransitGatewayPeering TransitGatewayRouteTableAttachment VpcAttachment
Notifications NotificationConfiguration NotificationHub
NotificationsContacts EmailContact
ODB CloudAutonomousVmCluster CloudExadataInfrastructure CloudVmCluster OdbNetwork OdbPeeringConnection
OSIS Pipeline
Oam Link Sink
ObservabilityAdmin OrganizationCentralizationRule OrganizationTelemetryRule S3TableIntegration TelemetryEnrichment
ObservabilityAdmin TelemetryRule
Omics AnnotationStore Configuration ReferenceStore RunGroup SequenceStore VariantStore Workflow WorkflowVersion
OpenSearchServerless Collection CollectionGroup VpcEndpoint
OpenSearchService Application
Organizations Account Organization ResourcePolicy
Outposts Site
PCAConnectorAD Connector DirectoryRegistration
PCAConnectorSCEP Connector
PCS Cluster
Panorama ApplicationInstance Package
PaymentCryptography Alias Key
Personalize Dataset DatasetGroup Schema Solution
Pinpoint InAppTemplate
Pipes Pipe
Proton EnvironmentAccountConnection EnvironmentTemplate ServiceTemplate
QBusiness Application
QuickSight ActionConnector CustomPermissions DataSet DataSource Flow Folder KnowledgeBase OAuthClientApplication Topic
QuickSight VPCConnection
RAM Permission ResourceShare
RDS CustomDBEngineVersion DBCluster DBClusterParameterGroup DBInstance DBParameterGroup DBProxy DBProxyEndpoint
RDS DBProxyTargetGroup DBShardGroup DBSubnetGroup EventSubscription GlobalCluster Integration OptionGroup
RTBFabric RequesterGateway ResponderGateway
RUM AppMonitor
Redshift Cluster ClusterParameterGroup ClusterSubnetGroup EndpointAccess EndpointAuthorization EventSubscription
Redshift Integration ScheduledAction
RedshiftServerless Namespace Snapshot Workgroup
RefactorSpaces Environment
Rekognition Collection Project
ResilienceHub App ResiliencyPolicy
ResilienceHubV2 Policy Service System
ResourceExplorer2 Index View
ResourceGroups Group TagSyncTask
RoboMaker Fleet Robot RobotApplication SimulationApplication
RolesAnywhere CRL Profile TrustAnchor
Route53 CidrCollection DNSSEC HealthCheck HostedZone KeySigningKey
Route53GlobalResolver FirewallDomainList GlobalResolver
Route53Profiles Profile ProfileAssociation
Route53RecoveryControl Cluster ControlPanel
Route53RecoveryReadiness Cell ReadinessCheck RecoveryGroup ResourceSet
Route53Resolver FirewallDomainList FirewallRuleGroup FirewallRuleGroupAssociation OutpostResolver ResolverConfig
Route53Resolver ResolverDNSSECConfig ResolverEndpoint ResolverQueryLoggingConfig ResolverQueryLoggingConfigAssociation
Route53Resolver ResolverRule ResolverRuleAssociation
S3 AccessGrant AccessGrantsInstance AccessGrantsLocation AccessPoint Bucket BucketPolicy MultiRegionAccessPoint
S3 MultiRegionAccessPointPolicy StorageLens StorageLensGroup
S3Express AccessPoint BucketPolicy DirectoryBucket
S3Files FileSystemPolicy
S3ObjectLambda AccessPoint
S3Outposts AccessPoint Endpoint
S3Tables TableBucket TableBucketPolicy
S3Vectors VectorBucket VectorBucketPolicy
SES ConfigurationSet ContactList CustomVerificationEmailTemplate DedicatedIpPool EmailIdentity
SES MailManagerAddonInstance MailManagerAddonSubscription MailManagerAddressList MailManagerArchive
SES MailManagerIngressPoint MailManagerRelay MailManagerRuleSet MailManagerTrafficPolicy MultiRegionEndpoint Template
SES Tenant
SMSVOICE ConfigurationSet OptOutList PhoneNumber Pool ProtectConfiguration Registration ResourcePolicy SenderId
SNS Subscription Topic
SQS Queue
SSM Association Document MaintenanceWindow OpsItem Parameter PatchBaseline ResourceDataSync ResourcePolicy
SSMContacts Contact ContactChannel Rotation
SSMIncidents ReplicationSet ResponsePlan
SSMQuickSetup ConfigurationManager
SSO Instance
SageMaker Action Algorithm App AppImageConfig Cluster DataQualityJobDefinition Domain Endpoint Experiment
SageMaker ExperimentTrialComponent FeatureGroup Hub Image InferenceComponent InferenceExperiment MlflowApp
SageMaker MlflowTrackingServer Model ModelBiasJobDefinition ModelExplainabilityJobDefinition ModelPackageGroup
SageMaker ModelQualityJobDefinition MonitoringSchedule PartnerApp Pipeline ProcessingJob Project Space
SageMaker StudioLifecycleConfig TrialComponent UserProfile
Scheduler Schedule ScheduleGroup
SecretsManager ResourcePolicy RotationSchedule Secret SecretTargetAttachment
SecurityAgent AgentSpace Application SecurityRequirementPack TargetDomain
SecurityHub AggregatorV2 AutomationRuleV2 ConfigurationPolicy Connector ConnectorV2 DelegatedAdmin FindingAggregator
SecurityHub Hub HubV2 Insight OrganizationConfiguration PolicyAssociation ProductSubscription SecurityControl Standard
SecurityLake AwsLogSource DataLake SubscriberNotification
ServiceCatalog CloudFormationProduct Portfolio ServiceAction TagOption
ServiceCatalogAppRegistry Application AttributeGroup
ServiceDiscovery Service
Shield DRTAccess ProactiveEngagement Protection ProtectionGroup
Signer SigningProfile
SimSpaceWeaver Simulation
StepFunctions Activity StateMachine
StorageGateway TapePool
SupportApp AccountAlias SlackChannelConfiguration SlackWorkspaceConfiguration
Synthetics Canary Group
SystemsManagerSAP Application
Timestream Database InfluxDBCluster InfluxDBInstance ScheduledQuery Table
Transcribe VocabularyFilter
Transfer Certificate Connector Profile Server WebApp Workflow
VerifiedPermissions PolicyStore PolicyStoreAlias
VoiceID Domain
VpcLattice ResourceConfiguration ResourceGateway Service ServiceNetwork ServiceNetworkResourceAssociation TargetGroup
WAFv2 LoggingConfiguration
WellArchitected Lens Profile ReviewTemplate
Wisdom Assistant KnowledgeBase
WorkSpaces ConnectionAlias WorkspaceIpGroup WorkspacesPool
WorkSpacesThinClient Environment
WorkSpacesWeb BrowserSettings DataProtectionSettings IpAccessSettings NetworkSettings Portal SessionLogger TrustStore
WorkSpacesWeb UserAccessLoggingSettings UserSettings
WorkspacesInstances Volume VolumeAssociation WorkspaceInstance
XRay Group ResourcePolicy SamplingRule TransactionSearchConfig
`;

/**
 * The types that each type of a service file stands for, without "AWS::": the resource itself and what goes with it. Not asked
 * for again: the file's own list has proved them. A new service file adds its rows (net.test.ts looks that it has).
 */
export const knownTypes: Readonly<Record<string, string>> = {
  "access-analyzer/analyzer": "AccessAnalyzer::Analyzer",
  "acm/certificate": "CertificateManager::Certificate",
  "amplify/app": "Amplify::App Amplify::Domain",
  "api-gateway-v2/api": "ApiGatewayV2::Api ApiGatewayV2::IntegrationResponse ApiGatewayV2::RouteResponse",
  "api-gateway-v2/domain-name": "ApiGatewayV2::DomainName ApiGatewayV2::ApiMapping",
  "api-gateway-v2/vpc-link": "ApiGatewayV2::VpcLink",
  "api-gateway/api-key": "ApiGateway::ApiKey",
  "api-gateway/domain-name": "ApiGateway::DomainName ApiGateway::DomainNameV2 ApiGateway::DomainNameAccessAssociation",
  "api-gateway/rest-api": "ApiGateway::RestApi",
  "api-gateway/usage-plan": "ApiGateway::UsagePlan",
  "api-gateway/vpc-link": "ApiGateway::VpcLink",
  "app-runner/auto-scaling-configuration": "AppRunner::AutoScalingConfiguration",
  "app-runner/service": "AppRunner::Service AppRunner::VpcIngressConnection",
  "app-runner/vpc-connector": "AppRunner::VpcConnector",
  "application-auto-scaling/scalable-target": "ApplicationAutoScaling::ScalableTarget",
  "appsync/domain-name": "AppSync::DomainName",
  "appsync/event-api": "AppSync::Api",
  "appsync/graphql-api": "AppSync::GraphQLApi",
  "athena/capacity-reservation": "Athena::CapacityReservation",
  "athena/data-catalog": "Athena::DataCatalog",
  "athena/named-query": "Athena::NamedQuery",
  "athena/work-group": "Athena::WorkGroup",
  "auto-scaling/group":
    "AutoScaling::AutoScalingGroup AutoScaling::LifecycleHook AutoScaling::ScalingPolicy AutoScaling::ScheduledAction",
  "auto-scaling/launch-configuration": "AutoScaling::LaunchConfiguration",
  "backup/framework": "Backup::Framework",
  "backup/legal-hold": "Backup::LegalHold",
  "backup/plan": "Backup::BackupPlan Backup::BackupSelection",
  "backup/report-plan": "Backup::ReportPlan",
  "backup/restore-testing-plan": "Backup::RestoreTestingPlan Backup::RestoreTestingSelection",
  "backup/vault": "Backup::BackupVault Backup::LogicallyAirGappedBackupVault",
  "batch/compute-environment": "Batch::ComputeEnvironment",
  "batch/consumable-resource": "Batch::ConsumableResource",
  "batch/job-definition": "Batch::JobDefinition",
  "batch/job-queue": "Batch::JobQueue",
  "batch/scheduling-policy": "Batch::SchedulingPolicy",
  "batch/service-environment": "Batch::ServiceEnvironment",
  "bedrock-agents/agent": "Bedrock::Agent",
  "bedrock-agents/knowledge-base": "Bedrock::KnowledgeBase",
  "bedrock-agents/prompt": "Bedrock::Prompt",
  "bedrock/guardrail": "Bedrock::Guardrail",
  "bedrock/prompt-router": "Bedrock::IntelligentPromptRouter",
  "cloud-map/service": "ServiceDiscovery::Service",
  "cloudformation/stack": "CloudFormation::Stack",
  "cloudfront/anycast-ip-list": "CloudFront::AnycastIpList",
  "cloudfront/cache-policy": "CloudFront::CachePolicy",
  "cloudfront/continuous-deployment-policy": "CloudFront::ContinuousDeploymentPolicy",
  "cloudfront/distribution": "CloudFront::Distribution",
  "cloudfront/distribution-tenant": "CloudFront::DistributionTenant",
  "cloudfront/function": "CloudFront::Function",
  "cloudfront/key-group": "CloudFront::KeyGroup",
  "cloudfront/key-value-store": "CloudFront::KeyValueStore",
  "cloudfront/origin-access-control": "CloudFront::OriginAccessControl",
  "cloudfront/origin-access-identity": "CloudFront::CloudFrontOriginAccessIdentity",
  "cloudfront/origin-request-policy": "CloudFront::OriginRequestPolicy",
  "cloudfront/public-key": "CloudFront::PublicKey",
  "cloudfront/realtime-log-config": "CloudFront::RealtimeLogConfig",
  "cloudfront/response-headers-policy": "CloudFront::ResponseHeadersPolicy",
  "cloudtrail/channel": "CloudTrail::Channel",
  "cloudtrail/event-data-store": "CloudTrail::EventDataStore",
  "cloudtrail/trail": "CloudTrail::Trail",
  "cloudwatch/alarm": "CloudWatch::Alarm CloudWatch::CompositeAlarm",
  "cloudwatch/dashboard": "CloudWatch::Dashboard",
  "cloudwatch/insight-rule": "CloudWatch::InsightRule",
  "codebuild/fleet": "CodeBuild::Fleet",
  "codedeploy/application": "CodeDeploy::Application",
  "codedeploy/deployment-config": "CodeDeploy::DeploymentConfig",
  "codepipeline/custom-action-type": "CodePipeline::CustomActionType",
  "codepipeline/pipeline": "CodePipeline::Pipeline",
  "codepipeline/webhook": "CodePipeline::Webhook",
  "cognito-identity/identity-pool": "Cognito::IdentityPool",
  "config/aggregation-authorization": "Config::AggregationAuthorization",
  "config/aggregator": "Config::ConfigurationAggregator",
  "config/conformance-pack": "Config::ConformancePack",
  "config/rule": "Config::ConfigRule Config::RemediationConfiguration",
  "directory-service/directory": "DirectoryService::SimpleAD",
  "dms/certificate": "DMS::Certificate",
  "dms/endpoint": "DMS::Endpoint",
  "dms/replication-config": "DMS::ReplicationConfig",
  "dynamodb/table": "DynamoDB::Table DynamoDB::GlobalTable",
  "ec2/dedicated-host": "EC2::Host",
  "ec2/instance": "EC2::Instance",
  "ec2/key-pair": "EC2::KeyPair",
  "ec2/launch-template": "EC2::LaunchTemplate",
  "ec2/spot-fleet": "EC2::SpotFleet",
  "ec2/volume": "EC2::Volume EC2::VolumeAttachment",
  "ecr/repository": "ECR::Repository",
  "ecs/capacity-provider": "ECS::CapacityProvider",
  "ecs/cluster": "ECS::Cluster ECS::ClusterCapacityProviderAssociations",
  "ecs/daemon": "ECS::Daemon",
  "ecs/service": "ECS::Service",
  "ecs/task-definition": "ECS::TaskDefinition ECS::DaemonTaskDefinition",
  "efs/file-system": "EFS::FileSystem EFS::AccessPoint",
  "eks/cluster": "EKS::Cluster",
  "elastic-beanstalk/application":
    "ElasticBeanstalk::Application ElasticBeanstalk::ApplicationVersion ElasticBeanstalk::ConfigurationTemplate",
  "elastic-beanstalk/environment": "ElasticBeanstalk::Environment",
  "elasticache/cluster": "ElastiCache::CacheCluster",
  "elasticache/global-replication-group": "ElastiCache::GlobalReplicationGroup",
  "elasticache/parameter-group": "ElastiCache::ParameterGroup",
  "elasticache/replication-group": "ElastiCache::ReplicationGroup",
  "elasticache/serverless-cache": "ElastiCache::ServerlessCache",
  "elasticache/subnet-group": "ElastiCache::SubnetGroup",
  "elasticache/user": "ElastiCache::User",
  "elasticache/user-group": "ElastiCache::UserGroup",
  "elb-v2/load-balancer": "ElasticLoadBalancingV2::LoadBalancer",
  "elb-v2/target-group": "ElasticLoadBalancingV2::TargetGroup",
  "elb/load-balancer": "ElasticLoadBalancing::LoadBalancer",
  "emr-serverless/application": "EMRServerless::Application",
  "emr/security-configuration": "EMR::SecurityConfiguration",
  "emr/studio": "EMR::Studio EMR::StudioSessionMapping",
  "eventbridge/api-destination": "Events::ApiDestination",
  "eventbridge/archive": "Events::Archive",
  "eventbridge/connection": "Events::Connection",
  "eventbridge/event-bus": "Events::EventBus",
  "eventbridge/rule": "Events::Rule",
  "firehose/delivery-stream": "KinesisFirehose::DeliveryStream",
  "flink/application": "KinesisAnalyticsV2::Application",
  "fsx/file-system": "FSx::DataRepositoryAssociation",
  "fsx/s3-access-point": "FSx::S3AccessPointAttachment",
  "global-accelerator/accelerator":
    "GlobalAccelerator::Accelerator GlobalAccelerator::EndpointGroup GlobalAccelerator::Listener",
  "global-accelerator/cross-account-attachment": "GlobalAccelerator::CrossAccountAttachment",
  "glue/crawler": "Glue::Crawler",
  "glue/database": "Glue::Database",
  "glue/job": "Glue::Job",
  "glue/registry": "Glue::Registry Glue::Schema",
  "glue/trigger": "Glue::Trigger",
  "guardduty/detector": "GuardDuty::Detector",
  "guardduty/malware-protection-plan": "GuardDuty::MalwareProtectionPlan",
  "iam/group": "IAM::Group",
  "iam/instance-profile": "IAM::InstanceProfile",
  "iam/oidc-provider": "IAM::OIDCProvider",
  "iam/policy": "IAM::ManagedPolicy",
  "iam/role": "IAM::Role",
  "iam/saml-provider": "IAM::SAMLProvider",
  "iam/server-certificate": "IAM::ServerCertificate",
  "iam/user": "IAM::User",
  "iam/virtual-mfa-device": "IAM::VirtualMFADevice",
  "iot/authorizer": "IoT::Authorizer",
  "iot/ca-certificate": "IoT::CACertificate",
  "iot/certificate": "IoT::Certificate",
  "iot/domain-configuration": "IoT::DomainConfiguration",
  "iot/policy": "IoT::Policy",
  "iot/provisioning-template": "IoT::ProvisioningTemplate",
  "iot/role-alias": "IoT::RoleAlias",
  "iot/thing": "IoT::Thing",
  "iot/thing-group": "IoT::ThingGroup",
  "iot/thing-type": "IoT::ThingType",
  "iot/topic-rule": "IoT::TopicRule",
  "iot/topic-rule-destination": "IoT::TopicRuleDestination",
  "kinesis/stream": "Kinesis::Stream Kinesis::StreamConsumer",
  "kms/alias": "KMS::Alias",
  "kms/key": "KMS::Key KMS::ReplicaKey",
  "lambda/event-source-mapping": "Lambda::EventSourceMapping",
  "lambda/function": "Lambda::Function",
  "lightsail-global/distribution": "Lightsail::Distribution",
  "lightsail-global/domain": "Lightsail::Domain",
  "lightsail/bucket": "Lightsail::Bucket",
  "lightsail/certificate": "Lightsail::Certificate",
  "lightsail/container-service": "Lightsail::Container",
  "lightsail/database": "Lightsail::Database",
  "lightsail/database-snapshot": "Lightsail::DatabaseSnapshot",
  "lightsail/disk": "Lightsail::Disk",
  "lightsail/disk-snapshot": "Lightsail::DiskSnapshot",
  "lightsail/instance": "Lightsail::Instance Lightsail::Alarm",
  "lightsail/instance-snapshot": "Lightsail::InstanceSnapshot",
  "lightsail/load-balancer": "Lightsail::LoadBalancer Lightsail::LoadBalancerTlsCertificate",
  "lightsail/static-ip": "Lightsail::StaticIp",
  "logs/destination": "Logs::Destination",
  "logs/log-group": "Logs::MetricFilter",
  "logs/resource-policy": "Logs::ResourcePolicy",
  "macie/session": "Macie::Session Macie::AllowList Macie::CustomDataIdentifier Macie::FindingsFilter",
  "memorydb/acl": "MemoryDB::ACL",
  "memorydb/cluster": "MemoryDB::Cluster",
  "memorydb/multi-region-cluster": "MemoryDB::MultiRegionCluster",
  "memorydb/parameter-group": "MemoryDB::ParameterGroup",
  "memorydb/subnet-group": "MemoryDB::SubnetGroup",
  "memorydb/user": "MemoryDB::User",
  "mq/broker": "AmazonMQ::Broker",
  "mq/configuration": "AmazonMQ::Configuration",
  "msk/cluster": "MSK::Cluster MSK::ServerlessCluster MSK::Topic",
  "msk/configuration": "MSK::Configuration",
  "msk/replicator": "MSK::Replicator",
  "msk/vpc-connection": "MSK::VpcConnection",
  "mwaa/environment": "MWAA::Environment",
  "network-firewall/endpoint-association": "NetworkFirewall::VpcEndpointAssociation",
  "network-firewall/firewall": "NetworkFirewall::Firewall",
  "network-firewall/policy": "NetworkFirewall::FirewallPolicy",
  "network-firewall/rule-group": "NetworkFirewall::RuleGroup",
  "network-firewall/tls-inspection-configuration": "NetworkFirewall::TLSInspectionConfiguration",
  "opensearch-serverless/collection": "OpenSearchServerless::Collection",
  "opensearch-serverless/collection-group": "OpenSearchServerless::CollectionGroup",
  "opensearch-serverless/vpc-endpoint": "OpenSearchServerless::VpcEndpoint",
  "opensearch/application": "OpenSearchService::Application",
  "pipes/pipe": "Pipes::Pipe",
  "rds/cluster": "RDS::DBCluster Neptune::DBCluster",
  "rds/cluster-parameter-group": "RDS::DBClusterParameterGroup Neptune::DBClusterParameterGroup",
  "rds/event-subscription": "RDS::EventSubscription DocDB::EventSubscription Neptune::EventSubscription",
  "rds/global-cluster": "RDS::GlobalCluster DocDB::GlobalCluster Neptune::GlobalCluster",
  "rds/instance": "RDS::DBInstance Neptune::DBInstance",
  "rds/parameter-group": "RDS::DBParameterGroup Neptune::DBParameterGroup",
  "rds/proxy": "RDS::DBProxy RDS::DBProxyEndpoint RDS::DBProxyTargetGroup",
  "rds/subnet-group": "RDS::DBSubnetGroup Neptune::DBSubnetGroup",
  "redshift-serverless/namespace": "RedshiftServerless::Namespace",
  "redshift-serverless/snapshot": "RedshiftServerless::Snapshot",
  "redshift-serverless/workgroup": "RedshiftServerless::Workgroup",
  "redshift/cluster": "Redshift::Cluster",
  "redshift/endpoint-access": "Redshift::EndpointAccess",
  "redshift/event-subscription": "Redshift::EventSubscription",
  "redshift/integration": "Redshift::Integration",
  "redshift/parameter-group": "Redshift::ClusterParameterGroup",
  "redshift/scheduled-action": "Redshift::ScheduledAction",
  "redshift/subnet-group": "Redshift::ClusterSubnetGroup",
  "route-53/health-check": "Route53::HealthCheck",
  "route-53/hosted-zone": "Route53::HostedZone Route53::DNSSEC Route53::KeySigningKey",
  "s3/bucket": "S3::Bucket S3::BucketPolicy",
  "sagemaker/app": "SageMaker::App",
  "sagemaker/cluster": "SageMaker::Cluster",
  "sagemaker/domain": "SageMaker::Domain",
  "sagemaker/endpoint": "SageMaker::Endpoint",
  "sagemaker/feature-group": "SageMaker::FeatureGroup",
  "sagemaker/image": "SageMaker::Image",
  "sagemaker/inference-component": "SageMaker::InferenceComponent",
  "sagemaker/mlflow-tracking-server": "SageMaker::MlflowTrackingServer",
  "sagemaker/model": "SageMaker::Model",
  "sagemaker/model-package-group": "SageMaker::ModelPackageGroup",
  "sagemaker/monitoring-schedule": "SageMaker::MonitoringSchedule",
  "sagemaker/pipeline": "SageMaker::Pipeline",
  "sagemaker/processing-job": "SageMaker::ProcessingJob",
  "sagemaker/space": "SageMaker::Space",
  "sagemaker/studio-lifecycle-config": "SageMaker::StudioLifecycleConfig",
  "sagemaker/user-profile": "SageMaker::UserProfile",
  "scheduler/schedule": "Scheduler::Schedule",
  "scheduler/schedule-group": "Scheduler::ScheduleGroup",
  "secrets-manager/secret":
    "SecretsManager::Secret SecretsManager::ResourcePolicy SecretsManager::RotationSchedule SecretsManager::SecretTargetAttachment",
  "security-hub/hub":
    "SecurityHub::Hub SecurityHub::AutomationRuleV2 SecurityHub::FindingAggregator SecurityHub::Insight SecurityHub::ProductSubscription SecurityHub::SecurityControl SecurityHub::Standard",
  "security-hub/hub-v2": "SecurityHub::HubV2 SecurityHub::AggregatorV2 SecurityHub::ConnectorV2",
  "sns/subscription": "SNS::Subscription",
  "sns/topic": "SNS::Topic",
  "sqs/queue": "SQS::Queue",
  "ssm-operations/association": "SSM::Association",
  "ssm-operations/ops-item": "SSM::OpsItem",
  "ssm-operations/resource-data-sync": "SSM::ResourceDataSync",
  "ssm/document": "SSM::Document",
  "ssm/maintenance-window": "SSM::MaintenanceWindow",
  "ssm/parameter": "SSM::Parameter",
  "ssm/patch-baseline": "SSM::PatchBaseline",
  "step-functions/activity": "StepFunctions::Activity",
  "step-functions/state-machine": "StepFunctions::StateMachine",
  "transfer/certificate": "Transfer::Certificate",
  "transfer/connector": "Transfer::Connector",
  "transfer/profile": "Transfer::Profile",
  "transfer/server": "Transfer::Server",
  "transfer/web-app": "Transfer::WebApp",
  "transfer/workflow": "Transfer::Workflow",
  "vpc/address": "EC2::EIP EC2::EIPAssociation",
  "vpc/carrier-gateway": "EC2::CarrierGateway",
  "vpc/customer-gateway": "EC2::CustomerGateway",
  "vpc/dhcp-options": "EC2::DHCPOptions",
  "vpc/egress-only-internet-gateway": "EC2::EgressOnlyInternetGateway",
  "vpc/endpoint": "EC2::VPCEndpoint EC2::VPCEndpointConnectionNotification",
  "vpc/endpoint-service": "EC2::VPCEndpointService EC2::VPCEndpointServicePermissions",
  "vpc/flow-log": "EC2::FlowLog",
  "vpc/internet-gateway": "EC2::InternetGateway EC2::VPCGatewayAttachment",
  "vpc/nat-gateway": "EC2::NatGateway",
  "vpc/network-acl": "EC2::NetworkAcl",
  "vpc/network-interface": "EC2::NetworkInterface EC2::NetworkInterfaceAttachment",
  "vpc/peering": "EC2::VPCPeeringConnection",
  "vpc/prefix-list": "EC2::PrefixList",
  "vpc/route-table": "EC2::RouteTable",
  "vpc/security-group": "EC2::SecurityGroup EC2::SecurityGroupVpcAssociation",
  "vpc/security-group-rule": "EC2::SecurityGroupIngress EC2::SecurityGroupEgress",
  "vpc/subnet": "EC2::Subnet EC2::SubnetCidrBlock EC2::SubnetNetworkAclAssociation EC2::SubnetRouteTableAssociation",
  "vpc/transit-gateway": "EC2::TransitGateway EC2::TransitGatewayRouteTable",
  "vpc/transit-gateway-peering": "EC2::TransitGatewayPeeringAttachment",
  "vpc/transit-gateway-vpc-attachment": "EC2::TransitGatewayVpcAttachment EC2::TransitGatewayAttachment",
  "vpc/vpc": "EC2::VPC EC2::VPCDHCPOptionsAssociation EC2::VPCEncryptionControl",
  "vpc/vpn-connection": "EC2::VPNConnection EC2::VPNConnectionRoute",
  "vpc/vpn-gateway": "EC2::VPNGateway",
  "waf/web-acl": "WAFv2::LoggingConfiguration",
  "workspaces/connection-alias": "WorkSpaces::ConnectionAlias",
  "workspaces/ip-group": "WorkSpaces::WorkspaceIpGroup",
  "workspaces/pool": "WorkSpaces::WorkspacesPool",
  "xray/group": "XRay::Group",
  "xray/resource-policy": "XRay::ResourcePolicy",
  "xray/sampling-rule": "XRay::SamplingRule",
};

/** Service files without a row above, and why. */
export const unlistedServices: Readonly<Record<string, string>> = {
  codecommit: "its types have no list handler without input",
  cognito: "AWS::Cognito::UserPool is left out by the sources of the list",
  inspector: "scanning is a setting of the account, which CloudFormation has no type for",
};

/** What is listed and is no resource that somebody made, with the reason; "Foo::*" stands for all of a namespace. */
const notResources: readonly (readonly [reason: string, types: string])[] = [
  [
    "settings that every account or region has",
    `ARCZonalShift::AutoshiftObserverNotificationStatus ApplicationSignals::Discovery CloudWatch::OTelEnrichment
    DevOpsGuru::LogAnomalyDetectionIntegration DevOpsGuru::ResourceCollection EC2::SnapshotBlockPublicAccess
    ECR::RegistryScanningConfiguration IoT::AccountAuditConfiguration IoT::EncryptionConfiguration IoT::Logging
    Notifications::NotificationHub Omics::Configuration Route53Resolver::ResolverConfig
    Route53Resolver::ResolverDNSSECConfig Shield::DRTAccess Shield::ProactiveEngagement SupportApp::AccountAlias
    XRay::TransactionSearchConfig`,
  ],
  [
    "what AWS publishes, and what was taken from it, at no cost",
    `CloudFormation::ModuleDefaultVersion CloudFormation::PublicTypeVersion CloudFormation::Publisher
    CloudFormation::ResourceDefaultVersion CloudFormation::ResourceVersion CloudFormation::TypeActivation
    ResourceExplorer2::Index ResourceExplorer2::View`,
  ],
  [
    "parts of the Organization and of the account that pays, which a member cannot make",
    `BillingConductor::* Config::OrganizationConformancePack ControlTower::* Detective::OrganizationAdmin FMS::*
    Invoicing::* MPA::* ObservabilityAdmin::OrganizationCentralizationRule ObservabilityAdmin::OrganizationTelemetryRule
    Organizations::* SSO::* SecurityHub::ConfigurationPolicy SecurityHub::DelegatedAdmin
    SecurityHub::OrganizationConfiguration SecurityHub::PolicyAssociation`,
  ],
  [
    "of hardware that no sandbox account has",
    `EC2::LocalGatewayRoute EC2::LocalGatewayRouteTable EC2::LocalGatewayRouteTableVPCAssociation
    EC2::LocalGatewayRouteTableVirtualInterfaceGroupAssociation EC2::LocalGatewayVirtualInterface
    EC2::LocalGatewayVirtualInterfaceGroup`,
  ],
  [
    "parts of what is asked for itself",
    `ARCZonalShift::ZonalAutoshiftConfiguration EC2::SqlHaStandbyDetectedInstance S3::MultiRegionAccessPointPolicy
    S3Express::BucketPolicy S3Files::FileSystemPolicy S3Tables::TableBucketPolicy S3Vectors::VectorBucketPolicy
    VerifiedPermissions::PolicyStoreAlias Wisdom::KnowledgeBase WorkspacesInstances::VolumeAssociation`,
  ],
];

/** Types that are the same in every region: asked for in one, by default the home region. */
const globalTypes: Readonly<Record<string, string>> = {
  home: `AWSExternalAnthropic::* BCMDataExports::* BcmPricingCalculator::* Billing::* Budgets::* CE::* CUR::* Chatbot::*
    CloudFront::* ECR::PublicRepository IAM::* Interconnect::* Lightsail::Distribution Lightsail::Domain
    Notifications::* NotificationsContacts::* Route53::* S3::StorageLens S3::StorageLensGroup Shield::* SupportApp::*
    DirectConnect::DirectConnectGateway`,
  "us-west-2": `DeviceFarm::* GlobalAccelerator::* NetworkManager::* Route53RecoveryControl::* Route53RecoveryReadiness::*
    S3::MultiRegionAccessPoint`,
  "us-east-2": "Route53GlobalResolver::*",
};

const words = (text: string) => text.trim().split(/\s+/);

/** "Foo::*" and "Foo::Bar" → a test of whole names. */
function matcher(text: string): (type: string) => boolean {
  const names = new Set(words(text).map((word) => `AWS::${word}`));
  return (type) => names.has(type) || names.has(type.replace(/[^:]+$/, "*"));
}

/** Every type that can be listed without input: 1,032. */
export const listableTypes: readonly string[] = listable
  .trim()
  .split("\n")
  .flatMap((line) => {
    const [namespace, ...names] = words(line);
    return names.map((name) => `AWS::${namespace}::${name}`);
  });

const known = new Set(Object.values(knownTypes).flatMap((text) => words(text).map((word) => `AWS::${word}`)));
const isNoResource = matcher(notResources.map(([, types]) => types).join(" "));
const isGlobal = Object.entries(globalTypes).map(([region, text]) => ({ region, test: matcher(text) }));

/** Those of these types that nobody else answers for. */
export function askedTypes(types: readonly string[], except: readonly string[]): string[] {
  return types.filter((type) => !known.has(type) && !isNoResource(type) && !except.includes(type));
}

/** The region in which a global type is asked for; undefined for regional ones. */
export function globalRegion(type: string, homeRegion: string): string | undefined {
  const region = isGlobal.find(({ test }) => test(type))?.region;
  if (!region) return undefined;
  // Other partitions have one region for all that is global.
  return region === "home" || homeRegion !== "us-east-1" ? homeRegion : region;
}
