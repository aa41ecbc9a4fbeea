import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { used } from "@/bench/lib/accounts";
import type { SessionKeys } from "@/server/aws/clients";

/**
 * aws-nuke on an account that was seeded alike, where it is installed: over the same proxy, in the regions that were used,
 * for the kinds of resources that both know. What it does by itself (one region after another, a pause before it acts) stays.
 */

const kinds = [
  ...["APIGatewayRestAPI", "CloudFormationStack", "CloudWatchAlarm", "CloudWatchDashboard", "CloudWatchLogsLogGroup"],
  ...["DynamoDBTable", "EC2Address", "EC2Image", "EC2Instance", "EC2InternetGateway", "EC2InternetGatewayAttachment"],
  ...["EC2KeyPair", "EC2LaunchTemplate", "EC2NATGateway", "EC2NetworkInterface", "EC2RouteTable", "EC2SecurityGroup"],
  ...["EC2Snapshot", "EC2Subnet", "EC2Volume", "EC2VPC", "EC2VPCEndpoint", "ECRRepository", "EventBus"],
  ...["IAMGroup", "IAMInstanceProfile", "IAMPolicy", "IAMRole", "IAMRolePolicy", "IAMUser", "IAMUserAccessKey"],
  ...["KMSAlias", "KMSKey", "LambdaFunction", "LambdaLayer", "RDSDBCluster", "RDSInstance", "RDSSnapshot"],
  ...["S3Bucket", "S3Object", "SecretsManagerSecret", "SFNStateMachine", "SNSSubscription", "SNSTopic", "SQSQueue"],
  "SSMParameter",
];
const services =
  "apigateway cloudformation dynamodb ec2 ecr events iam kms lambda logs monitoring rds s3 secretsmanager sns sqs ssm states sts".split(
    " ",
  );
const atMostMilliseconds = 45 * 60_000;

export const hasPeer = () => spawnSync("aws-nuke", ["--help"]).error === undefined;

/** Its seconds, or why there are none. */
export async function runPeer(
  endpoint: string,
  accountId: string,
  keys: SessionKeys,
): Promise<{ seconds: number } | { failure: string }> {
  const folder = mkdtempSync(join(tmpdir(), "atelier-peer-"));
  const config = join(folder, "config.json");
  const endpoints = ["global", ...used].map((region) => ({
    region,
    services: services.map((service) => ({ service, url: endpoint })),
  }));
  // JSON is YAML.
  const settings = {
    regions: ["global", ...used],
    blocklist: ["999999999999"],
    "account-blocklist": ["999999999999"],
    "bypass-alias-check-accounts": [accountId],
    endpoints,
    accounts: { [accountId]: {} },
    "resource-types": { includes: kinds },
  };
  writeFileSync(config, JSON.stringify(settings));
  const newer = spawnSync("aws-nuke", ["run", "--help"], { encoding: "utf8" }).stdout.includes("--no-prompt");
  const how = newer
    ? ["run", "--no-prompt", "--no-alias-check", "--prompt-delay", "3"]
    : ["--force", "--force-sleep", "3"];
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
  };
  const start = performance.now();
  const child = spawn("aws-nuke", [...how, "--config", config, "--no-dry-run"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      last = String(chunk).trim().split("\n").at(-1) ?? last;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), atMostMilliseconds);
  const code = await new Promise<number | null>((done) => child.once("exit", done));
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  const seconds = (performance.now() - start) / 1_000;
  return code === 0
    ? { seconds }
    : { failure: `aws-nuke ended with code ${code} after ${Math.round(seconds)} s: ${last}` };
}
