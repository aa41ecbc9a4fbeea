import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "@/server/context";
import type { Env } from "@/server/env";
import { DomainError, notFound } from "@/server/errors";

/**
 * The local mailbox of the demo and the tests: a folder with one `.eml` file for each try of a mail, named after the message
 * and the try, so that after a crash one can see whether it arrived. Nothing here is ever sent.
 */

const nameOf = (messageId: string, attempt: number) => `${messageId}.${attempt}.eml`;
const fileName = /^(msg_[0-9a-z]+\.\d+)\.eml$/;

/** The folder, or null where mails go out through SES. Production has none: env.ts refuses it. */
export function mailboxFolder(env: Env): string | null {
  return env.ATELIER_MODE === "production" ? null : (env.ATELIER_MAILBOX_DIR ?? null);
}

/** Writes a mail: it is there whole or not at all. A second write of the same try changes nothing. */
export async function deliverLocally(
  folder: string,
  messageId: string,
  attempt: number,
  raw: Uint8Array,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, nameOf(messageId, attempt));
  const file = await open(`${path}.part`, "w");
  try {
    await file.writeFile(raw);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

/** Whether that try of a mail arrived. */
export async function arrivedLocally(folder: string, messageId: string, attempt: number): Promise<boolean> {
  return stat(join(folder, nameOf(messageId, attempt))).then(
    () => true,
    () => false,
  );
}

export type LocalMail = { id: string; subject: string; to: string; at: Date };
export type LocalMailOpened = LocalMail & {
  from: string;
  replyTo: string;
  text: string;
  html: string;
  calendar: string | null;
};

function folderOrNotFound(ctx: Context): string {
  const folder = mailboxFolder(ctx.env);
  if (!folder) throw notFound("page");
  return folder;
}

async function parse(raw: Uint8Array) {
  const { default: PostalMime } = await import("postal-mime");
  return PostalMime.parse(raw);
}

type Parsed = Awaited<ReturnType<typeof parse>>;

function addresses(list: Parsed["to"]): string {
  const one = ({ name, address }: { name?: string; address?: string }) =>
    name ? `${name} <${address}>` : (address ?? "");
  return (list ?? []).map(one).join(", ");
}

function summary(id: string, mail: Parsed): LocalMail {
  return { id, subject: mail.subject ?? "", to: addresses(mail.to), at: new Date(mail.date ?? 0) };
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => fileName.exec(name)?.[1] ?? []);
}

/** The header of a file, without reading a long body. */
async function headerOf(folder: string, id: string): Promise<Parsed | null> {
  const raw = await readFile(join(folder, `${id}.eml`)).catch(() => null);
  if (!raw) return null;
  const end = raw.indexOf("\r\n\r\n");
  return parse(end < 0 ? raw : raw.subarray(0, end + 4));
}

// Files never change, so each is parsed once; the page asks every few seconds.
const known = new Map<string, LocalMail>();

async function summaryOf(folder: string, id: string): Promise<LocalMail | null> {
  const path = join(folder, id);
  const cached = known.get(path);
  if (cached) return cached;
  const header = await headerOf(folder, id);
  if (!header) return null;
  const mail = summary(id, header);
  known.set(path, mail);
  return mail;
}

/** Mails of the local mailbox, newest first; `search` looks into recipient and subject. `not_found` where there is none. */
export async function listLocalMail(
  ctx: Context,
  input: { search?: string; limit?: number } = {},
): Promise<LocalMail[]> {
  const folder = folderOrNotFound(ctx);
  const wanted = (input.search ?? "").trim().toLowerCase();
  const all = await Promise.all((await idsIn(folder)).map((id) => summaryOf(folder, id)));
  return all
    .filter((mail) => mail !== null)
    .filter((mail) => wanted === "" || `${mail.to} ${mail.subject}`.toLowerCase().includes(wanted))
    .sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1))
    .slice(0, input.limit ?? 200);
}

/** One mail of the local mailbox by the id of the list. `not_found` for anything else, so that no other file can be read. */
export async function readLocalMail(ctx: Context, input: { id: string }): Promise<LocalMailOpened> {
  const folder = folderOrNotFound(ctx);
  if (!fileName.test(`${input.id}.eml`)) throw notFound("mail");
  const raw = await readFile(join(folder, `${input.id}.eml`)).catch(() => {
    throw new DomainError("not_found", "This mail is not in the mailbox any more.");
  });
  const mail = await parse(raw);
  const calendar = mail.attachments.find(
    (part) => part.mimeType === "text/calendar" || part.filename?.endsWith(".ics"),
  );
  const { content } = calendar ?? {};
  return {
    ...summary(input.id, mail),
    from: addresses(mail.from ? [mail.from] : []),
    replyTo: addresses(mail.replyTo),
    text: mail.text ?? "",
    html: mail.html ?? "",
    calendar: content === undefined ? null : typeof content === "string" ? content : new TextDecoder().decode(content),
  };
}

/** Deletes the files of these messages and those to these addresses: an outside copy of personal data. Returns how many. */
export async function forgetLocalMail(env: Env, input: { messageIds: string[]; addresses: string[] }): Promise<number> {
  const folder = mailboxFolder(env);
  if (!folder) return 0;
  const messageIds = new Set(input.messageIds);
  const wanted = new Set(input.addresses.map((address) => address.toLowerCase()));
  let deleted = 0;
  for (const id of await idsIn(folder)) {
    const byId = messageIds.has(id.split(".")[0]!);
    if (!byId && (wanted.size === 0 || !(await isTo(folder, id, wanted)))) continue;
    await rm(join(folder, `${id}.eml`), { force: true });
    known.delete(join(folder, id));
    deleted += 1;
  }
  return deleted;
}

async function isTo(folder: string, id: string, wanted: Set<string>): Promise<boolean> {
  const header = await headerOf(folder, id);
  return (header?.to ?? []).some(({ address }) => address !== undefined && wanted.has(address.toLowerCase()));
}
