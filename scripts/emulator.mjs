/**
 * The AWS emulator: moto (Apache 2.0) in a Python environment of its own in `.atelier/moto`, launched by `emulator.py` and
 * seeded as one Organization with access control on.
 *
 *   const found = await prepareEmulator();           // installs once; { off: "why" } where that is impossible
 *   const emulator = await launchEmulator(found);    // → { endpoint, pid, stop }
 *   const seeded = await seedEmulator(emulator.endpoint, { accounts: [{ name, email }] });
 *
 * Plain JavaScript for Node 20 and newer, without packages: it runs while `npm ci` still does.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, stopProcess, withLock } from "./processes.mjs";
import { atelier, root } from "./project.mjs";

const requirements = join(root, "scripts", "moto-requirements.txt");
const launcher = join(root, "scripts", "emulator.py");
/** What is asked for where the pinned set has no build for the machine's Python. */
const unpinned =
  "moto==5.2.5 flask flask-cors joserfc py-partiql-parser pyparsing openapi-spec-validator graphql-core aws-xray-sdk".split(
    " ",
  );
const dockerImage = "motoserver/moto:5.2.5";

/** Services of the cleaner whose lists moto answers wrongly, so that no account would ever be proved empty. */
const wrongInEmulator = new Set(["application-auto-scaling", "bedrock", "ecs", "inspector", "macie"]);

/** Those that the demo looks at: everything else. What moto does not have at all is listed as empty (`emulator.py`). */
export function emulatedServices() {
  return readdirSync(join(root, "server", "cleaner", "services"))
    .filter((name) => name.endsWith(".ts") && !/\.(test|generated)\.ts$/.test(name))
    .map((name) => name.slice(0, -3))
    .filter((name) => !wrongInEmulator.has(name));
}

/** Of this machine's environment only what a program needs to run: nothing of its AWS settings. */
export function cleanEnv(extra = {}) {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(AWS_|MOTO_|ATELIER_|DATABASE_|COGNITO_|SES_|PYTHON|npm_)/i.test(name)) continue;
    env[name] = value;
  }
  return {
    ...env,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
    AWS_CONFIG_FILE: "/nonexistent/config",
    ...extra,
  };
}

/**
 * A way to run the emulator on this machine: `{ command, args, env }` for `launchEmulator`, or `{ off: reason }`. The first
 * time it installs (10–25 s), later it only looks.
 */
export async function prepareEmulator({ say = () => undefined } = {}) {
  const found = findPython();
  let reason = found.off;
  if (found.python) {
    try {
      return await withLock(atelier("moto", "lock"), () => installIn(found.python, say));
    } catch (error) {
      reason = error.message;
    }
  }
  const docker = spawnSync("docker", ["info", "--format", "ok"], { encoding: "utf8", timeout: 5_000 });
  if (docker.status === 0) {
    const mount = `${launcher}:/atelier/emulator.py:ro`;
    const args = ["run", "--rm", "-i", "--init", "-v", mount, "-p"];
    return { docker: true, command: "docker", args, env: cleanEnv() };
  }
  return { off: reason };
}

function findPython() {
  for (const python of ["python3", "python"]) {
    const probe = spawnSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
      encoding: "utf8",
      env: cleanEnv(),
    });
    if (probe.status !== 0) continue;
    const version = probe.stdout.trim();
    const [major, minor] = version.split(".").map(Number);
    if (major === 3 && minor >= 10) return { python: { command: python, version } };
    return { off: `the AWS emulator needs Python 3.10 or newer, and this is ${version}` };
  }
  return { off: "there is no Python 3 for the AWS emulator" };
}

async function installIn(python, say) {
  const folder = atelier("moto", "x").slice(0, -2);
  const venv = join(folder, "venv");
  const target = join(folder, "site");
  const mark = join(folder, "installed");
  const hash = createHash("sha256").update(readFileSync(requirements)).update(python.version).digest("hex");
  const usable = () => {
    if (existsSync(join(venv, "bin", "python")))
      return { command: join(venv, "bin", "python"), args: [launcher], env: cleanEnv() };
    if (existsSync(target)) return { command: python.command, args: [launcher], env: cleanEnv({ PYTHONPATH: target }) };
    return undefined;
  };
  if (existsSync(mark) && readFileSync(mark, "utf8") === hash && usable()) return usable();
  say(`installing the AWS emulator (moto) with Python ${python.version}`);
  rmSync(venv, { recursive: true, force: true });
  rmSync(target, { recursive: true, force: true });
  const flags = ["install", "--no-compile", "--no-input", "--quiet", "--disable-pip-version-check"];
  const hasPip = spawnSync(python.command, ["-m", "pip", "--version"], { env: cleanEnv() }).status === 0;
  const made = spawnSync(python.command, ["-m", "venv", venv], { encoding: "utf8", env: cleanEnv() });
  if (made.status === 0) {
    await install(join(venv, "bin", "python"), ["-m", "pip", ...flags], say);
  } else if (hasPip) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    await install(python.command, ["-m", "pip", ...flags, "--target", target], say);
  } else {
    rmSync(venv, { recursive: true, force: true });
    throw new Error('Python has neither "venv" nor "pip": on Debian and Ubuntu, run `sudo apt install python3-venv`');
  }
  writeFileSync(mark, hash);
  return usable();
}

async function install(command, args, say) {
  try {
    await run(command, [...args, "-r", requirements], { env: cleanEnv() });
  } catch (error) {
    say("the pinned packages do not install here, so newer ones are taken");
    try {
      await run(command, [...args, ...unpinned], { env: cleanEnv() });
    } catch {
      throw new Error(`the AWS emulator could not be installed: ${error.message.split("\n").at(-1)}`);
    }
  }
}

