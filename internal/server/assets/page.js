"use strict";
// The page around GraphiQL: who asks, why, and in which language. The token stays in this page's memory.
const examples = `# Example queries. Put the cursor in one and press the play button.

query Countries {
  countries(first: 5, where: { offices: { some: {} } }) {
    totalCount
    nodes { iso2 name offices(first: 3) { nodes { name kind } } }
  }
}

query Interventions {
  interventions(first: 10, orderBy: [{ field: START_YEAR, direction: DESC }]) {
    pageInfo { hasNextPage endCursor }
    nodes { code title status country { name } partners(first: 5) { nodes { name } } }
  }
}

# As coordinator.bf@demo: the case list, without identity. As protection.bf@demo with the purpose "services": in clear.
query Cases {
  caseFiles(first: 10, where: { status: { eq: OPEN } }) {
    totalCount
    nodes { code stage risk masked child { caseCode givenName familyName ageBand masked } }
  }
}

query Viewer {
  viewer { user { displayName email roleAssignments { nodes { role validUntil } } } purpose languages mayCreate }
}
`;
const field = (id) => document.getElementById(id);
fetch("/graphiql/people").then((r) => r.json()).then((people) => {
  for (const p of people) {
    const o = document.createElement("option");
    o.value = p.Token;
    o.textContent = p.Email + " – " + p.Role;
    field("person").append(o);
  }
  if (people.length) { field("person").selectedIndex = 1; field("token").value = people[0].Token; }
  start();
});
field("person").addEventListener("change", () => { field("token").value = field("person").value; });
field("bar").addEventListener("submit", (e) => e.preventDefault());
async function fetcher(params) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json", "Accept-Language": field("language").value };
  if (field("token").value) headers.Authorization = "Bearer " + field("token").value;
  if (field("purpose").value) headers["Purpose-Of-Use"] = field("purpose").value;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(params) });
  return answer.json();
}
function start() {
  ReactDOM.createRoot(field("graphiql")).render(React.createElement(GraphiQL, { fetcher, defaultQuery: examples, shouldPersistHeaders: false, isHeadersEditorEnabled: false }));
}
