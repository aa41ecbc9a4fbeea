import { z } from "zod";
import type { SessionKeys } from "@/server/aws/sts";
import type { Env } from "@/server/env";
import { seal, unseal } from "@/server/secrets";

/** What proves that access is gone, kept encrypted in the lease until it is proved, and wiped then. */
export type Canary = {
  /** A session of the lease's role. */
  session: SessionKeys | null;
  /** Ids of access keys of IAM users that were found in the account and deleted. */
  accessKeyIds: string[];
};

const shape = z.object({
  session: z
    .object({
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.string(),
      expiration: z.iso.datetime().transform((text) => new Date(text)),
    })
    .nullable(),
  accessKeyIds: z.array(z.string()),
});

export function sealCanary(env: Env, canary: Canary): string {
  return seal(env.ATELIER_SECRET_KEY, "lease.canary", JSON.stringify(canary));
}

export function openCanary(env: Env, sealed: string | null): Canary {
  if (sealed === null) return { session: null, accessKeyIds: [] };
  return shape.parse(JSON.parse(unseal(env.ATELIER_SECRET_KEY, "lease.canary", sealed)));
}
