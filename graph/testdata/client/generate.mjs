// Writes the types of src/*.graphql and the classes of their fields from the schema of the hub. With --check it writes
// nothing and fails when a file is not current.
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, getNamedType, parse, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const hub = new URL("../../", import.meta.url).pathname;
const files = [`${hub}hub.graphqls`, ...readdirSync(`${hub}generated/schema`).map((name) => `${hub}generated/schema/${name}`)];
const schema = buildSchema(files.map((path) => readFileSync(path, "utf8")).join("\n"));
const asked = readdirSync("src").filter((name) => name.endsWith(".graphql")).map((name) => ({ location: name, document: parse(readFileSync(`src/${name}`, "utf8")) }));

const types = await codegen({
  filename: "generated.ts",
  schema: parse("type Query"),
  schemaAst: schema,
  documents: asked,
  config: {
    scalars: { ID: "string", DateTime: "string", Date: "string", Decimal: "string" },
    enumType: "string-literal",
    useTypeImports: true,
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
});

// The classes that the directive @class gives to the selected fields.
const classes = {};
const info = new TypeInfo(schema);
for (const { document } of asked) {
  visit(document, visitWithTypeInfo(info, { Field: () => {
    const of = info.getFieldDef()?.astNode?.directives?.find((d) => d.name.value === "class");
    if (!of) return;
    const told = Object.fromEntries(of.arguments.map((a) => [a.name.value, a.value.value]));
    (classes[getNamedType(info.getParentType()).name] ??= {})[info.getFieldDef().name] = `${told.level} ${told.identifies}`;
  } }));
}

const mark = "// Written by generate.mjs from the hub's schema, DO NOT EDIT.\n";
const written = {
  "src/generated.ts": mark + types,
  "src/classes.ts": `${mark}/** How sensitive a field is, and how far it identifies a person: the directive @class of the schema. */\nexport const classes: Record<string, Record<string, string>> = ${JSON.stringify(classes, null, 2)};\n`,
};
for (const [path, text] of Object.entries(written)) {
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) throw new Error(`${path} is not current: run npm run generate`);
}