/**
 * Starts the emulator and returns once it answers. `port` 0 takes any free one; `regions` are the enabled ones; `log` is
 * the file that its errors go to. It ends with this process, also when this process is killed.
 *
 * @param {Awaited<ReturnType<typeof prepareEmulator>>} found
 * @param {{ port?: number, regions?: readonly string[], seed?: number, log?: string }} [options]
 */
export async function launchEmulator(
  found,
  { port = 0, regions, seed = 42, log = atelier("logs", "emulator.log") } = {},
) {
  const settings = {
    ATELIER_MOTO_SEED: String(seed),
    ATELIER_END_WITH_STDIN: "1",
    MOTO_EC2_LOAD_DEFAULT_AMIS: "false",
    ...(regions ? { ATELIER_REGIONS: regions.join(",") } : {}),
  };
  let { args } = found;
  if (found.docker) {
    const { freePort } = await import("./processes.mjs");
    port = await freePort(port || 4566);
    const variables = Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const inside = ["--entrypoint", "python", dockerImage, "/atelier/emulator.py", "5000", "0.0.0.0"];
    args = [...args, `127.0.0.1:${port}:5000`, ...variables, ...inside];
  } else args = [...args, String(port)];
  const child = spawn(found.command, args, {
    cwd: root,
    env: { ...found.env, ...settings },
    stdio: ["pipe", "pipe", openSync(log, "a")],
    detached: true,
  });
  const answered = await new Promise((resolve, reject) => {
    let output = "";
    child.once("error", reject);
    child.once("exit", (code) => {
      const last = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
      reject(new Error(`the AWS emulator ended with code ${code}:\n${last}`));
    });
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const [, number] = /PORT (\d+)/.exec(output) ?? [];
      if (number) resolve(Number(number));
    });
  });
  child.stdin.on("error", () => undefined);
  const endpoint = `http://127.0.0.1:${found.docker ? port : answered}`;
  return { endpoint, pid: child.pid, child, stop: () => stopProcess(child.pid, { patience: 3_000 }) };
}

const adminPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/**
 * Makes the Organization of an emulator whose access control is still off, then turns it on. `accounts` are
 * `{ name, email, id? }` in order; with an id, the account gets it. Returns what a process needs to work with it:
 * `{ endpoint, managementAccountId, accessKeyId, secretAccessKey, basePrincipalArn, accounts: [{ id, name, email }] }`.
 *
 * @param {string} endpoint
 * @param {{ accounts: readonly { name: string, email: string, id?: string }[] }} options
 */
export async function seedEmulator(endpoint, { accounts }) {
  const call = caller(endpoint);
  await call.organizations("CreateOrganization", { FeatureSet: "ALL" });
  const identity = await call.query("sts", "2011-06-15", { Action: "GetCallerIdentity" });
  const managementAccountId = value(identity, "Account");
  const iam = (parameters, key) => call.query("iam", "2010-05-08", parameters, key);
  await iam({ Action: "CreateUser", UserName: "atelier" });
  await iam({ Action: "PutUserPolicy", UserName: "atelier", PolicyName: "atelier", PolicyDocument: adminPolicy });
  const key = await iam({ Action: "CreateAccessKey", UserName: "atelier" });
  const made = [];
  for (const account of accounts) made.push(await makeAccount(call, iam, account));
  // From here on every call needs real keys and a policy that allows it.
  await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: "0" });
  return {
    endpoint,
    managementAccountId,
    accessKeyId: value(key, "AccessKeyId"),
    secretAccessKey: value(key, "SecretAccessKey"),
    basePrincipalArn: `arn:aws:iam::${managementAccountId}:user/atelier`,
    accounts: made,
  };
}

/** One member account, whose role for the Organization may do everything: on AWS it may, here it has no policy at first. */
async function makeAccount(call, iam, { name, email, id }) {
  const tags = id ? [{ Key: "atelier:account-id", Value: id }] : [];
  const { CreateAccountStatus: status } = await call.organizations("CreateAccount", {
    AccountName: name,
    Email: email,
    Tags: tags,
  });
  const accountId = status.AccountId;
  const role = "OrganizationAccountAccessRole";
  const session = await call.query("sts", "2011-06-15", {
    Action: "AssumeRole",
    RoleArn: `arn:aws:iam::${accountId}:role/${role}`,
    RoleSessionName: "seed",
  });
  const put = {
    Action: "PutRolePolicy",
    RoleName: role,
    PolicyName: "AdministratorAccess",
    PolicyDocument: adminPolicy,
  };
  await iam(put, value(session, "AccessKeyId"));
  return { id: accountId, name, email };
}

/** Calls without a signature, which the emulator takes while its access control is off. */
function caller(endpoint) {
  const send = async (service, key, headers, body) => {
    const scope = `Credential=${key}/20260101/us-east-1/${service}/aws4_request`;
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { ...headers, authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The emulator refused a call to ${service}: ${text.slice(0, 300)}`);
    return text;
  };
  return {
    query: (service, version, parameters, key = "AKIAIOSFODNN7EXAMPLE") => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return send(service, key, headers, new URLSearchParams({ Version: version, ...parameters }).toString());
    },
    organizations: async (action, input) => {
      const headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSOrganizationsV20161128.${action}`,
      };
      return JSON.parse(await send("organizations", "AKIAIOSFODNN7EXAMPLE", headers, JSON.stringify(input)));
    },
  };
}

function value(xml, name) {
  const [, found] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  if (!found) throw new Error(`The emulator's answer has no ${name}.`);
  return found;
}

/** `count` accounts with believable names, for the demo and the tests. */
export function numberedAccounts(count, prefix = "iberia") {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(2, "0");
    return { name: `${prefix}-${number}`, email: `aws+${prefix}-${number}@atelier.example` };
  });
}
