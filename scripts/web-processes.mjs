/**
 * The web in several processes behind one port: `node scripts/web-processes.mjs COUNT start --port …`, the rest as for
 * `next`. Each connection goes to the next process. One that ends by itself is started again, up to three times in a minute.
 */
import cluster from "node:cluster";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ourNode, serverFlags } from "./processes.mjs";
import { root } from "./project.mjs";

const nextBin = join(root, "node_modules", "next", "dist", "bin", "next");

/** What to run for the web in so many processes: Next itself for one. */
export function webCommand(count, args) {
  const several = count > 1 ? [join(root, "scripts", "web-processes.mjs"), String(count)] : [nextBin];
  return [ourNode(), [...serverFlags, ...several, ...args]];
}

function runAll(count, args) {
  cluster.setupPrimary({ exec: nextBin, args });
  const ends = [];
  let stopping = false;
  cluster.on("exit", (_worker, code) => {
    if (stopping) return;
    const recent = ends.filter((at) => performance.now() - at < 60_000);
    ends.splice(0, ends.length, ...recent, performance.now());
    if (recent.length >= 3) process.exit(code || 1);
    cluster.fork();
  });
  for (let started = 0; started < count; started++) cluster.fork();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers)) worker.process.kill(signal);
    });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [count, ...args] = process.argv.slice(2);
  runAll(Number(count), args);
}
