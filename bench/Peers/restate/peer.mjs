// node peer.mjs CONFIG DATA_DIRECTORY: a Restate server with the service of orders behind its ingress, on the loopback alone.
// Writes the address of the ingress as its first line; ends, and the server with it, when its standard input ends.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { createServer as createHttp2Server } from "node:http2";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

Promise.withResolvers ??= function () {   // the SDK wants it; Node.js has it from 22 on
  let settle;
  const promise = new this((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
};
process.env.RESTATE_LOGGING ??= "ERROR";   // else the SDK writes two lines an order

const patience = 60;   // seconds until the server must be ready
const [config, data] = process.argv.slice(2);
const { endpoint } = await import("./orders.mjs");

const service = await listening(createHttp2Server(endpoint));
const [ingress, admin, node] = await Promise.all([freePort(), freePort(), freePort()]);
const server = start();
process.stdin.resume().on("end", () => server.kill("SIGKILL"));
server.on("exit", code => process.exit(code ?? 0));
await ready();
console.log(`http://127.0.0.1:${ingress}/orders/fulfil`);

function start() {
  const binary = join(import.meta.dirname, "node_modules", "@restatedev", `restate-server-${process.platform}-${process.arch}`, "bin", "restate-server");
  const log = openSync(join(data, "restate.log"), "a");
  return spawn(binary, ["--no-logo", "--listen-mode", "tcp", "--bind-ip", "127.0.0.1", "--bind-port", node, "--node-name", "bench", "--base-dir", join(data, "restate"), "-c", join(import.meta.dirname, config)], {
    stdio: ["ignore", log, log],
    env: { ...process.env, RESTATE_INGRESS__BIND_PORT: ingress, RESTATE_ADMIN__BIND_PORT: admin, DO_NOT_TRACK: "1" },
  });
}

async function ready() {
  await insist(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service.address().port}` });
  await insist(`http://127.0.0.1:${ingress}/orders/fulfil`, { order: "first" });
}

async function insist(url, body) {
  for (let second = 0; second < patience; second += 0.25) {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(250);
  }
  console.error(`Restate did not become ready within ${patience} s; see restate.log in ${data}.`);
  server.kill("SIGKILL");
}

async function freePort() {
  const probe = await listening(createServer());
  const { port } = probe.address();
  await new Promise(closed => probe.close(closed));
  return String(port);
}

function listening(listener) {
  return new Promise((resolve, reject) => listener.once("error", reject).listen(0, "127.0.0.1", () => resolve(listener)));
}
