// Tests the libraries graphql-sse and graphql-ws against two started hubs on one PostgreSQL. Changes that are written
// over the other hub arrive at once, hidden changes do not arrive, a killed hub loses no change, and the stream of a
// suspended person ends within a second.
import assert from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createEvents } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";
import { listen } from "./listen.mjs";

const folder = mkdtempSync(join(tmpdir(), "rightshub-clients-"));
const running = [];
let server;

// end stops everything that was started. It runs at every exit except SIGKILL.
function end() {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
}
process.on("exit", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

// freePort returns a port that no program on this machine uses now.
async function freePort() {
  const s = createServer().listen(0, "127.0.0.1");
  await once(s, "listening");
  const { port } = s.address();
  s.close();
  await once(s, "close");
  return port;
}

// start runs a program and returns when it prints something.
async function start(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: folder } });
  running.push(child);
  await Promise.race([once(child.stdout, "data"), once(child, "exit").then(([code]) => assert.fail(`${program} ended with ${code}`))]);
  child.stdout.resume();
  return child;
}

async function postgres() {
  const home = "/usr/lib/postgresql", bin = existsSync(home) ? join(home, readdirSync(home).sort().at(-1), "bin") : "/usr/bin";
  const as = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--"] : ["env"];
  const data = join(folder, "data"), port = await freePort();
  chmodSync(folder, 0o777);
  execFileSync(as[0], [...as.slice(1), join(bin, "initdb"), "--pgdata", data, "--username=hub", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], { stdio: "ignore" });
  const run = (...args) => execFileSync(as[0], [...as.slice(1), join(bin, "pg_ctl"), "-D", data, "-w", "-l", join(folder, "log"), ...args], { stdio: "ignore" });
  run("start", "-o", `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`);
  return { url: `postgres://hub@127.0.0.1:${port}/postgres?sslmode=disable`, stop: () => run("stop", "-m", "immediate") };
}

const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
const hub = (i, url) => start("../rightshub", ["serve", "--demo", "--database-url", url, "--secret-file", join(folder, "secret"), "--listen", addresses[i]]);

