// Runs the public audits "GraphQL over HTTP" of graphql-http against a started demonstration. It accepts no error, no
// warning, and only the notices below, each with its reason.
import { serverAudits } from "graphql-http";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";

// GET is for registered documents only, because every proxy on the way logs the text of a URL.
const notices = { "5A70": "GET with a text", D6D5: "GET with a text and variables", "6A70": "the same, in plain JSON" };

const address = "127.0.0.1:18081";
const hub = spawn(process.argv[2], ["serve", "--demo", "--listen", address], { stdio: ["ignore", "pipe", "inherit"] });
try {
  await once(hub.stdout, "data");
  const people = await (await fetch(`http://${address}/graphiql/people`)).json();
  const token = people.find((p) => p.Email === "manager@demo").Token;
  const signedIn = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
  const found = { ok: 0, notice: [], warn: [], error: [] };
  for (const audit of serverAudits({ url: `http://${address}/graphql`, fetchFn: signedIn })) {
    const result = await audit.fn();
    if (result.status === "ok") found.ok++;
    else found[result.status].push(`${audit.id} ${audit.name}: ${result.reason}`);
  }
  assert.deepEqual(found.error, [], "errors");
  assert.deepEqual(found.warn, [], "warnings");
  const unexplained = found.notice.filter((n) => !notices[n.slice(0, 4)]);
  assert.deepEqual(unexplained, [], "notices without a reason");
  assert.ok(found.notice.length <= 3, "notices");
  console.log(`GraphQL over HTTP: ${found.ok} audits hold, ${found.notice.length} notices.`);
} finally {
  hub.kill("SIGINT");
  await once(hub, "exit");
}
