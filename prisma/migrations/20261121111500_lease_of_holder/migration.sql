-- One lease in use for a registration. One that is being taken back no longer counts: the account that takes its place is lent
-- in the same transaction. That an account has at most one live lease, until it was emptied, stays as it is (lease_live_account).
DROP INDEX lease_live_registration;
CREATE UNIQUE INDEX lease_live_registration ON "Lease" ("registrationId")
  WHERE "endedAt" IS NULL AND "state" IN ('reserved', 'ready', 'failed') AND "registrationId" IS NOT NULL;

-- A lease is replaced once.
CREATE UNIQUE INDEX lease_replaced_once ON "Lease" ("replacesId") WHERE "replacesId" IS NOT NULL;

-- At most one password and one IAM user of a lease are in use.
CREATE UNIQUE INDEX credential_password_in_use ON "Credential" ("leaseId") WHERE "kind" = 'password' AND "revokedAt" IS NULL;
