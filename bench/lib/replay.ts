import { Agent, request } from "node:http";
import type { RecordedCall } from "@/bench/lib/proxy";

/** Sends recorded calls as they were, so many at a time, and reads nothing of the answers: their rate a second. */
export async function replay(endpoint: string, calls: readonly RecordedCall[], atATime = 24): Promise<number> {
  const { hostname, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: atATime });
  const send = ({ method, path, headers, body }: RecordedCall) =>
    new Promise<void>((resolve, reject) => {
      const call = request({ agent, hostname, port, method, path, headers }, (answer) => {
        answer.resume().on("end", resolve).on("error", reject);
      });
      call.on("error", reject);
      call.end(body);
    });
  let next = 0;
  const start = performance.now();
  const runner = async () => {
    for (let call = calls[next++]; call; call = calls[next++]) await send(call);
  };
  await Promise.all(Array.from({ length: atATime }, runner));
  const rate = calls.length / ((performance.now() - start) / 1_000);
  agent.destroy();
  return rate;
}
