-- AlterTable
ALTER TABLE "Workshop" ADD COLUMN     "calendarItems" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Registration" ADD COLUMN     "calendarParts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Whoever had a seat has the whole as one block in their calendar.
UPDATE "Registration" SET "calendarParts" = ARRAY['whole'] WHERE "confirmedAt" IS NOT NULL;
