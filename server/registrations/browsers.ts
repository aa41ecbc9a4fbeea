import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { hashToken, makeToken } from "@/server/ids";

/** How long a browser is remembered; the same as its cookie. */
const browserDays = 180;

/**
 * Lets a browser into "my workshop" of a registration and returns its new token for the cookie. What the browser could enter
 * before moves to the new token, so that a token which somebody planted or copied before is worth nothing after. A browser
 * that was verified for this registration stays so.
 */
export async function admitBrowser(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; registrationId: string; verified: boolean; oldToken: string | null },
): Promise<string> {
  const { teamId, registrationId } = input;
  const now = ctx.clock.now();
  const token = makeToken();
  const tokenHash = hashToken(token);
  const expiresAt = new Date(now.getTime() + browserDays * 86_400_000);
  if (input.oldToken)
    await tx.attendeeBrowser.updateMany({
      where: { tokenHash: hashToken(input.oldToken), revokedAt: null, expiresAt: { gt: now } },
      data: { tokenHash, expiresAt },
    });
  const key = { tokenHash_registrationId: { tokenHash, registrationId } };
  await tx.attendeeBrowser.upsert({
    where: key,
    create: {
      id: ctx.newId("attendeeBrowser"),
      teamId,
      registrationId,
      tokenHash,
      verifiedAt: input.verified ? now : null,
      createdAt: now,
      expiresAt,
    },
    update: input.verified ? { verifiedAt: now } : {},
  });
  return token;
}
