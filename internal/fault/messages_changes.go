package fault

// changeTranslations holds the messages about changes of rows, and about subscriptions to them.
var changeTranslations = map[string]translation{
	"Send Accept: text/event-stream to subscribe, or use a WebSocket with the protocol graphql-transport-ws.": {
		"Envoyez Accept: text/event-stream pour vous abonner, ou utilisez une WebSocket avec le protocole " +
			"graphql-transport-ws.",
		"Envíe Accept: text/event-stream para suscribirse, o use un WebSocket con el protocolo " +
			"graphql-transport-ws.",
	},
	"You have %d subscriptions already. End one of them first.": {
		"Vous avez déjà %d abonnements. Terminez-en un d'abord.",
		"Ya tiene %d suscripciones. Termine una primero.",
	},
	"You have %d open connections already. Close one of them first.": {
		"Vous avez déjà %d connexions ouvertes. Fermez-en une d'abord.",
		"Ya tiene %d conexiones abiertas. Cierre una primero.",
	},
	"This connection has %d subscriptions already. End one of them first.": {
		"Cette connexion a déjà %d abonnements. Terminez-en un d'abord.",
		"Esta conexión ya tiene %d suscripciones. Termine una primero.",
	},
	"The hub serves %d connections already. Try again later.": {
		"Le serveur sert déjà %d connexions. Réessayez plus tard.",
		"El servidor ya atiende %d conexiones. Inténtelo más tarde.",
	},
	"A WebSocket serves subscriptions only. Send queries and mutations as POST requests.": {
		"Une WebSocket ne sert que les abonnements. Envoyez les requêtes et mutations par POST.",
		"Un WebSocket solo sirve suscripciones. Envíe consultas y mutaciones por POST.",
	},
	"Your rights have changed: subscribe again.": {
		"Vos droits ont changé: abonnez-vous de nouveau.",
		"Sus derechos han cambiado: suscríbase de nuevo.",
	},
	"You see more than %d rows of these types: ask for fewer types at once.": {
		"Vous voyez plus de %d fiches de ces types: demandez moins de types à la fois.",
		"Usted ve más de %d registros de estos tipos: pida menos tipos a la vez.",
	},
	"The hub serves %d subscriptions already: try again later.": {
		"Le serveur sert déjà %d abonnements: réessayez plus tard.",
		"El servidor atiende ya %d suscripciones: inténtelo más tarde.",
	},
	"The hub follows too many rows already: ask for fewer types, or try again later.": {
		"Le serveur suit déjà trop de fiches: demandez moins de types, ou réessayez plus tard.",
		"El servidor sigue ya demasiados registros: pida menos tipos, o inténtelo más tarde.",
	},
	"this is not your token for these types, or it is older than %d days. Start again without it.": {
		"ce n'est pas votre jeton pour ces types, ou il a plus de %d jours. Recommencez sans lui.",
		"no es su token para estos tipos, o tiene más de %d días. Empiece de nuevo sin él.",
	},
	"is not an id of this hub. Copy ids unchanged from the hub's answers.": {
		"n'est pas un identifiant de ce hub. Recopiez les identifiants des réponses sans les modifier.",
		"no es un identificador de este hub. Copie los identificadores de las respuestas sin modificarlos.",
	},
	"is an id of type %s. Send an id of type %s.": {
		"est un identifiant du type %s. Envoyez un identifiant du type %s.",
		"es un identificador del tipo %s. Envíe un identificador del tipo %s.",
	},
	"names a field by which a list of %s cannot be ordered.": {
		"nomme un champ par lequel une liste de %s ne peut pas être triée.",
		"nombra un campo por el que una lista de %s no se puede ordenar.",
	},
	"must be the whole number that you read with the row.": {
		"doit être le nombre entier que vous avez lu avec la fiche.",
		"debe ser el número entero que leyó con el registro.",
	},
	"is not a filter condition of %s.": {
		"n'est pas une condition de filtre de %s.",
		"no es una condición de filtro de %s.",
	},
	"has two texts in one language. Send one text per language.": {
		"a deux textes dans une même langue. Envoyez un seul texte par langue.",
		"tiene dos textos en un mismo idioma. Envíe un solo texto por idioma.",
	},
	"is not a cursor. Leave it out to get the first page.": {
		"n'est pas un curseur. Omettez-le pour obtenir la première page.",
		"no es un cursor. Omítalo para obtener la primera página.",
	},
	"cannot be null. To find rows without a value, write isNull: true.": {
		"ne peut pas être nul. Pour trouver les fiches sans valeur, écrivez isNull: true.",
		"no puede ser nulo. Para encontrar los registros sin valor, escriba isNull: true.",
	},
	"must be a day, such as 2026-03-01.": {
		"doit être un jour, comme 2026-03-01.",
		"debe ser un día, como 2026-03-01.",
	},
	"must be an instant, such as 2026-03-01T08:30:00Z.": {
		"doit être un instant, comme 2026-03-01T08:30:00Z.",
		"debe ser un instante, como 2026-03-01T08:30:00Z.",
	},
	"where has more than %d conditions. Split the request.": {
		"where a plus de %d conditions. Divisez la requête.",
		"where tiene más de %d condiciones. Divida la petición.",
	},
	"A subscription must select the field changed, once and alone.": {
		"Un abonnement doit sélectionner le champ changed, une seule fois et rien d'autre.",
		"Una suscripción debe seleccionar el campo changed, una sola vez y nada más.",
	},
}
