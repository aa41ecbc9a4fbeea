-- AlterTable
ALTER TABLE "Cleanup" ADD COLUMN     "claimedAt" TIMESTAMP(3),
ADD COLUMN     "taskTries" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Cleanup" ADD CONSTRAINT "Cleanup_machine_check" CHECK ("machine" IN ('worker', 'task'));
ALTER TABLE "Cleanup" ADD CONSTRAINT "Cleanup_taskTries_check" CHECK ("taskTries" >= 0);
