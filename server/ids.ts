import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Typed, sortable ids: a prefix for the kind of row, 48 bits of time, 80 random bits, in Crockford's base 32. */
export const idPrefixes = {
  team: "tem",
  identity: "idn",
  member: "mbr",
  session: "ses",
  calendarFeed: "cfd",
  attempt: "att",
  sandboxProfile: "spr",
  workshop: "wks",
  customer: "cus",
  invite: "inv",
  person: "psn",
  registration: "reg",
  handover: "hnd",
  question: "qst",
  personalLink: "lnk",
  attendeeBrowser: "brw",
  sandboxAccount: "acc",
  accountRequest: "arq",
  lease: "lse",
  credential: "crd",
  closingStep: "stp",
  cleanup: "cln",
  message: "msg",
  mailRule: "mrl",
  suppressedAddress: "sup",
  mailText: "mtx",
  auditEntry: "aud",
} as const;

export type IdKind = keyof typeof idPrefixes;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}

/** A new id such as `wks_0rk4…`; ids made later sort later (to the millisecond). */
export function makeId(kind: IdKind, at: Date): string {
  const bytes = new Uint8Array(16);
  let time = at.getTime();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes.set(randomBytes(10), 6);
  return `${idPrefixes[kind]}_${base32(bytes)}`;
}

/** An unguessable token for a link or a cookie: 192 random bits, base64url, 32 characters. */
export function makeToken(): string {
  return randomBytes(24).toString("base64url");
}

/** What is stored in place of a token. Tokens have 192 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** A keyed hash for what has little entropy (addresses, codes), so that the table alone cannot be searched by guessing. */
export function keyedHash(secretKey: Uint8Array, purpose: string, value: string): string {
  return createHmac("sha256", secretKey).update(`${purpose}\0${value}`).digest("base64url");
}

/** Compares two strings in constant time. */
export function sameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
