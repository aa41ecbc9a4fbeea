/** Where a service stands in the matrix, by its id in the cleaner. One that is not named here stands under "Other". Pure. */

const servicesOf: Record<string, string> = {
  Compute:
    "app-runner auto-scaling application-auto-scaling batch ec2 ecr ecs eks elastic-beanstalk emr emr-serverless lambda lightsail image-builder",
  "Network and delivery":
    "api-gateway api-gateway-v2 cloudfront cloud-map direct-connect elb elb-v2 global-accelerator network-firewall route-53 route53 route53-resolver route-53-resolver service-discovery transit-gateway vpc vpc-lattice vpn",
  Storage: "backup ebs efs fsx s3 s3-control s3-tables storage-gateway transfer",
  Databases:
    "dms database-migration docdb documentdb dynamodb elasticache keyspaces memorydb neptune rds redshift redshift-serverless timestream",
  "Analytics and streams":
    "athena data-pipeline firehose flink glue kafka kinesis kinesis-analytics kinesis-analytics-v2 lake-formation mq msk mwaa opensearch opensearch-serverless quicksight",
  "Machine learning": "bedrock bedrock-agent comprehend rekognition sagemaker textract",
  Integration:
    "amplify appsync cognito cognito-identity cognito-idp eventbridge iot pipes scheduler sns sqs step-functions",
  "Security and identity":
    "access-analyzer acm config directory-service guardduty iam inspector inspector2 kms macie secrets-manager security-hub securityhub waf wafv2",
  "Development and management":
    "cloud9 cloudformation cloudshell cloudtrail cloudwatch codebuild codecommit codedeploy codepipeline logs resource-groups ses ssm synthetics workspaces x-ray xray",
};

const categories = new Map(
  Object.entries(servicesOf).flatMap(([category, ids]) => ids.split(" ").map((id) => [id, category] as const)),
);

/** In the order in which they are shown. */
export const categoryNames = [...Object.keys(servicesOf), "Other"];

/** A part of a service stands with it: "lightsail-global" with "lightsail". */
export function categoryOf(service: string): string {
  const known = categories.get(service);
  const end = service.lastIndexOf("-");
  return known ?? (end > 0 ? categoryOf(service.slice(0, end)) : "Other");
}
