import { prepareAccounts } from "@/bench/lib/accounts";
import { cleanApart } from "@/bench/lib/apart";

/**
 * Whether many accounts take little longer than one: the end of a workshop with 20 attendees. One process cleans them all at
 * the same time, in an Organization that enables two regions. Attendees left something of the services of a usual day in one
 * of them; all services are looked at in both, with the minute between the last deletion and the last pass
 * that production keeps. On a machine of its own for each account (ATELIER_CLEANER_MACHINE=task) they do not share a CPU as
 * they do here, with the emulator and the proxy besides.
 */

const fleet = 20;
const gapSeconds = 60;
const enabled = ["eu-west-1", "eu-north-1"];
const left = {
  regions: ["eu-west-1"],
  services: [
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "eventbridge",
    "iam",
    "lambda",
    "logs",
    "s3",
    "sns",
    "sqs",
    "ssm",
    "vpc",
  ],
};
const rounded = (value: number) => Math.round(value * 100) / 100;

async function main(): Promise<void> {
  const { aws, accounts, through, stop } = await prepareAccounts(fleet + 1, enabled, left);
  aws.hold(true);
  const [first = "", ...others] = accounts;
  const one = await cleanApart({ accountIds: [first], ...through, gapSeconds });
  aws.hold(true);
  const twenty = await cleanApart({ accountIds: others, ...through, gapSeconds });
  const row = ({ reports, seconds, cpuSeconds, peakMB }: typeof one) => ({
    accounts: reports.length,
    clean: reports.filter(({ outcome }) => outcome === "clean").length,
    resources: reports.reduce((sum, { passes }) => sum + (passes[0]?.found ?? 0), 0),
    left: reports.reduce((sum, { leftCount }) => sum + leftCount, 0),
    calls: reports.reduce((sum, { calls }) => sum + calls, 0),
    "wall (s)": rounded(seconds),
    "the cleaner's own work (CPU s)": rounded(cpuSeconds),
    "peak memory (MB)": Math.round(peakMB),
  });
  console.table([row(one), row(twenty)]);
  console.log(`times one account: ${rounded(twenty.seconds / one.seconds)} (goal ≤ 2)`);
  await stop();
  const leftCount = [...one.reports, ...twenty.reports].reduce((sum, report) => sum + report.leftCount, 0);
  console.log(
    JSON.stringify({ oneSeconds: rounded(one.seconds), twentySeconds: rounded(twenty.seconds), left: leftCount }),
  );
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
