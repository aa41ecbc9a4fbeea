-- AlterTable
ALTER TABLE "PersonalLink" ADD COLUMN     "handoverId" TEXT;

-- AlterTable
ALTER TABLE "Workshop" ADD COLUMN     "offerHours" INTEGER;

-- CreateTable
CREATE TABLE "Handover" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "registrationId" TEXT NOT NULL,
    "toRegistrationId" TEXT,
    "email" TEXT,
    "name" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "state" TEXT NOT NULL DEFAULT 'pending',
    "endsAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "Handover_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Handover_registrationId_idx" ON "Handover"("registrationId");

-- CreateIndex
CREATE INDEX "Handover_state_endsAt_idx" ON "Handover"("state", "endsAt");

-- CreateIndex
CREATE UNIQUE INDEX "Handover_teamId_id_key" ON "Handover"("teamId", "id");

-- AddForeignKey
ALTER TABLE "Handover" ADD CONSTRAINT "Handover_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Handover" ADD CONSTRAINT "Handover_teamId_toRegistrationId_fkey" FOREIGN KEY ("teamId", "toRegistrationId") REFERENCES "Registration"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PersonalLink" ADD CONSTRAINT "PersonalLink_teamId_handoverId_fkey" FOREIGN KEY ("teamId", "handoverId") REFERENCES "Handover"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- An offer has a deadline, which the clock finds.
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_offer_hours CHECK ("offerHours" IS NULL OR "offerHours" BETWEEN 2 AND 336);
ALTER TABLE "Registration" ADD CONSTRAINT registration_offer CHECK ("state" <> 'offered' OR "offerEndsAt" IS NOT NULL);
CREATE INDEX registration_offer_ends ON "Registration" ("offerEndsAt") WHERE "state" = 'offered';

-- One hand-over of a seat at a time; a colleague's address is kept only while they are asked.
ALTER TABLE "Handover" ADD CONSTRAINT handover_state CHECK ("state" IN ('pending', 'accepted', 'declined', 'withdrawn', 'expired'));
ALTER TABLE "Handover" ADD CONSTRAINT handover_address CHECK (("state" = 'pending') = ("email" IS NOT NULL) AND ("name" IS NULL OR "state" = 'pending'));
ALTER TABLE "Handover" ADD CONSTRAINT handover_taken CHECK (("state" = 'accepted') = ("toRegistrationId" IS NOT NULL));
CREATE UNIQUE INDEX handover_pending ON "Handover" ("registrationId") WHERE "state" = 'pending';
ALTER TABLE "PersonalLink" ADD CONSTRAINT link_handover CHECK (("purpose" = 'handover') = ("handoverId" IS NOT NULL));
