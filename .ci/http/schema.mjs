// Compares the schema with the announced one (graph/announced.graphqls) by the rules of rules.mjs. A release runs it
// with --announce, which rewrites the announced schema and closes the section Unreleased of graph/CHANGELOG.md.
import { visit, parse, print } from "graphql";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { check, release } from "./rules.mjs";
import { test } from "./rules_test.mjs";

const graph = fileURLToPath(new URL("../../graph/", import.meta.url));
const files = ["hub.graphqls", ...readdirSync(graph + "generated/schema").sort().map((f) => "generated/schema/" + f)];
const now = files.map((f) => readFileSync(graph + f, "utf8")).join("\n");

const changelog = readFileSync(graph + "CHANGELOG.md", "utf8");
const today = new Date().toISOString().slice(0, 10);

if (process.argv[2] === "--announce") {
  const bare = visit(parse(now), { enter: (node) => (node.description ? { ...node, description: undefined } : undefined) });
  writeFileSync(graph + "announced.graphqls", "# The schema as it was announced last: node .ci/http/schema.mjs --announce.\n" + print(bare) + "\n");
  writeFileSync(graph + "CHANGELOG.md", release(changelog, today));
  process.exit(0);
}

await test();
const { wrong, changes, breaking } = await check(readFileSync(graph + "announced.graphqls", "utf8"), now, changelog, today);
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`The schema holds what was announced: ${changes} changes since, ${breaking} of them breaking and announced.`);
