/**
 * `npm run generate`: the Prisma client in `prisma/generated`, from `prisma/schema.prisma`; nothing is done while the
 * schema and the generator stay the same. The generator insists on an engine file that it does not use, so it gets one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, withOurNode } from "./processes.mjs";
import { hashOf, readMark, root, writeMark } from "./project.mjs";

/** Returns whether there was anything to do. */
export async function generate() {
  const hash = hashOf(["prisma/schema.prisma", "prisma.config.ts", "node_modules/prisma/package.json"]);
  if (readMark("generate") === hash && existsSync(join(root, "prisma", "generated", "client.ts"))) return false;
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: join(root, "package.json"),
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  };
  await run("prisma", ["generate", "--schema", "prisma/schema.prisma"], { env: withOurNode(env) });
  writeMark("generate", hash);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log((await generate()) ? "Generated prisma/generated." : "prisma/generated is up to date.");
}
