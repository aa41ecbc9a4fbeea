import type { MyLease } from "@/components/workshops/my-account";
import { SandboxesTab } from "@/components/workshops/sandboxes-tab";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { ownStackOutputs } from "@/server/sandboxes/sandboxes";
import { type LiveRow, liveBoard } from "@/server/workshops/views";
import { readWorkshop } from "../../read";

type Outputs = Awaited<ReturnType<typeof ownStackOutputs>>;

function ownLease(row: LiveRow, made: Outputs): MyLease[] {
  if (!row.lease || row.holder === "registration") return [];
  const { id, state, awsAccountId, lastError } = row.lease;
  const outputs = made.find(({ leaseId }) => leaseId === id)?.outputs ?? [];
  return [{ id, holder: row.holder, state: state as MyLease["state"], awsAccountId, lastError, outputs }];
}

export default async function SandboxesPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const workshop = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "sandboxes"));
  const [rows, made] = await pageOrNotFound(() =>
    Promise.all([liveBoard(ctx, { workshopId: id }), ownStackOutputs(ctx, { workshopId: id })]),
  );
  const { state, timeZone, sandboxProfile, pool } = workshop;
  return (
    <SandboxesTab
      workshop={{ id, state, timeZone, sandbox: sandboxProfile?.name ?? null, poolProblem: pool?.problem ?? null }}
      rows={rows}
      mayUnfreeze={mayDo(ctx.actor.role, "pool.edit")}
      mine={rows.filter((row) => row.memberId === ctx.actor.memberId).flatMap((row) => ownLease(row, made))}
    />
  );
}
