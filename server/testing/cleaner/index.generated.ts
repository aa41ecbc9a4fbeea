// Written by scripts/cleaner-index.mjs. Do not edit: add a file to this folder and run it again.
import type { Backing } from "@/server/testing/cleaner/backing";

/** By the id of the service file. */
export const backings: Record<string, () => Promise<{ backing: Backing }>> = {
  "api-gateway": () => import("./api-gateway"),
  "api-gateway-v2": () => import("./api-gateway-v2"),
  "app-runner": () => import("./app-runner"),
  cloudformation: () => import("./cloudformation"),
  cloudwatch: () => import("./cloudwatch"),
  dynamodb: () => import("./dynamodb"),
  ec2: () => import("./ec2"),
  ecr: () => import("./ecr"),
  eventbridge: () => import("./eventbridge"),
  iam: () => import("./iam"),
  kms: () => import("./kms"),
  lambda: () => import("./lambda"),
  logs: () => import("./logs"),
  rds: () => import("./rds"),
  s3: () => import("./s3"),
  "secrets-manager": () => import("./secrets-manager"),
  sns: () => import("./sns"),
  sqs: () => import("./sqs"),
  ssm: () => import("./ssm"),
  "step-functions": () => import("./step-functions"),
  vpc: () => import("./vpc"),
};
