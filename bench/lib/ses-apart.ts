import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { bundle } from "@/scripts/bundle.mjs";
import { atelier } from "@/scripts/project.mjs";
import { type SesDouble, startSes } from "@/server/testing/ses";

/**
 * The double of SES in a process of its own, which comes before the others where the system allows it: it stands for another
 * machine, and when a mail arrived must not depend on what else this one does.
 */

type Settings = Parameters<SesDouble["set"]>[0];
export type SesReport = Pick<SesDouble, "taken" | "arrivals" | "faults">;
type Order = { set: Settings } | "forget" | "report";

export type SesApart = {
  endpoints: string[];
  /** Forgets what arrived; from now on with these settings. */
  begin(settings: Settings): void;
  report(): Promise<SesReport>;
  close(): void;
};

export async function startSesApart(workers: number): Promise<SesApart> {
  const file = await bundle("bench/lib/ses-apart.ts", atelier("bundles", "ses-apart.mjs"));
  const child: ChildProcess = fork(file, [String(workers)], {
    stdio: "inherit",
    execArgv: ["--max-semi-space-size=64"],
  });
  child.once("exit", (code) => {
    if (code) throw new Error(`The double of SES ended with code ${code}`);
  });
  const answer = async () => (await once(child, "message"))[0];
  const order = (what: Order) => child.send(what);
  return {
    endpoints: (await answer()) as string[],
    begin(settings) {
      order("forget");
      order({ set: settings });
    },
    report() {
      const told = answer() as Promise<SesReport>;
      order("report");
      return told;
    },
    close: () => child.disconnect(),
  };
}

async function serve(workers: number): Promise<void> {
  try {
    setPriority(-15);
  } catch {
    // Only an administrator may; then it shares the machine like any other process.
  }
  const ses = await startSes(workers);
  process.on("message", (order: Order) => {
    if (order === "forget") ses.forget();
    else if (order === "report") process.send?.({ taken: ses.taken, arrivals: ses.arrivals, faults: ses.faults });
    else ses.set(order.set);
  });
  process.once("disconnect", () => process.exit(0));
  process.send?.(ses.endpoints);
}

if (process.send && process.argv[1]?.endsWith("ses-apart.mjs")) void serve(Number(process.argv[2]));
