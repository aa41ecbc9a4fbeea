-- AlterTable
ALTER TABLE "Registration" ADD COLUMN     "decidedAt" TIMESTAMP(3),
ADD COLUMN     "decidedById" TEXT,
ADD COLUMN     "decisionReason" TEXT;

-- AlterTable
ALTER TABLE "Workshop" ADD COLUMN     "acceptedMissing" INTEGER,
ADD COLUMN     "allowedDomains" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "approvalBy" TEXT,
ADD COLUMN     "minimumNoticeHours" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "poolSeats" INTEGER,
ADD COLUMN     "registrationClosesAt" TIMESTAMP(3),
ADD COLUMN     "registrationOpensAt" TIMESTAMP(3);

-- CreateTable
CREATE TABLE "Question" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "help" TEXT NOT NULL DEFAULT '',
    "options" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "required" BOOLEAN NOT NULL DEFAULT false,
    "dataClass" TEXT NOT NULL DEFAULT 'personal',
    "removedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Question_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Answer" (
    "teamId" TEXT NOT NULL,
    "registrationId" TEXT NOT NULL,
    "questionId" TEXT NOT NULL,
    "text" TEXT,
    "number" DECIMAL(15,4),
    "consentAt" TIMESTAMP(3),

    CONSTRAINT "Answer_pkey" PRIMARY KEY ("registrationId","questionId")
);

-- CreateIndex
CREATE INDEX "Question_workshopId_ordinal_idx" ON "Question"("workshopId", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "Question_teamId_id_key" ON "Question"("teamId", "id");

-- CreateIndex
CREATE INDEX "Answer_questionId_idx" ON "Answer"("questionId");

-- AddForeignKey
ALTER TABLE "Question" ADD CONSTRAINT "Question_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Answer" ADD CONSTRAINT "Answer_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Answer" ADD CONSTRAINT "Answer_teamId_questionId_fkey" FOREIGN KEY ("teamId", "questionId") REFERENCES "Question"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say.
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_window CHECK ("registrationClosesAt" > "registrationOpensAt");
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_notice CHECK ("minimumNoticeHours" >= 0);
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_approval CHECK ("approvalBy" IN ('account_manager', 'solutions_architect'));
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_pool CHECK ("poolSeats" >= 0 AND "acceptedMissing" >= 0);
ALTER TABLE "Registration" ADD CONSTRAINT registration_decision CHECK (("decidedById" IS NULL) = ("decidedAt" IS NULL));
ALTER TABLE "Question" ADD CONSTRAINT question_kind CHECK ("kind" IN ('text', 'choice', 'number', 'consent'));
ALTER TABLE "Question" ADD CONSTRAINT question_class CHECK ("dataClass" IN ('none', 'personal', 'sensitive'));
-- Free text may hold anything; what is sensitive is told freely or not at all.
ALTER TABLE "Question" ADD CONSTRAINT question_text CHECK ("kind" <> 'text' OR "dataClass" <> 'none');
ALTER TABLE "Question" ADD CONSTRAINT question_sensitive CHECK ("dataClass" <> 'sensitive' OR NOT "required");
ALTER TABLE "Question" ADD CONSTRAINT question_options CHECK ("kind" <> 'choice' OR cardinality("options") >= 2);
ALTER TABLE "Answer" ADD CONSTRAINT answer_value CHECK (num_nonnulls("text", "number", "consentAt") = 1);

-- Seats that an account manager, a customer or a link holds in a workshop are counted at each confirmation.
CREATE INDEX registration_seats_member ON "Registration" ("workshopId", "memberId")
  WHERE "state" IN ('offered', 'confirmed', 'attended', 'no_show');
CREATE INDEX registration_seats_customer ON "Registration" ("workshopId", "customerId")
  WHERE "state" IN ('offered', 'confirmed', 'attended', 'no_show');
CREATE INDEX registration_seats_invite ON "Registration" ("inviteId")
  WHERE "state" IN ('offered', 'confirmed', 'attended', 'no_show');
