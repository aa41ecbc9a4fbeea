import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError } from "@/server/errors";
import { allowMember } from "@/server/permissions";

/**
 * The picture at the head of a team's mails: a small PNG or JPEG, known by its bytes. It goes along in the mail and is shown by
 * its Content-ID: mail programs show that without asking, do not show pictures in data addresses, and a picture on a server
 * would tell us who opens a mail.
 */

const largestBytes = 200 * 1024;
const largestSide = 2000;
/** It is shown at most so large, in CSS pixels; a picture of twice the size is sharp on any screen. */
const shown = { width: 240, height: 72 };

export type Picture = {
  bytes: Buffer<ArrayBuffer>;
  mediaType: "image/png" | "image/jpeg";
  width: number;
  height: number;
};

function refuse(message: string): never {
  throw new DomainError("invalid", message, { fields: { logo: message } });
}

/** What a file is by its bytes, with its size in pixels. `invalid` for what is neither PNG nor JPEG, broken, or too large. */
export function readPicture(bytes: Buffer<ArrayBuffer>): Picture {
  if (bytes.length > largestBytes)
    refuse("The picture is larger than 200 KB. Make it smaller, 480 pixels wide is enough.");
  const size = pngSize(bytes) ?? jpegSize(bytes);
  if (!size) refuse("This is no PNG or JPEG picture.");
  const { width, height } = size;
  if (width < 1 || height < 1 || width > largestSide || height > largestSide)
    refuse(`The picture is ${width} × ${height} pixels. At most ${largestSide} on each side.`);
  return { bytes, ...size };
}

/** https://www.w3.org/TR/png-3/#5DataRep: signature, then IHDR with the size. */
function pngSize(bytes: Buffer) {
  const signature = "89504e470d0a1a0a";
  if (bytes.length < 33 || bytes.toString("hex", 0, 8) !== signature || bytes.toString("latin1", 12, 16) !== "IHDR")
    return null;
  // A file that was cut off has no end.
  if (!bytes.subarray(-12).includes("IEND")) return null;
  return { mediaType: "image/png" as const, width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** ITU-T T.81: segments until the start of a frame, which has the size. */
function jpegSize(bytes: Buffer) {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9)
    return null;
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame)
      return {
        mediaType: "image/jpeg" as const,
        width: bytes.readUInt16BE(at + 7),
        height: bytes.readUInt16BE(at + 5),
      };
  }
  return null;
}

/** How large a picture is shown, keeping its shape. */
function fitted({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const share = Math.min(1, shown.width / width, shown.height / height);
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** The logo as it goes along with a mail. */
export type MailLogo = { bytes: Buffer; mediaType: string; width: number; height: number };

/** Content-ID of the logo in a mail. */
export const logoCid = "logo@atelier";

const known = new Map<string, { updatedAt: number; logo: MailLogo }>();

/** A team's logo for its mails; null where it has none. Its bytes are read once for each process and picture. */
export async function logoOf(ctx: Context, teamId: string | null): Promise<MailLogo | null> {
  const kept = teamId && (await ctx.db.teamLogo.findUnique({ where: { teamId }, select: { updatedAt: true } }));
  if (!kept) return null;
  const same = known.get(teamId);
  if (same?.updatedAt === kept.updatedAt.getTime()) return same.logo;
  const row = await ctx.db.teamLogo.findUnique({ where: { teamId } });
  if (!row) return null;
  const logo = { bytes: Buffer.from(row.bytes), mediaType: row.mediaType, ...fitted(row) };
  if (known.size >= 50) known.clear();
  known.set(teamId, { updatedAt: row.updatedAt.getTime(), logo });
  return logo;
}

/** HTML of a mail for a browser, which knows no Content-ID: with the logo in it. */
export function withLogoInside(html: string, logo: MailLogo | null): string {
  return logo ? html.replaceAll(`cid:${logoCid}`, addressOf(logo)) : html;
}

function addressOf({ mediaType, bytes }: MailLogo): string {
  return `data:${mediaType};base64,${bytes.toString("base64")}`;
}

/** The logo for the console, as an address that holds it; null where there is none. */
export async function readLogo(ctx: Context): Promise<{ url: string; width: number; height: number } | null> {
  const { teamId } = allowMember(ctx.actor, "mailtext.read");
  const logo = await logoOf(ctx, teamId);
  if (!logo) return null;
  return { url: addressOf(logo), width: logo.width, height: logo.height };
}

/** Puts a picture at the head of the team's mails. `invalid` says what is wrong with it. */
export async function saveLogo(ctx: Context, input: { base64: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "team.edit");
  const picture = readPicture(Buffer.from(input.base64, "base64"));
  const data = { ...picture, updatedAt: ctx.clock.now() };
  await ctx.db.$transaction(async (tx) => {
    await tx.teamLogo.upsert({ where: { teamId }, create: { teamId, ...data }, update: data });
    await audit(ctx, tx, {
      teamId,
      action: "team.changed",
      entity: "team",
      entityId: teamId,
      detail: { fields: ["logo"] },
    });
  });
}

/** Mails show the team's name alone again. */
export async function removeLogo(ctx: Context): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "team.edit");
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.teamLogo.deleteMany({ where: { teamId } });
    if (count === 0) return;
    await audit(ctx, tx, {
      teamId,
      action: "team.changed",
      entity: "team",
      entityId: teamId,
      detail: { fields: ["logo"] },
    });
  });
}
