// The rules for a change of the schema. A change that breaks clients must be in the section Unreleased of
// graph/CHANGELOG.md, in words for this change alone. These are "`Type.field` is removed", "is `other`" (its new
// name), "is of `NewType`", "is without `Interface`" and "is C2 NONE" (its class). A new deprecation must name the
// day from which the field may be removed, at least six months ahead.
import { diff, CriticalityLevel } from "@graphql-inspector/core";
import { buildSchema, Kind, parse, valueFromASTUntyped, visit } from "graphql";

/** What is wrong with a schema, after the one that was announced, on a day; and how many changes there are. */
export async function check(announced, now, changelog, today) {
  const wrong = [];
  const changes = await diff(buildSchema(announced), buildSchema(now));
  const breaking = changes.filter((c) => c.criticality.level === CriticalityLevel.Breaking).map((c) => ({ path: c.path, message: c.message, as: words(c) }));
  const [classes, before] = [marks(now, "class"), marks(announced, "class")];
  const there = paths(now);
  for (const [path, { level, identifies }] of before) {
    const is = classes.get(path);
    if (there.has(path) && (is?.level !== level || is?.identifies !== identifies))
      breaking.push({ path, message: `its class was ${level} ${identifies}`, as: is ? `${is.level} ${is.identifies}` : "of no class" });
  }
  const said = unreleased(changelog);
  for (const { path, message, as } of breaking)
    if (!says(said, path, as, there)) wrong.push(`breaks clients and is not in graph/CHANGELOG.md under Unreleased, as \`${path}\` is ${as}: ${message}`);

  const known = marks(announced, "deprecated");
  const earliest = new Date(today);
  earliest.setUTCMonth(earliest.getUTCMonth() + 6);
  for (const [path, { reason }] of marks(now, "deprecated")) {
    const day = /\b\d{4}-\d\d-\d\d\b/.exec(reason)?.[0];
    if (!day || Number.isNaN(Date.parse(day))) wrong.push(`a deprecation names no day: ${path}`);
    else if (known.get(path)?.reason !== reason && new Date(day) < earliest) wrong.push(`a deprecation that is not announced yet leaves less than six months: ${path}: ${reason}`);
  }
  return { wrong, changes: changes.length, breaking: breaking.length };
}

/** Closes what is unreleased in the changelog: a release announces it. */
export const release = (changelog, day) => changelog.replace("## Unreleased\n", `## Unreleased\n\n## ${day}\n`);

const unreleased = (changelog) => /^## Unreleased$(.*?)(?=^## |$(?![^]))/ms.exec(changelog)?.[1].replace(/\s+/g, " ") ?? "";

/** The words by which the changelog says a change of graphql-inspector's; none, where its path alone says it. */
function words({ type, meta }) {
  const less = meta.removedInterfaceName ?? meta.removedUnionMemberTypeName ?? meta.removedTypeName;
  if (less && type !== "TYPE_REMOVED") return `without \`${less}\``;
  if (type.endsWith("REMOVED")) return "removed";
  const to = meta.newFieldType ?? meta.newInputFieldType ?? meta.newArgumentType;
  return to ? `of \`${to}\`` : "";
}

/** Reports whether the changelog says of a path that it "is" so; other paths may stand beside it. */
function says(text, path, as, there) {
  const quote = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  let so = quote(as);
  if (as === "removed") so = `(?:removed|\`(?:${beside(path, there).join("|")})\`)`;
  const type = /^of `(.*)`$/.exec(as)?.[1];
  if (type) so = `of [^.:]*\`(?:${quote(type)}|${type.match(/\w+/)[0].replace(/(List)?Filter$/, "")})\``;
  return new RegExp("`" + quote(path) + "`" + (as && `(?:,? (?:and )?\`[^\`]+\`)* (?:is|are) ${so}`)).test(text);
}

/** The names that stand in the same type. */
function beside(path, there) {
  const type = path.slice(0, path.lastIndexOf(".") + 1);
  return [...there].filter((p) => p.startsWith(type) && !p.slice(type.length).includes(".")).map((p) => p.slice(type.length));
}

/** What stands in a schema with a directive, by its path, with the directive's arguments. */
function marks(sdl, directive) {
  const found = new Map();
  walk(sdl, (path, node) => {
    const mark = node.directives?.find((d) => d.name.value === directive);
    if (mark) found.set(path, Object.fromEntries(mark.arguments.map((a) => [a.name.value, valueFromASTUntyped(a.value)])));
  });
  return found;
}

function paths(sdl) {
  const found = new Set();
  walk(sdl, (path) => found.add(path));
  return found;
}

/** Visits all that is defined: types, fields, arguments, values of enums. */
function walk(sdl, see) {
  const at = [];
  const defines = (node) => /Definition|Extension/.test(node.kind) && node.kind !== Kind.SCHEMA_DEFINITION && node.name;
  visit(parse(sdl), {
    enter: (node) => { if (defines(node)) { at.push(node.name.value); see(at.join("."), node); } },
    leave: (node) => { if (defines(node)) at.pop(); },
  });
}
