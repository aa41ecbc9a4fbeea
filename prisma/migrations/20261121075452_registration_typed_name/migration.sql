-- AlterTable
ALTER TABLE "Registration" ADD COLUMN     "typedName" TEXT;
