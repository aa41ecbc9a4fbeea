-- CreateIndex
CREATE INDEX "Cleanup_teamId_startedAt_idx" ON "Cleanup"("teamId", "startedAt");

-- CreateIndex
CREATE INDEX "Cleanup_leaseId_idx" ON "Cleanup"("leaseId");

-- CreateIndex
CREATE INDEX "ClosingStep_leaseId_idx" ON "ClosingStep"("leaseId");

-- CreateIndex
CREATE INDEX "ClosingStep_teamId_state_idx" ON "ClosingStep"("teamId", "state");

-- CreateIndex
CREATE INDEX "Lease_registrationId_idx" ON "Lease"("registrationId");

-- CreateIndex
CREATE INDEX "Message_registrationId_kind_idx" ON "Message"("registrationId", "kind");

-- CreateIndex
CREATE INDEX "Message_teamId_dueAt_idx" ON "Message"("teamId", "dueAt");

-- CreateIndex
CREATE INDEX "Registration_teamId_createdAt_idx" ON "Registration"("teamId", "createdAt");

-- CreateIndex
CREATE INDEX "Registration_inviteId_idx" ON "Registration"("inviteId");

-- CreateIndex
CREATE INDEX "Registration_customerId_idx" ON "Registration"("customerId");
