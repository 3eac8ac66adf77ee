"use strict";
// The operations that GraphiQL opens with, one in each tab. Variables are taken from rows that a person of the
// demonstration sees ("known"); elsewhere they are to be filled in.
const examples = (known) => [
  {
    query: `# A list, a page at a time. For the next page, send as after
# the endCursor of this one; backwards: last and before.
query Pages($first: Int, $after: String) {
  interventions(first: $first, after: $after, orderBy: [{ field: START_YEAR, direction: DESC }]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { code title status country { name } partners(first: 3) { nodes { name } } }
  }
}`,
    variables: { first: 5 },
  },
  {
    query: `# Conditions reach over edges: interventions in Burkina Faso
# with a ministry among their partners.
query ByEdge {
  interventions(
    where: { country: { iso2: { eq: "BF" } }, partners: { some: { name: { contains: "Minist" } } } }
  ) {
    totalCount
    nodes { code title partners { nodes { name type } } }
  }
}`,
  },
  {
    query: `# Cases of children. As coordinator.bf@demo: without identity.
# As protection.bf@demo with the purpose "services": in clear
# where a consent covers it. What is null by rule is named by
# masked; the docs (left) say the class of each field.
query Cases {
  caseFiles(first: 10, where: { status: { eq: OPEN } }, orderBy: [{ field: CODE }]) {
    totalCount
    nodes { id version code stage risk masked child { caseCode givenName familyName ageBand masked } }
  }
}`,
  },
  {
    query: `# One row by its id, with what you may do to it.
query Detail($id: ID!) {
  caseFile(id: $id) {
    code openedOn risk stage summary masked
    access { canUpdate canDelete canApprove }
    child { caseCode givenName birthDate ageBand sex masked place { name } }
    owner { displayName }
  }
}`,
    variables: { id: known.id },
  },
  {
    query: `# Any row by its id, of whatever type. What is hidden and what
# is not there look alike: null.
query AnyRow($id: ID!) {
  node(id: $id) { __typename id ... on CaseFile { code risk } ... on Child { caseCode ageBand } }
}`,
    variables: { id: known.id },
  },
  {
    query: `# As protection.bf@demo. A change sends the version that was
# read. Run it twice: the second time the version is old, and
# the answer is CONFLICT.
mutation ChangeRisk($input: UpdateCaseFileInput!) {
  updateCaseFile(input: $input) { caseFile { id version risk } }
}`,
    variables: { input: { id: known.id, version: known.version, risk: "HIGH" } },
  },
  {
    query: `# A child in danger cannot wait for a consent. As
# protection.bf@demo, with a purpose: opens the record for some
# hours; it is recorded, and somebody else reviews it. It
# answers alike whether or not anybody has the code.
mutation Emergency($input: OpenEmergencyAccessInput!) {
  openEmergencyAccess(input: $input) { emergencyAccess { id validUntil } }
}`,
    variables: { input: { countryId: known.country, caseCode: "BF-00012", reason: "Threatened at home", hours: 1 } },
  },
  {
    query: `# What changes in your view, as it happens. Leave it running,
# and let somebody else change a case.
subscription Changes {
  changed(types: [CaseFile]) { id type kind token }
}`,
  },
  {
    query: `# What changed since you last asked, for offices that work
# offline: keep the token, and send it the next time.
query Since($token: String) {
  changesSince(token: $token, types: [CaseFile], first: 5) {
    token hasMore
    changes { kind id node { ... on CaseFile { code risk stage } } }
  }
}`,
  },
  {
    query: `# Who you are, and what you may do.
query Viewer {
  viewer { user { displayName email roleAssignments { nodes { role validUntil } } } purpose languages mayCreate }
}`,
  },
];
