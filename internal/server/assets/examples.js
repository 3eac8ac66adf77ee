"use strict";
/** Comment lines, in the language at a place among those of the hub. */
const comment = (at) => (...texts) => texts[at].replaceAll(/^/gm, "# ") + "\n";

// The operations that GraphiQL opens with, one in each tab. Variables are taken from rows that a person of the
// demonstration sees ("known"); elsewhere they are to be filled in.
const examples = (known, at, about = comment(at)) => [
  {
    query: about(`A list, a page at a time. For the next page, send as after
the endCursor of this one; backwards: last and before.`,
      `Une liste, une page à la fois. Pour la page suivante, envoyez
en after l'endCursor de celle-ci; en arrière: last et before.`,
      `Una lista, página a página. Para la siguiente, envíe como
after el endCursor de esta; hacia atrás: last y before.`) + `query Pages($first: Int, $after: String) {
  interventions(first: $first, after: $after, orderBy: [{ field: START_YEAR, direction: DESC }]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { code title status country { name } partners(first: 3) { nodes { name } } }
  }
}`,
    variables: { first: 5 },
  },
  {
    query: about(`Conditions reach over edges: interventions in Burkina Faso
with a ministry among their partners.`,
      `Les conditions portent aussi sur les fiches liées: les
interventions au Burkina Faso avec un ministère partenaire.`,
      `Las condiciones alcanzan también los registros vinculados:
intervenciones en Burkina Faso con un ministerio como socio.`) + `query ByEdge {
  interventions(
    where: { country: { iso2: { eq: "BF" } }, partners: { some: { name: { contains: "Minist" } } } }
  ) {
    totalCount
    nodes { code title partners { nodes { name type } } }
  }
}`,
  },
  {
    query: about(`Cases of children. As coordinator.bf@demo: without identity.
As protection.bf@demo with the purpose "services": in clear
where a consent covers it. What is null by rule is named by
masked; the docs (left) say the class of each field.`,
      `Des dossiers d'enfants. En tant que coordinator.bf@demo: sans
identité. En tant que protection.bf@demo avec la finalité
"services": en clair là où un consentement le couvre. Ce qui
est nul par règle est nommé par masked; la documentation
(à gauche) dit la classe de chaque champ.`,
      `Casos de niños y niñas. Como coordinator.bf@demo: sin
identidad. Como protection.bf@demo con la finalidad
"services": en claro donde lo cubre un consentimiento. Lo que
es nulo por regla lo nombra masked; la documentación
(a la izquierda) dice la clase de cada campo.`) + `query Cases {
  caseFiles(first: 10, where: { status: { eq: OPEN } }, orderBy: [{ field: CODE }]) {
    totalCount
    nodes { id version code stage risk masked child { caseCode givenName familyName ageBand masked } }
  }
}`,
  },
  {
    query: about(`One row by its id, with what you may do to it.`,
      `Une fiche par son identifiant, et ce que vous pouvez en faire.`,
      `Un registro por su identificador, y lo que puede hacer con él.`) + `query Detail($id: ID!) {
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
    query: about(`Any row by its id, of whatever type. What is hidden and what
is not there look alike: null.`,
      `Une fiche de n'importe quel type, par son identifiant. Ce qui
est caché et ce qui n'existe pas se ressemblent: null.`,
      `Un registro de cualquier tipo, por su identificador. Lo oculto
y lo que no existe se parecen: null.`) + `query AnyRow($id: ID!) {
  node(id: $id) { __typename id ... on CaseFile { code risk } ... on Child { caseCode ageBand } }
}`,
    variables: { id: known.id },
  },
  {
    query: about(`As protection.bf@demo. A change sends the version that was
read. Run it twice: the second time the version is old, and
the answer is CONFLICT.`,
      `En tant que protection.bf@demo. Un changement envoie la
version lue. Exécutez-le deux fois: la seconde fois, la
version est ancienne, et la réponse est CONFLICT.`,
      `Como protection.bf@demo. Un cambio envía la versión leída.
Ejecútelo dos veces: la segunda vez la versión es antigua, y
la respuesta es CONFLICT.`) + `mutation ChangeRisk($input: UpdateCaseFileInput!) {
  updateCaseFile(input: $input) { caseFile { id version risk } }
}`,
    variables: { input: { id: known.id, version: known.version, risk: "HIGH" } },
  },
  {
    query: about(`A child in danger cannot wait for a consent. As
protection.bf@demo, with a purpose: opens the record for some
hours; it is recorded, and somebody else reviews it. It
answers alike whether or not anybody has the code.`,
      `Un enfant en danger ne peut attendre un consentement. En tant
que protection.bf@demo, avec une finalité: ouvre le dossier
pour quelques heures; c'est consigné, et quelqu'un d'autre
l'examine. La réponse est la même, que le code existe ou non.`,
      `Un niño o una niña en peligro no puede esperar un
consentimiento. Como protection.bf@demo, con una finalidad:
abre el expediente por unas horas; queda registrado, y otra
persona lo revisa. Responde igual exista o no el código.`) + `mutation Emergency($input: OpenEmergencyAccessInput!) {
  openEmergencyAccess(input: $input) { emergencyAccess { id validUntil } }
}`,
    variables: { input: { countryId: known.country, caseCode: "BF-00012", reason: "Threatened at home", hours: 1 } },
  },
  {
    query: about(`What changes in your view, as it happens. Leave it running,
and let somebody else change a case.`,
      `Ce qui change dans votre vue, au moment même. Laissez tourner,
et que quelqu'un d'autre change un dossier.`,
      `Lo que cambia en su vista, según ocurre. Déjelo en marcha, y
que otra persona cambie un caso.`) + `subscription Changes {
  changed(types: [CaseFile]) { id type kind token }
}`,
  },
  {
    query: about(`What changed since you last asked, for offices that work
offline: keep the token, and send it the next time.`,
      `Ce qui a changé depuis votre dernière demande, pour les
bureaux qui travaillent hors ligne: gardez le token, et
renvoyez-le la fois suivante.`,
      `Lo que cambió desde la última vez que preguntó, para oficinas
que trabajan sin conexión: guarde el token, y envíelo la
próxima vez.`) + `query Since($token: String) {
  changesSince(token: $token, types: [CaseFile], first: 5) {
    token hasMore
    changes { kind id node { ... on CaseFile { code risk stage } } }
  }
}`,
  },
  {
    query: about(`Who you are, and what you may do.`,
      `Qui vous êtes, et ce que vous pouvez faire.`,
      `Quién es usted, y lo que puede hacer.`) + `query Viewer {
  viewer { user { displayName email roleAssignments { nodes { role validUntil } } } purpose languages mayCreate }
}`,
  },
];
