package fault

import "maps"

// Translations holds the messages that callers of the API and of the command line see, in French and in Spanish, by
// their English formats. Messages that depend on a count are in countedMessages.
var Translations = mergeTranslations(
	rowTranslations, rightsTranslations, changeTranslations, requestTranslations, fileTranslations,
	formatTranslations, listeningTranslations, backupTranslations)

// mergeTranslations returns the union of the maps.
func mergeTranslations(all ...map[string]translation) map[string]translation {
	out := map[string]translation{}
	for _, translations := range all {
		maps.Copy(out, translations)
	}
	return out
}

// requestTranslations holds the messages about a request, its limits, and the rules of GraphQL.
var requestTranslations = map[string]translation{
	// The form of a request.
	"GET serves registered documents only. Name one by documentId, or send a POST request.": {
		"GET ne sert que les documents enregistrés. Nommez-en un par documentId, ou envoyez une requête POST.",
		"GET solo sirve documentos registrados. Nombre uno con documentId, o envíe una petición POST.",
	},
	"must be a JSON object.": {"doit être un objet JSON.", "debe ser un objeto JSON."},
	"GET serves queries of registered documents only. Send a POST request.": {
		"GET ne sert que les lectures de documents enregistrés. Envoyez une requête POST.",
		"GET solo sirve consultas de documentos registrados. Envíe una petición POST.",
	},
	"The request took too long. Request less, or try again.": {
		"La requête a pris trop de temps. Demandez moins, ou réessayez.",
		"La petición tardó demasiado. Pida menos, o inténtelo de nuevo.",
	},
	"must name an operation of the document. Only a document with one operation needs no name.": {
		"doit nommer une opération du document. Seul un document d'une seule opération peut s'en passer.",
		"debe nombrar una operación del documento. Solo un documento con una única operación no lo necesita.",
	},
	"The hub cannot answer this document. Check it against the schema.": {
		"Le serveur ne peut pas répondre à ce document. Vérifiez-le avec le schéma.",
		"El servidor no puede responder a este documento. Compruébelo con el esquema.",
	},
	"The variable $%s is null where the schema needs a value of type %s. " +
		"Send a value, or leave the variable out so that its default applies.": {
		"La variable $%s est nulle là où le schéma demande une valeur du type %s. " +
			"Envoyez une valeur, ou omettez la variable pour que sa valeur par défaut s'applique.",
		"La variable $%s es nula donde el esquema necesita un valor del tipo %s. " +
			"Envíe un valor, u omita la variable para que se aplique su valor por defecto.",
	},
	"The document is not GraphQL: it cannot be read on from here.": {
		"Le document n'est pas du GraphQL: il ne peut être lu à partir d'ici.",
		"El documento no es GraphQL: no se puede leer a partir de aquí.",
	},
	"The document has no operation.": {
		"Le document n'a pas d'opération.",
		"El documento no tiene ninguna operación.",
	},
	"Introspection is switched off on this hub.": {
		"L'introspection est désactivée sur ce serveur.",
		"La introspección está desactivada en este servidor.",
	},

	// Registered documents, and the Idempotency-Key.
	"The hub answers registered documents only. Register this document, then name it by its hash.": {
		"Le serveur ne répond qu'aux documents enregistrés. Enregistrez ce document, puis nommez-le par son " +
			"empreinte.",
		"El servidor solo responde a documentos registrados. Registre este documento y nómbrelo por su huella.",
	},
	"The hash is not the SHA-256 of the document. Compute it from the exact text.": {
		"L'empreinte n'est pas le SHA-256 du document. Calculez-la à partir du texte exact.",
		"La huella no es el SHA-256 del documento. Calcúlela a partir del texto exacto.",
	},
	"No document is registered with this documentId. Register it first, or send its text by POST.": {
		"Aucun document n'est enregistré avec ce documentId. Enregistrez-le d'abord, ou envoyez son texte par " +
			"POST.",
		"Ningún documento está registrado con este documentId. Regístrelo primero, o envíe su texto por POST.",
	},
	"PersistedQueryNotSupported": {"PersistedQueryNotSupported", "PersistedQueryNotSupported"},
	"must be 1.":                 {"doit être 1.", "debe ser 1."},
	"The body did not arrive within the time limit of a request. Try again, or send less at once.": {
		"Le corps n'est pas arrivé dans le délai d'une requête. Réessayez, ou envoyez moins à la fois.",
		"El cuerpo no llegó dentro del plazo de una petición. Inténtelo de nuevo, o envíe menos cada vez.",
	},
	"PersistedQueryNotFound": {"PersistedQueryNotFound", "PersistedQueryNotFound"},
	"A request with this Idempotency-Key is running. Wait for its answer, or ask again in a moment.": {
		"Une requête avec cette Idempotency-Key est en cours. Attendez sa réponse, ou redemandez dans un instant.",
		"Una petición con esta Idempotency-Key está en curso. Espere su respuesta, o pregunte de nuevo en un momento.",
	},
	"This Idempotency-Key was used for another request: use a new one.": {
		"Cette Idempotency-Key a servi à une autre requête: prenez-en une nouvelle.",
		"Esta Idempotency-Key se usó para otra petición: use una nueva.",
	},
	"This request was carried out before. Its answer may show a child's data, so it is not stored. Read the " +
		"row again.": {
		"Cette requête a déjà été exécutée. Sa réponse peut montrer des données d'un enfant et n'est donc pas " +
			"conservée. Relisez la fiche.",
		"Esta petición ya se ejecutó. Su respuesta puede mostrar datos de un niño o una niña, así que no se " +
			"guarda. Lea de nuevo el registro.",
	},
	"This request was carried out before, but your rights have changed since, so its answer is not shown. " +
		"Read the row again.": {
		"Cette requête a déjà été exécutée, mais vos droits ont changé depuis: sa réponse n'est pas montrée. " +
			"Relisez la fiche.",
		"Esta petición ya se ejecutó, pero sus derechos han cambiado desde entonces: su respuesta no se muestra. " +
			"Lea de nuevo el registro.",
	},
	"must be from 1 to %d printable characters.": {
		"doit avoir de 1 à %d caractères imprimables.",
		"debe tener de 1 a %d caracteres imprimibles.",
	},
	"createAccessToken takes no Idempotency-Key, because its answer would be stored and the secret in it may " +
		"be shown only once. Send it without the key. If no answer arrives, archive the token under accessTokens " +
		"and create another.": {
		"createAccessToken ne prend pas d'Idempotency-Key, car sa réponse serait conservée et son secret ne " +
			"doit être montré qu'une fois. Envoyez-la sans la clé. Si aucune réponse n'arrive, archivez le jeton " +
			"dans accessTokens et créez-en un autre.",
		"createAccessToken no admite Idempotency-Key, porque su respuesta se guardaría y su secreto solo debe " +
			"mostrarse una vez. Envíela sin la clave. Si no llega respuesta, archive el token en accessTokens y " +
			"cree otro.",
	},
	"A mutation with an Idempotency-Key must have one root field, outside any fragment. Send the other fields " +
		"in requests of their own.": {
		"Une mutation avec une Idempotency-Key doit avoir un seul champ racine, hors de tout fragment. Envoyez " +
			"les autres champs dans leurs propres requêtes.",
		"Una mutación con una Idempotency-Key debe tener un solo campo raíz, fuera de todo fragmento. Envíe " +
			"los demás campos en peticiones propias.",
	},

	"Pages of this origin may not use the hub. The operator can allow the origin with --allowed-origins.": {
		"Les pages de cette origine ne peuvent pas utiliser ce serveur. L'exploitant peut autoriser l'origine " +
			"par --allowed-origins.",
		"Las páginas de este origen no pueden usar este servidor. El operador puede permitir el origen con " +
			"--allowed-origins.",
	},

	// Limits.
	"The document has more than %d tokens: split it.": {
		"Le document a plus de %d jetons: divisez-le.",
		"El documento tiene más de %d símbolos: divídalo.",
	},
	"The document has %d operations; at most %d are allowed.": {
		"Le document a %d opérations; %d au plus sont permises.",
		"El documento tiene %d operaciones; se permiten %d como máximo.",
	},
	"The document has %d fragments; at most %d are allowed.": {
		"Le document a %d fragments; %d au plus sont permis.",
		"El documento tiene %d fragmentos; se permiten %d como máximo.",
	},
	"The document is %d fields deep; at most %d are allowed.": {
		"Le document a %d niveaux de champs; %d au plus sont permis.",
		"El documento tiene %d niveles de campos; se permiten %d como máximo.",
	},
	"The document has %d aliases; at most %d are allowed.": {
		"Le document a %d alias; %d au plus sont permis.",
		"El documento tiene %d alias; se permiten %d como máximo.",
	},
	"The document has %d directives; at most %d are allowed.": {
		"Le document a %d directives; %d au plus sont permises.",
		"El documento tiene %d directivas; se permiten %d como máximo.",
	},
	"One place of the document has %d directives; at most %d are allowed.": {
		"Un endroit du document a %d directives; %d au plus sont permises.",
		"Un lugar del documento tiene %d directivas; se permiten %d como máximo.",
	},
	"The operation has %d root fields; at most %d are allowed.": {
		"L'opération a %d champs racines; %d au plus sont permis.",
		"La operación tiene %d campos raíz; se permiten %d como máximo.",
	},
	"The document has %d fields with those of its fragments; at most %d are allowed.": {
		"Le document a %d champs avec ceux de ses fragments; %d au plus sont permis.",
		"El documento tiene %d campos con los de sus fragmentos; se permiten %d como máximo.",
	},
	"The document requests %d lists of the schema; at most %d are allowed.": {
		"Le document demande %d listes du schéma; %d au plus sont permises.",
		"El documento pide %d listas del esquema; se permiten %d como máximo.",
	},
	"The document nests lists of the schema %d times; at most %d is allowed.": {
		"Le document imbrique %d listes du schéma; %d au plus est permise.",
		"El documento anida %d listas del esquema; se permite %d como máximo.",
	},
	"The operation requests up to %d objects; at most %d are allowed. Request smaller pages, or split it.": {
		"L'opération demande jusqu'à %d objets; %d au plus sont permis. Demandez des pages plus petites, ou " +
			"divisez-la.",
		"La operación pide hasta %d objetos; se permiten %d como máximo. Pida páginas más pequeñas, o divídala.",
	},
	"A value is %d lists and objects deep; at most %d are allowed.": {
		"Une valeur a %d niveaux de listes et d'objets; %d au plus sont permis.",
		"Un valor tiene %d niveles de listas y objetos; se permiten %d como máximo.",
	},
	"The variables hold %d values; at most %d are allowed.": {
		"Les variables contiennent %d valeurs; %d au plus sont permises.",
		"Las variables contienen %d valores; se permiten %d como máximo.",
	},
	"Anonymous callers have used up the capacity that they share. Sign in, or try again in a moment.": {
		"Les utilisateurs anonymes ont épuisé la capacité qu'ils partagent. Connectez-vous, ou réessayez dans " +
			"un instant.",
		"Los usuarios anónimos han agotado la capacidad que comparten. Identifíquese, o inténtelo dentro de un " +
			"momento.",
	},

	// The rules of GraphQL. The messages for developers are English in every language: limit.developerFault.
	"must be of type %s.":         {"doit être du type %s.", "debe ser del tipo %s."},
	"is not defined by type %s.":  {"n'existe pas dans le type %s.", "no existe en el tipo %s."},
	"A fragment contains itself.": {"Un fragment se contient lui-même.", "Un fragmento se contiene a sí mismo."},
	"The document or its variables do not fit the schema of this hub, which it does not tell.": {
		"Le document ou ses variables ne correspondent pas au schéma de ce serveur, qui ne le dit pas.",
		"El documento o sus variables no encajan en el esquema de este servidor, que no lo dice.",
	},
	"This hub serves no GraphiQL, because it does not disclose its schema.": {
		"Ce serveur n'offre pas GraphiQL, car il ne divulgue pas son schéma.",
		"Este servidor no ofrece GraphiQL, porque no divulga su esquema.",
	},
}
