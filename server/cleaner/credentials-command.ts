import { chooseAccounts } from "@/server/cleaner/accounts";
import {
  type CommandIo,
  cloudOf,
  eachOf,
  exit,
  explain,
  json,
  now,
  stateFolder,
  stopReason,
} from "@/server/cleaner/command-io";
import {
  type Access,
  type CredentialParts,
  generateAccess,
  type Revocation,
  revokeAccess,
} from "@/server/cleaner/credentials";
import { type Asked, defaultRole } from "@/server/cleaner/usage";

/** `credentials generate` and `credentials revoke`. Secrets go to standard output alone. Returns the exit code. */
export async function handleCredentials(io: CommandIo, asked: Asked): Promise<number> {
  const cloud = cloudOf(io, asked.role ?? defaultRole);
  const parts: CredentialParts = { cloud, folder: stateFolder(io.env), now: () => now(io), signal: io.signal };
  const { accounts } = await chooseAccounts(cloud, asked);
  const codes: number[] = [];
  const made: (Access | Revocation | { account: string; error: string })[] = [];
  await eachOf(accounts, asked.parallel, io.signal, async (account) => {
    try {
      if (asked.command === "credentials generate") {
        const access = await generateAccess(parts, account, asked);
        made.push(access);
        if (!asked.json) io.out(sayAccess(access));
        codes.push(exit.clean);
      } else {
        const revocation = await revokeAccess(parts, account, asked.sessionsOf);
        made.push(revocation);
        if (!asked.json) io.out(sayRevocation(revocation));
        codes.push(revocation.ended.every(({ proved }) => proved) ? exit.clean : exit.dirty);
      }
    } catch (error) {
      const { code, message } = io.signal?.aborted ? { code: exit.failed, message: stopReason(io) } : explain(error);
      io.err(`${account.id}: ${message}\n`);
      made.push({ account: account.id, error: message });
      codes.push(code);
    }
  });
  if (asked.json) io.out(json(asked.accounts.length === 1 ? made[0] : made));
  return io.signal?.aborted ? exit.failed : Math.max(...codes);
}

function sayAccess(access: Access): string {
  const secrets = [
    `export AWS_ACCESS_KEY_ID=${access.accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${access.secretAccessKey}`,
    ...(access.sessionToken ? [`export AWS_SESSION_TOKEN=${access.sessionToken}`] : []),
  ];
  const hint = access.kind === "role" ? " (opens within 15 minutes)" : "";
  return `${[
    `Access to account ${access.account}${access.name ? ` (${access.name})` : ""} until ${access.expires}, shown this once:`,
    `  ${access.kind === "role" ? "Role    " : "User    "}  ${access.principal}`,
    ...(access.password ? [`  Password  ${access.password}`] : []),
    `  Console   ${access.console ? `${access.console}${hint}` : `none: ${access.consoleNote}`}`,
    ...secrets,
    `Take it away: npm run cleaner -- credentials revoke --account ${access.account}`,
  ].join("\n")}\n`;
}

function sayRevocation({ account, name, ended }: Revocation): string {
  const where = `account ${account}${name ? ` (${name})` : ""}`;
  if (ended.length === 0) return `Nothing that credentials generate made is in ${where}.\n`;
  const lines = ended.map(
    ({ kind, principal, proved, evidence }) =>
      `  ${proved ? "ended     " : "NOT PROVED"}  ${kind} ${principal}: ${evidence}`,
  );
  return `${[`Access to ${where}:`, ...lines].join("\n")}\n`;
}
