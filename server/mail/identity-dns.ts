import { Resolver } from "node:dns/promises";

/** DNS records that a sender needs, and what is there now. */

export type DnsRecord = { type: "CNAME" | "TXT" | "MX"; name: string; value: string };
/** `unknown`: the name could not be looked up, e.g. since there is no network. */
export type Found = { state: "right" | "missing" | "other" | "unknown"; seen: string[] };
export type Lookup = (type: DnsRecord["type"], name: string) => Promise<string[]>;

const lookupMilliseconds = 3_000;
/** DNS's own words for "there is none". */
const none = new Set(["ENOTFOUND", "ENODATA"]);

/** Asks the resolver of this machine. An empty list where there is no such record; throws when nobody answers. */
export async function lookUp(type: DnsRecord["type"], name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: lookupMilliseconds, tries: 1 });
  try {
    if (type === "CNAME") return await resolver.resolveCname(name);
    if (type === "TXT") return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
    return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
    if (typeof code === "string" && none.has(code)) return [];
    throw error;
  }
}

const plain = (text: string) => text.trim().replace(/\.$/, "").toLowerCase();

/** Whether what is there does what the record asks for. Policies of a team's own are right as well. */
function satisfies({ type, value }: DnsRecord, seen: string): boolean {
  if (type === "TXT" && value.startsWith("v=DMARC1")) return /^v=DMARC1\s*;.*\bp\s*=/i.test(seen);
  if (type === "TXT" && value.startsWith("v=spf1"))
    return /^v=spf1\b/i.test(seen) && /\binclude:amazonses\.com\b/i.test(seen);
  if (type === "MX") return plain(seen).split(/\s+/).at(-1) === plain(value).split(/\s+/).at(-1);
  return plain(seen) === plain(value);
}

/** Compares a record with what DNS answers. Never throws. */
export async function compare(record: DnsRecord, lookup: Lookup): Promise<Found> {
  try {
    const all = await lookup(record.type, record.name);
    const seen = record.type === "TXT" ? all.filter((text) => /^v=(spf1|DMARC1)/i.test(text)) : all;
    if (seen.some((one) => satisfies(record, one))) return { state: "right", seen };
    return { state: seen.length === 0 ? "missing" : "other", seen: seen.slice(0, 5) };
  } catch {
    return { state: "unknown", seen: [] };
  }
}
