"use strict";
// The page around GraphiQL: who asks, why, and in which language. Tokens and operations stay in this page's memory.
const field = (id) => document.getElementById(id);
const everyPurpose = ["services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"];
let people = [];

function option(select, value, text = value) {
  const o = document.createElement("option");
  o.value = value;
  o.textContent = text;
  select.append(o);
}

/** The option of choosing nothing, by its word. */
function nothing(select, word) {
  select.replaceChildren();
  option(select, "", words[word][at()]);
  select.options[0].dataset.word = word;
}

/** The place of the chosen language among those of the hub. */
const at = () => languages.indexOf(field("language").value);

/** Says the page's words, and what people do, in the chosen language. */
function speak() {
  document.documentElement.lang = field("language").value;
  field("bar").setAttribute("aria-label", words.who[at()]);
  for (const e of document.querySelectorAll("[data-word]")) e.textContent = words[e.dataset.word][at()];
  for (const o of field("person").options) {
    const person = people.find((p) => p.Token === o.value);
    if (person) o.textContent = person.Email + " – " + person.Role[at()];
  }
}

/** What a request carries beside its body. */
function headers(accept) {
  const out = { "Content-Type": "application/json", Accept: accept, "Accept-Language": field("language").value };
  if (field("token").value) out.Authorization = "Bearer " + field("token").value;
  if (field("purpose").value) out["Purpose-Of-Use"] = field("purpose").value;
  if (field("grant").value) out["Audit-Grant"] = field("grant").value;
  return out;
}

const json = "application/graphql-response+json, application/json";
const ask = (params, own = headers(json)) => fetch("/graphql", { method: "POST", headers: own, body: JSON.stringify(params) }).then((answer) => answer.json());

/** The events of a subscription, one after the other, until the person stops it. */
function listen(params) {
  const gone = new AbortController();
  async function* events() {
    const answer = await fetch("/graphql", { method: "POST", headers: headers("text/event-stream"), body: JSON.stringify(params), signal: gone.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("");
        if (data) yield JSON.parse(data);
      }
    }
  }
  const all = events();
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => all.next().catch((e) => (gone.signal.aborted ? { done: true } : Promise.reject(e))),
    return() { gone.abort(); return Promise.resolve({ done: true }); },
  };
}

/** GraphiQL names the operation of the tab before for a moment after a tab is opened: a name that is not there is left out. */
function fetcher({ query, variables, operationName }) {
  const operations = [...query.replaceAll(/#.*/g, "").matchAll(/(query|mutation|subscription)\s+(\w+)/g)];
  const named = operations.find(([, , name]) => name === operationName);
  const params = { query, variables, operationName: named && operationName };
  return (named ?? operations[0])?.[1] === "subscription" ? listen(params) : ask(params);
}

/** A person has a token, purposes that the person's roles may state, and perhaps audit grants, of which one is used. */
async function choose() {
  const person = people.find((p) => p.Token === field("person").value);
  field("token").value = person?.Token ?? "";
  nothing(field("purpose"), "none");
  for (const purpose of person ? person.Purposes ?? [] : everyPurpose) option(field("purpose"), purpose);
  field("grant").replaceChildren();
  field("granted").hidden = true;
  await grants();
}

async function grants() {
  nothing(field("grant"), "noGrant");
  const answer = field("token").value && await ask({ query: "{ viewer { user { auditGrants(first: 100) { nodes { id engagement } } } } }" });
  const found = answer?.data?.viewer?.user?.auditGrants.nodes ?? [];
  for (const grant of found) option(field("grant"), grant.id, grant.engagement);
  field("granted").hidden = found.length === 0;
}

/** Rows that the examples name: on a demonstration, those that its child protection officer sees. */
async function knownRows() {
  const officer = people.find((p) => p.Email === "protection.bf@demo");
  const query = `{ caseFiles(first: 1, where: { status: { eq: OPEN } }, orderBy: [{ field: CODE }]) { nodes { id version country { id } } } }`;
  const answer = officer && await ask({ query }, { "Content-Type": "application/json", Authorization: "Bearer " + officer.Token });
  const row = answer?.data?.caseFiles.nodes[0];
  return row ? { ...row, country: row.country.id } : { id: "…", version: 1, country: "…" };
}

function memory() {
  const kept = new Map();
  return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k), clear: () => kept.clear(), get length() { return kept.size; } };
}

async function start() {
  const own = navigator.languages.map((tag) => tag.split("-")[0].toLowerCase());
  field("language").value = own.find((language) => languages.includes(language)) ?? languages[0];
  speak();
  people = await fetch("/graphiql/people").then((r) => r.json());
  for (const p of people) option(field("person"), p.Token);
  speak();
  if (people.length) field("person").selectedIndex = 1;
  const [known] = await Promise.all([knownRows(), choose()]);
  const tabs = examples(known, at()).map(({ query, variables }) => ({ query, variables: variables && JSON.stringify(variables, null, 2) }));
  delete field("graphiql").dataset.word;
  const settings = { fetcher, defaultTabs: tabs, storage: memory(), shouldPersistHeaders: false, isHeadersEditorEnabled: false };
  ReactDOM.createRoot(field("graphiql")).render(React.createElement(GraphiQL, settings));
}

field("person").addEventListener("change", choose);
field("language").addEventListener("change", speak);
field("token").addEventListener("change", grants);
field("bar").addEventListener("submit", (e) => e.preventDefault());
start();
