// Written by scripts/cleaner-index.mjs. Do not edit: add a file to this folder and run it again.
import type { Service } from "@/server/cleaner/define";

const files: readonly (() => Promise<{ service: Service }>)[] = [
  () => import("./api-gateway"),
  () => import("./api-gateway-v2"),
  () => import("./app-runner"),
  () => import("./application-auto-scaling"),
  () => import("./athena"),
  () => import("./auto-scaling"),
  () => import("./batch"),
  () => import("./cloudformation"),
  () => import("./cloudwatch"),
  () => import("./dynamodb"),
  () => import("./ec2"),
  () => import("./ecr"),
  () => import("./ecs"),
  () => import("./eks"),
  () => import("./elastic-beanstalk"),
  () => import("./elb"),
  () => import("./elb-v2"),
  () => import("./eventbridge"),
  () => import("./firehose"),
  () => import("./flink"),
  () => import("./glue"),
  () => import("./iam"),
  () => import("./kinesis"),
  () => import("./kms"),
  () => import("./lambda"),
  () => import("./logs"),
  () => import("./mq"),
  () => import("./msk"),
  () => import("./rds"),
  () => import("./s3"),
  () => import("./secrets-manager"),
  () => import("./sns"),
  () => import("./sqs"),
  () => import("./ssm"),
  () => import("./step-functions"),
  () => import("./vpc"),
];

/** Every service file, imported when first asked for: their clients are large. */
export async function loadServices(): Promise<readonly Service[]> {
  return (await Promise.all(files.map((load) => load()))).map((file) => file.service);
}
