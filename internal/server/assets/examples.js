"use strict";
/** Returns a function that takes a text in each language and returns the chosen text as comment lines. */
const comment = (languageIndex) => (...texts) => texts[languageIndex].replaceAll(/^/gm, "# ") + "\n";

// The operations that GraphiQL opens with, one in each tab. The argument known holds ids for their variables, from
// knownRows.
const examples = (known, languageIndex, about = comment(languageIndex)) => [
  {
    query: about(`A list, a page at a time. For the next page, send the
endCursor of this page as after. To go backwards, use last
and before.`,
      `Une liste, une page à la fois. Pour la page suivante, envoyez
l'endCursor de cette page en after. Pour revenir en arrière,
utilisez last et before.`,
      `Una lista, página a página. Para la página siguiente, envíe
el endCursor de esta página como after. Para ir hacia atrás,
use last y before.`) + `query Pages($first: Int, $after: String) {
  interventions(first: $first, after: $after, orderBy: [{ field: START_YEAR, direction: DESC }]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { code title status country { name } partners(first: 3) { nodes { name } } }
  }
}`,
    variables: { first: 5 },
  },
  {
    query: about(`Conditions may use linked records. This lists interventions in
Burkina Faso with a ministry among their partners.`,
      `Les conditions portent aussi sur les fiches liées. Ici, les
interventions au Burkina Faso avec un ministère partenaire.`,
      `Las condiciones abarcan también los registros vinculados. Aquí,
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
    query: about(`Cases of children. As coordinator.bf@demo, you see no identity.
As protection.bf@demo with the purpose "services", you see the
identity if a consent covers it. The field masked lists the
fields that a rule hides. The docs (on the left) give the class
of each field.`,
      `Des dossiers d'enfants. En tant que coordinator.bf@demo, vous
ne voyez pas l'identité. En tant que protection.bf@demo avec
la finalité "services", vous la voyez si un consentement la
couvre. Le champ masked liste les champs qu'une règle masque.
La documentation (à gauche) donne la classe de chaque champ.`,
      `Casos de niños y niñas. Como coordinator.bf@demo, no ve la
identidad. Como protection.bf@demo con la finalidad "services",
la ve si un consentimiento la cubre. El campo masked enumera
los campos que una regla oculta. La documentación (a la
izquierda) da la clase de cada campo.`) + `query Cases {
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
    query: about(`Any row by its id, of any type. A hidden row and a missing row
are both null.`,
      `Une fiche de n'importe quel type, par son identifiant. Une
fiche cachée et une fiche inexistante sont toutes deux null.`,
      `Un registro de cualquier tipo, por su identificador. Un
registro oculto y uno inexistente son ambos null.`) + `query AnyRow($id: ID!) {
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
protection.bf@demo with a purpose, you open the record for
some hours. The access is recorded, and another person reviews
it. The answer is the same whether or not the code exists.`,
      `Un enfant en danger ne peut attendre un consentement. En tant
que protection.bf@demo avec une finalité, vous ouvrez le
dossier pour quelques heures. L'accès est consigné, et une
autre personne l'examine. La réponse est la même, que le code
existe ou non.`,
      `Un niño o una niña en peligro no puede esperar un
consentimiento. Como protection.bf@demo con una finalidad,
abre el expediente por unas horas. El acceso queda registrado,
y otra persona lo revisa. La respuesta es la misma exista o no
el código.`) + `mutation Emergency($input: OpenEmergencyAccessInput!) {
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
    query: about(`What changed since your last request, for offices that work
offline. Store the token, and send it the next time.`,
      `Ce qui a changé depuis votre dernière demande, pour les
bureaux qui travaillent hors ligne. Conservez le token, et
renvoyez-le la fois suivante.`,
      `Lo que cambió desde su última petición, para oficinas que
trabajan sin conexión. Guarde el token, y envíelo la próxima
vez.`) + `query Since($token: String) {
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
