import type { Account } from "@/server/cleaner/accounts";
import { type CommandIo, exit, json } from "@/server/cleaner/command-io";
import type { CleanReport } from "@/server/cleaner/engine";
import { type Drift, type PlannedAccount, sayDrift } from "@/server/cleaner/plan-file";
import type { Asked } from "@/server/cleaner/usage";

/** What the command line tells at the end of a plan or a run. */

/** What came of one account. */
export type Result = {
  account: Account;
  code: number;
  report?: CleanReport;
  error?: string;
  /** Of a run by a plan. */
  sincePlan?: Drift;
  /** Of a plan. */
  planned?: PlannedAccount;
};

/** Says what came of each account, and returns the exit code: the highest of all. */
export function tell(io: CommandIo, asked: Asked, results: readonly Result[]): number {
  const only = results.length === 1 ? results[0] : undefined;
  for (const { account, code, error } of results) {
    if (error !== undefined) io.err(`${only ? "" : `${account.id}: `}${error}\n`);
    if (code === exit.usage) io.err("Run `npm run cleaner -- --help` for what there is.\n");
  }
  if (asked.json) tellJson(io, asked, results);
  else for (const result of results) if (result.report) io.out(summary(result, only === undefined));
  if (!only && !asked.json) io.out(`\n${results.map(oneLine).join("\n")}\n`);
  return Math.max(...results.map(({ code }) => code));
}

/** One named account gives its report alone; everything else a list. */
function tellJson(io: CommandIo, asked: Asked, results: readonly Result[]): void {
  const only = results.length === 1 && !asked.organization && asked.units.length === 0 ? results[0] : undefined;
  const more = ({ sincePlan }: Result) => (sincePlan ? { sincePlan } : {});
  if (only) {
    if (only.report) io.out(json({ ...only.report, ...more(only) }));
    return;
  }
  const accounts = results.map((result) => {
    const { account, code, report, error } = result;
    const told = { ...(report ? { report } : {}), ...(error !== undefined ? { error } : {}), ...more(result) };
    return { accountId: account.id, name: account.name, code, ...told };
  });
  io.out(json({ accounts }));
}

function oneLine({ account, report, error }: Result): string {
  const said = report ? `${headline(report)} ${report.reason}` : (error ?? "");
  return `${account.id}  ${account.name ?? ""}  ${said}`;
}

type Row = { region: string; service: string; type: string; id?: string; reason: string };

function table(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row) => `  ${row.service}/${row.type}  ${row.region}  ${row.id ?? ""}  ${row.reason}`);
  return ["", title, ...lines.sort()];
}

function summary({ account, report, sincePlan }: Result, named: boolean): string {
  if (!report) return "";
  const more = report.leftCount - report.left.length;
  const silent = report.unknown.map((one) => ({ ...one, reason: one.error }));
  const drift = sincePlan ? sayDrift(sincePlan) : undefined;
  return `${[
    ...(named ? ["", `Account ${account.id}${account.name ? ` (${account.name})` : ""}`] : []),
    ...table("Stays, by a rule:", report.mode === "plan" ? report.kept : []),
    ...table(report.mode === "plan" ? "Would be removed:" : "Left:", report.left),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...table("No answer:", silent),
    ...(report.net ? netLines(report.net) : []),
    "",
    `${headline(report)} ${report.reason}. ${report.calls} calls.`,
    ...(drift ? [drift] : []),
    ...(report.complete ? [] : ["This speaks only of the regions and services that were named."]),
  ].join("\n")}\n`;
}

/** What the Cloud Control API could not tell: said, though it is no proof either way. */
function netLines({ unanswered, unansweredCount }: NonNullable<CleanReport["net"]>): string[] {
  if (unanswered.length === 0) return [];
  const lines = unanswered.map(({ type, regions, error }) => `  ${type}  ${regions.join(" ")}  ${error}`);
  const named = unanswered.reduce((sum, { regions }) => sum + regions.length, 0);
  const more = unansweredCount - named;
  return ["", "No answer from the Cloud Control API:", ...lines, ...(more > 0 ? [`  and ${more} more lists`] : [])];
}

function headline(report: CleanReport): string {
  if (report.outcome === "planned") return "Plan:";
  return report.outcome === "clean" ? "Clean." : "Not clean.";
}
