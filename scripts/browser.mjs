/**
 * The Chromium of the end-to-end tests: the system's where there is one, else the one from npm (`@sparticuz/chromium`), which
 * needs no root: it is unpacked into `.atelier/chromium`, together with shared libraries and a font where the machine lacks
 * them.
 *
 *   const { executablePath, args, env } = await findBrowser();   // Playwright's launchOptions
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { withLock } from "./processes.mjs";
import { atelier } from "./project.mjs";

/** As root there is no sandbox; and nothing is asked of anybody outside of this machine. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
];

/** Where the browser is and how to launch it; throws in words when there is none. */
export async function findBrowser() {
  const system = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (system) return { executablePath: system, args, env: { ...process.env } };
  return withLock(atelier("chromium", "lock"), unpack);
}

async function unpack() {
  const folder = atelier("chromium", "x").slice(0, -2);
  const packed = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..", "bin");
  const { inflate } = await import("@sparticuz/chromium");
  // It unpacks into the folder for temporary files, wherever that is.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const [executablePath] = await Promise.all([
      inflate(join(packed, "chromium.br")),
      inflate(join(packed, "fonts.tar.br")),
      inflate(join(packed, "swiftshader.tar.br")),
    ]);
    const env = { ...process.env };
    if (lacksLibraries(executablePath)) {
      await inflate(join(packed, "al2023.tar.br"));
      env.LD_LIBRARY_PATH = [join(folder, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    }
    if (lacksFonts()) env.FONTCONFIG_PATH = join(folder, "fonts");
    if (before === undefined) delete env.TMPDIR;
    else env.TMPDIR = before;
    return { executablePath, args, env };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

function lacksLibraries(executable) {
  const { stdout } = spawnSync("ldd", [executable], { encoding: "utf8" });
  return /not found/.test(stdout ?? "");
}

function lacksFonts() {
  const places = ["/usr/share/fonts/truetype", "/usr/share/fonts/opentype", "/Library/Fonts"];
  mkdirSync(atelier("chromium"), { recursive: true });
  return (
    !existsSync("/etc/fonts/fonts.conf") || !places.some((place) => existsSync(place) && readdirSync(place).length > 0)
  );
}
