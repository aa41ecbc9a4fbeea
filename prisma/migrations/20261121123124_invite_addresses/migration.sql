-- AlterTable
ALTER TABLE "Invite" ADD COLUMN     "declinedAt" TIMESTAMP(3),
ADD COLUMN     "email" TEXT,
ADD COLUMN     "forgottenAt" TIMESTAMP(3),
ADD COLUMN     "locale" TEXT NOT NULL DEFAULT 'en',
ADD COLUMN     "name" TEXT,
ADD COLUMN     "personal" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "WorkshopCustomer" (
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "seatLimit" INTEGER NOT NULL,

    CONSTRAINT "WorkshopCustomer_pkey" PRIMARY KEY ("workshopId","customerId")
);

-- AddForeignKey
ALTER TABLE "WorkshopCustomer" ADD CONSTRAINT "WorkshopCustomer_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkshopCustomer" ADD CONSTRAINT "WorkshopCustomer_teamId_customerId_fkey" FOREIGN KEY ("teamId", "customerId") REFERENCES "Customer"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say. One shared link for an account manager; links for one address do not count as such.
DROP INDEX invite_shared;
CREATE UNIQUE INDEX invite_shared ON "Invite" ("workshopId", "memberId")
  WHERE "customerId" IS NULL AND "revokedAt" IS NULL AND NOT "personal";

-- An address is invited once to a workshop, by whomever.
CREATE UNIQUE INDEX invite_address ON "Invite" ("workshopId", "email") WHERE "email" IS NOT NULL AND "revokedAt" IS NULL;

-- Only a link for one address has one, in lower case, until it is deleted.
ALTER TABLE "Invite" ADD CONSTRAINT invite_personal CHECK (
  ("personal" AND ("email" IS NOT NULL OR "forgottenAt" IS NOT NULL)) OR (NOT "personal" AND "email" IS NULL AND "name" IS NULL));
ALTER TABLE "Invite" ADD CONSTRAINT invite_email CHECK ("email" = lower("email"));

ALTER TABLE "WorkshopCustomer" ADD CONSTRAINT customer_limit CHECK ("seatLimit" >= 0);
