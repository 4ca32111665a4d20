// node peer.mjs: Portkey's gateway on a free port of the loopback.
// Writes its address as the first line; ends, and the gateway with it, when its standard input ends.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const patience = 60;   // seconds until the gateway must be ready
const port = await freePort();
const gateway = spawn(process.execPath, ["--import", "./loopback.mjs", join("node_modules", "@portkey-ai", "gateway", "build", "start-server.js"), `--port=${port}`, "--headless"], {
  cwd: import.meta.dirname,
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, NODE_ENV: "production" },
});
process.stdin.resume().on("end", () => gateway.kill("SIGKILL"));
gateway.on("exit", code => process.exit(code ?? 0));
await ready();
console.log(`http://127.0.0.1:${port}/v1`);

async function ready() {
  for (let second = 0; second < patience; second += 0.1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  console.error(`Portkey did not become ready within ${patience} s.`);
  gateway.kill("SIGKILL");
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve, reject) => probe.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise(closed => probe.close(closed));
  return String(port);
}