async function ask(i, token, query, variables) {
  const r = await fetch(`http://${addresses[i]}/graphql`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await r.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

// queue holds the events that have arrived, and how the stream ended.
function queue() {
  const got = [], waiting = [];
  const put = (x) => (waiting.length ? waiting.shift()(x) : got.push(x));
  const next = () => (got.length ? got.shift() : Promise.race([new Promise((done) => waiting.push(done)), new Promise((_, fail) => setTimeout(() => fail(new Error("nothing is heard")), 15000).unref())]));
  return { put, next };
}

// For each library, a function that creates its client. The client reconnects when the connection is lost.
const libraries = {
  "graphql-sse": (token) => createEvents({ url: `http://${addresses[0]}/graphql`, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 50, retry: () => new Promise((done) => setTimeout(done, 200)) }),
  "graphql-ws": (token, closed) =>
    createSocket({ url: `ws://${addresses[0]}/graphql`, webSocketImpl: WebSocket, connectionParams: { Authorization: `Bearer ${token}` }, retryAttempts: 50, retryWait: () => new Promise((done) => setTimeout(done, 200)), shouldRetry: (e) => e?.code !== 4403, on: { closed: (e) => closed(e.code) } }),
};

// since returns the token of the latest change that the person may see.
async function since(token) {
  for (let last = null; ; ) {
    const { changesSince } = await ask(0, token, "query($t: String) { changesSince(token: $t, types: [Activity, Child], first: 1000) { token hasMore } }", { t: last });
    last = changesSince.token;
    if (!changesSince.hasMore) return last;
  }
}

// Plans an activity in a country over one of the hubs.
async function work(i, token, where) {
  const { interventions } = await ask(i, token, "query($c: String) { interventions(first: 1, where: { country: { iso2: { eq: $c } } }) { nodes { id } } }", { c: where });
  const { createActivity } = await ask(i, token, 'mutation($i: ID!) { createActivity(input: { interventionId: $i, kind: TRAINING, title: [{ language: "en", text: "Made up" }] }) { activity { id version } } }', { i: interventions.nodes[0].id });
  return createActivity.activity;
}

// A hub polls for the changes of other hubs several times a second, but PostgreSQL also notifies it at once. The
// writes are spread evenly over the poll interval. With polling alone, half of them would arrive within half of the
// interval, and a quarter within a quarter of it. With notifications nearly all arrive that early. A busy machine
// delays some of them, so it gets more tries.
async function atOnce(person, country, tokens) {
  const between = Number(/feedPollInterval += (\d+) \* time\.Millisecond/.exec(readFileSync("../../internal/changefeed/feed_poller.go", "utf8"))[1]);
  const heard = queue(), client = libraries["graphql-sse"](tokens[person]), each = 16;
  listen(client, await since(tokens[person]), () => heard.put(performance.now()), heard.put);
  await work(1, tokens["manager@demo"], country);
  await heard.next(); // it listens
  const begun = performance.now();
  let took, middle = Infinity;
  for (let tries = 0; middle >= between / 4; tries++) {
    assert.ok(tries < 3, `what another hub wrote is heard when it is looked for, every ${between} ms, not when it is told: after ${took} ms`);
    took = [];
    for (let i = 0; i < each; i++) {
      const phase = (between * i) / each;
      await sleep(2 * between - ((performance.now() - begun - phase) % between));
      await work(1, tokens["manager@demo"], country);
      const written = performance.now();
      took.push(Math.round((await heard.next()) - written));
    }
    middle = took.toSorted((a, b) => a - b)[each / 2];
  }
  client.dispose();
  console.log(`told by PostgreSQL: half of what the other hub wrote was heard within ${middle} ms`);
}

async function test(name, person, country, other, tokens, url) {
  const heard = queue();
  const last = await since(tokens[person]);
  const client = libraries[name](tokens[person], (code) => heard.put(code));
  listen(client, last, ({ type, kind }) => heard.put(`${type} ${kind}`), (e) => heard.put(e?.[0]?.extensions.code ?? e?.code ?? "complete"));
  const manager = tokens["manager@demo"];
  await work(1, manager, other);
  const made = await work(1, manager, country);
  assert.equal(await heard.next(), "Activity CREATED", name);
  await ask(1, manager, "mutation($in: ArchiveInput!) { archiveActivity(input: $in) { id } }", { in: made });
  assert.equal(await heard.next(), "Activity REMOVED", name);

  running[0].kill("SIGKILL");
  await once(running[0], "exit");
  await work(1, manager, other);
  await work(1, manager, country);
  running.shift();
  const back = await hub(0, url);
  running.pop();
  running.unshift(back);
  let missed = await heard.next();
  while (typeof missed === "number") missed = await heard.next(); // the socket says that it was closed
  assert.equal(missed, "Activity CREATED", `${name}, after the hub was killed`);

  const { viewer } = await ask(1, tokens[person], "{ viewer { user { id version } } }");
  const at = Date.now();
  await ask(1, tokens["admin@demo"], "mutation($in: TransitionUserStateInput!) { transitionUserState(input: $in) { user { id } } }", { in: { ...viewer.user, to: "SUSPENDED" } });
  await work(1, manager, country);
  const end = await heard.next();
  assert.ok([4403, "UNAUTHENTICATED"].includes(end) && Date.now() - at < 1000, `${name}: ${end} after ${Date.now() - at} ms`);
  client.dispose();
  console.log(`${name}: heard over two hubs, came back to a killed one, was closed in ${Date.now() - at} ms`);
}

try {
  server = await postgres();
  writeFileSync(join(folder, "secret"), "07".repeat(32) + "\n", { mode: 0o600 });
  await hub(0, server.url);
  await hub(1, server.url);
  const people = await (await fetch(`http://${addresses[1]}/graphiql/people`)).json();
  const tokens = Object.fromEntries(people.map((p) => [p.Email, p.Token]));
  await atOnce("coordinator.bf@demo", "BF", tokens);
  await test("graphql-sse", "coordinator.bf@demo", "BF", "CD", tokens, server.url);
  await test("graphql-ws", "coordinator.cd@demo", "CD", "BF", tokens, server.url);
} finally {
  end();
}
