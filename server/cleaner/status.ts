import { type Account, lookUp } from "@/server/cleaner/accounts";
import { accessOut } from "@/server/cleaner/credentials";
import { filesIn, holder, knownAccounts, lastRun, type RunRecord } from "@/server/cleaner/records";
import type { CloudEnv } from "@/server/env";

/** What is known of accounts: from the Organization, and from this machine's own records. */

export type AccountStatus = {
  account: string;
  name: string | null;
  /** The Organization's: ACTIVE, SUSPENDED …; null where it does not answer. */
  state: string | null;
  /** The process that is cleaning it now, on this machine. */
  cleanedByProcess: number | null;
  /** The last run from this machine. `interrupted`: its process ended without a word. */
  lastRun: (Omit<RunRecord, "account" | "name" | "mode" | "outcome"> & { outcome: RunOutcome }) | null;
  access: { kind: string; principal: string; expires: string }[];
};

type RunOutcome = "clean" | "dirty" | "failed" | "running" | "interrupted";

export function statusOf(cloud: CloudEnv, folder: string, account: Account, at: Date): AccountStatus {
  const pid = holder(account.id, cloud.AWS_ENDPOINT_URL);
  const last = lastRun(folder, account.id);
  const access = accessOut(folder, account.id, at).map(({ kind, principal, expires }) => ({
    kind,
    principal,
    expires,
  }));
  return {
    account: account.id,
    name: account.name ?? last?.name ?? null,
    state: account.state,
    cleanedByProcess: pid ?? null,
    lastRun: last
      ? { ...detailsOf(last), outcome: last.outcome ?? (pid === last.pid ? "running" : "interrupted") }
      : null,
    access,
  };
}

function detailsOf({ pid, started, ended, complete, left, reason }: RunRecord) {
  return { pid, started, ended, complete, left, reason };
}

/** The accounts that this machine has records of. */
export function rememberedAccounts(cloud: CloudEnv, folder: string): Promise<Account[]> {
  const ids = new Set([...knownAccounts(folder), ...filesIn(`${folder}/access`)]);
  return Promise.all([...ids].sort().map((id) => lookUp(cloud, id)));
}

export function statusTable(rows: readonly AccountStatus[]): string {
  if (rows.length === 0) return "No account was cleaned from here yet.\n";
  const cells = rows.map((row) => [row.account, row.name ?? "", row.state ?? "?", sayRun(row), sayAccess(row)]);
  const table = [["ACCOUNT", "NAME", "STATE", "LAST RUN FROM HERE", "ACCESS"], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return table
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function sayRun({ cleanedByProcess, lastRun }: AccountStatus): string {
  if (cleanedByProcess !== null) return `being cleaned now by process ${cleanedByProcess}`;
  if (!lastRun) return "none";
  const when = (lastRun.ended ?? lastRun.started).slice(0, 16).replace("T", " ");
  const narrowed = lastRun.complete ? "" : " (named regions or services only)";
  const left = lastRun.left ? `, ${lastRun.left} left` : "";
  return `${lastRun.outcome}${left}${narrowed}, ${when} UTC`;
}

function sayAccess({ access }: AccountStatus): string {
  return access
    .map((one) => `${one.kind} ${one.principal} until ${one.expires.slice(0, 16).replace("T", " ")} UTC`)
    .join("; ");
}
