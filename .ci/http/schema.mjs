// The schema against the one that was announced (graph/announced.graphqls): a change that breaks clients must stand in
// graph/CHANGELOG.md, by its path (Type.field), and a deprecation must say the day from which it may go. With --announce
// it writes the announced schema anew, which a release does.
import { diff, CriticalityLevel } from "@graphql-inspector/core";
import { buildSchema, printSchema, visit, parse, print } from "graphql";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const graph = fileURLToPath(new URL("../../graph/", import.meta.url));
const files = ["hub.graphqls", ...readdirSync(graph + "generated/schema").sort().map((f) => "generated/schema/" + f)];
const now = files.map((f) => readFileSync(graph + f, "utf8")).join("\n");

if (process.argv[2] === "--announce") {
  const bare = visit(parse(now), { enter: (node) => (node.description ? { ...node, description: undefined } : undefined) });
  writeFileSync(graph + "announced.graphqls", "# The schema as it was announced last: node .ci/http/schema.mjs --announce.\n" + print(bare) + "\n");
  process.exit(0);
}

const wrong = [];
const schema = buildSchema(now);
const announced = buildSchema(readFileSync(graph + "announced.graphqls", "utf8"));
const changelog = readFileSync(graph + "CHANGELOG.md", "utf8");
const changes = await diff(announced, schema);
const breaking = changes.filter((c) => c.criticality.level === CriticalityLevel.Breaking);
for (const c of breaking) if (!changelog.includes("`" + c.path + "`")) wrong.push(`breaks clients and is not in graph/CHANGELOG.md: ${c.path}: ${c.message}`);

const reasons = /directive|@deprecated\((?:reason:\s*"([^"]*)")?\)/g;
for (const [text, reason] of printSchema(schema).matchAll(reasons))
  if (text.startsWith("@deprecated") && !/\b20\d\d-\d\d-\d\d\b/.test(reason ?? "")) wrong.push(`a deprecation names no day: ${text}`);

if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`The schema holds what was announced: ${changes.length} changes since, ${breaking.length} of them breaking and announced.`);
