"use strict";
// The page around GraphiQL. Its bar chooses the user, the purpose of use and the language of the requests. Tokens and
// operations stay in the memory of this page. It asks the hub by paths beside its own, because the hub may have a path
// on its host.
const field = (id) => document.getElementById(id);
const everyPurpose = ["services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"];
let people = [];

/** Adds an option to a select element. */
function addOption(select, value, text = value) {
  const o = document.createElement("option");
  o.value = value;
  o.textContent = text;
  select.append(o);
}

/** Leaves a select element with only the option of choosing nothing. The key names the text of that option. */
function clearOptions(select, key) {
  select.replaceChildren();
  addOption(select, "", texts[key][languageIndex()]);
  select.options[0].dataset.text = key;
}

/** The index of the chosen language in languages. */
const languageIndex = () => languages.indexOf(field("language").value);

/** Shows the texts of the page and the roles of the people in the chosen language. */
function showTexts() {
  document.documentElement.lang = field("language").value;
  field("bar").setAttribute("aria-label", texts.who[languageIndex()]);
  for (const e of document.querySelectorAll("[data-text]")) e.textContent = texts[e.dataset.text][languageIndex()];
  for (const o of field("person").options) {
    const person = people.find((p) => p.Token === o.value);
    if (person) o.textContent = person.Email + " – " + person.Role[languageIndex()];
  }
}

/** The headers of a request, from the choices in the bar. */
function headers(accept) {
  const out = { "Content-Type": "application/json", Accept: accept, "Accept-Language": field("language").value };
  if (field("token").value) out.Authorization = "Bearer " + field("token").value;
  if (field("purpose").value) out["Purpose-Of-Use"] = field("purpose").value;
  if (field("grant").value) out["Audit-Grant"] = field("grant").value;
  return out;
}

const json = "application/graphql-response+json, application/json";

/** Sends a query or mutation and returns the response. */
async function send(params, requestHeaders = headers(json)) {
  const response = await fetch("graphql", { method: "POST", headers: requestHeaders, body: JSON.stringify(params) });
  return response.json();
}

/** Returns the events of a subscription one by one, until GraphiQL stops it. */
function subscribe(params) {
  const stop = new AbortController();
  async function* events() {
    const response = await fetch("graphql", {
      method: "POST", headers: headers("text/event-stream"), body: JSON.stringify(params), signal: stop.signal,
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const dataLines = block.split("\n").filter((line) => line.startsWith("data: "));
        const data = dataLines.map((line) => line.slice(6)).join("");
        if (data) yield JSON.parse(data);
      }
    }
  }
  const all = events();
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => all.next().catch((e) => (stop.signal.aborted ? { done: true } : Promise.reject(e))),
    return() { stop.abort(); return Promise.resolve({ done: true }); },
  };
}

/**
 * Executes an operation for GraphiQL. For a moment after a tab is opened, GraphiQL still sends the operation name of
 * the previous tab, so a name that the document does not have is left out.
 */
function fetcher({ query, variables, operationName }) {
  const operations = [...query.replaceAll(/#.*/g, "").matchAll(/(query|mutation|subscription)\s+(\w+)/g)];
  const named = operations.find(([, , name]) => name === operationName);
  const params = { query, variables, operationName: named && operationName };
  return (named ?? operations[0])?.[1] === "subscription" ? subscribe(params) : send(params);
}

/** Fills the bar with the token, the purposes and the audit grants of the chosen person. */
async function choosePerson() {
  const person = people.find((p) => p.Token === field("person").value);
  field("token").value = person?.Token ?? "";
  clearOptions(field("purpose"), "none");
  for (const purpose of person ? person.Purposes ?? [] : everyPurpose) addOption(field("purpose"), purpose);
  field("grant").replaceChildren();
  field("granted").hidden = true;
  await loadGrants();
}

/** Offers the audit grants of the user with the present token. Without any, the choice stays hidden. */
async function loadGrants() {
  clearOptions(field("grant"), "noGrant");
  const query = "{ viewer { user { auditGrants(first: 100) { nodes { id engagement } } } } }";
  const response = field("token").value && await send({ query });
  const found = response?.data?.viewer?.user?.auditGrants.nodes ?? [];
  for (const grant of found) addOption(field("grant"), grant.id, grant.engagement);
  field("granted").hidden = found.length === 0;
}

/**
 * Returns the ids of rows for the variables of the examples. In a demonstration these are rows that the child
 * protection officer sees. Elsewhere the ids are left to fill in.
 */
async function knownRows() {
  const officer = people.find((p) => p.Email === "protection.bf@demo");
  const query = `{
    caseFiles(first: 1, where: { status: { eq: OPEN } }, orderBy: [{ field: CODE }]) {
      nodes { id version country { id } }
    }
  }`;
  const asOfficer = officer && { "Content-Type": "application/json", Authorization: "Bearer " + officer.Token };
  const response = officer && await send({ query }, asOfficer);
  const row = response?.data?.caseFiles.nodes[0];
  return row ? { ...row, country: row.country.id } : { id: "…", version: 1, country: "…" };
}

/** A storage for GraphiQL that is lost with the page, because documents may hold data about children. */
function memoryStorage() {
  const items = new Map();
  return {
    getItem: (k) => items.get(k) ?? null,
    setItem: (k, v) => items.set(k, v),
    removeItem: (k) => items.delete(k),
    clear: () => items.clear(),
    get length() { return items.size; },
  };
}

async function start() {
  const preferred = navigator.languages.map((tag) => tag.split("-")[0].toLowerCase());
  field("language").value = preferred.find((language) => languages.includes(language)) ?? languages[0];
  showTexts();
  people = await fetch("graphiql/people").then((r) => r.json());
  for (const p of people) addOption(field("person"), p.Token);
  showTexts();
  if (people.length) field("person").selectedIndex = 1;
  const [known] = await Promise.all([knownRows(), choosePerson()]);
  const tabs = examples(known, languageIndex()).map(({ query, variables }) => (
    { query, variables: variables && JSON.stringify(variables, null, 2) }
  ));
  delete field("graphiql").dataset.text;
  const settings = {
    fetcher, defaultTabs: tabs, storage: memoryStorage(), shouldPersistHeaders: false, isHeadersEditorEnabled: false,
  };
  ReactDOM.createRoot(field("graphiql")).render(React.createElement(GraphiQL, settings));
}

field("person").addEventListener("change", choosePerson);
field("language").addEventListener("change", showTexts);
field("token").addEventListener("change", loadGrants);
field("bar").addEventListener("submit", (e) => e.preventDefault());
start();
