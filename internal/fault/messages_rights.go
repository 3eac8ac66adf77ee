package fault

// rightsTranslations holds the messages about the rights of the caller.
var rightsTranslations = map[string]translation{
	"reaches beyond your own countries.": {
		"dépasse vos propres pays.",
		"va más allá de sus propios países.",
	},
	"you may grant %s.": {
		"vous pouvez accorder: %s.",
		"puede conceder: %s.",
	},
	"you may grant no role.": {
		"vous ne pouvez accorder aucun rôle.",
		"no puede conceder ningún rol.",
	},
	"Nobody grants a role to themselves.": {
		"Personne ne s'accorde un rôle.",
		"Nadie se concede un rol a sí mismo.",
	},
	"You may see this row, but this change needs the right to %s it.": {
		"Vous pouvez voir cette fiche, mais ce changement demande un droit que vous n'avez pas (%s).",
		"Puede ver este registro, pero este cambio requiere un derecho que no tiene (%s).",
	},
	"Your roles do not let you change a row of type %s.": {
		"Vos rôles ne vous permettent pas de changer une fiche de type %s.",
		"Sus roles no le permiten cambiar un registro de tipo %s.",
	},
	"Your roles do not let you create a row of type %s.": {
		"Vos rôles ne vous permettent pas de créer une fiche de type %s.",
		"Sus roles no le permiten crear un registro de tipo %s.",
	},
	"Your roles do not let you write a row of type %s with these values.": {
		"Vos rôles ne vous permettent pas d'écrire une fiche de type %s avec ces valeurs.",
		"Sus roles no le permiten escribir un registro de tipo %s con estos valores.",
	},
	"Sign in: send an Authorization header with a bearer token.": {
		"Connectez-vous: envoyez un en-tête Authorization avec un jeton.",
		"Conéctese: envíe una cabecera Authorization con un token.",
	},
	"Sign in: send an Authorization header with a valid bearer token.": {
		"Connectez-vous: envoyez un en-tête Authorization avec un jeton valide.",
		"Conéctese: envíe una cabecera Authorization con un token válido.",
	},
	"The token is longer than %d bytes. Ask your identity provider to leave groups and roles out.": {
		"Le jeton dépasse %d octets. Demandez à votre fournisseur d'identité d'en retirer les groupes et les rôles.",
		"El token supera %d bytes. Pida a su proveedor de identidad que deje fuera los grupos y los roles.",
	},
	"The OpenID Connect issuer does not answer: check --oidc-issuer.": {
		"L'émetteur OpenID Connect ne répond pas: vérifiez --oidc-issuer.",
		"El emisor OpenID Connect no responde: compruebe --oidc-issuer.",
	},
	"The address of the OpenID Connect issuer has no OpenID Connect configuration: " +
		"check --oidc-issuer, or open it with /.well-known/openid-configuration at its end.": {
		"L'adresse de l'émetteur OpenID Connect n'a pas de configuration OpenID Connect: " +
			"vérifiez --oidc-issuer, ou ouvrez-la avec /.well-known/openid-configuration à la fin.",
		"La dirección del emisor OpenID Connect no tiene configuración de OpenID Connect: " +
			"compruebe --oidc-issuer, o ábrala con /.well-known/openid-configuration al final.",
	},
	"The OpenID Connect issuer at %s calls itself %s. " +
		"Give --oidc-issuer the name that it calls itself, since its tokens have it.": {
		"L'émetteur OpenID Connect à l'adresse %s se nomme %s. " +
			"Donnez à --oidc-issuer le nom qu'il se donne, car ses jetons le portent.",
		"El emisor OpenID Connect en %s se llama %s. " +
			"Dé a --oidc-issuer el nombre que él se da, porque sus tokens lo llevan.",
	},
	"Stopped by a signal before the command was done.": {
		"Arrêté par un signal avant la fin de la commande.",
		"Detenido por una señal antes de que la orden terminara.",
	},
	"The hub was stopped while it started.": {
		"Le hub a été arrêté pendant son démarrage.",
		"El hub se detuvo mientras arrancaba.",
	},
	"The identity provider does not answer, so that the hub cannot check tokens. Try again later.": {
		"Le fournisseur d'identité ne répond pas, et le hub ne peut donc pas vérifier les jetons. Réessayez plus tard.",
		"El proveedor de identidad no responde, y el hub no puede comprobar los tokens. Inténtelo más tarde.",
	},
	"The token is valid, but no active account belongs to it. Ask your administrator.": {
		"Le jeton est valide, mais aucun compte actif ne lui correspond. Demandez à votre administrateur.",
		"El token es válido, pero ninguna cuenta activa le corresponde. Pregunte a su administrador.",
	},
	"The header Audit-Grant names no valid audit grant of yours.": {
		"L'en-tête Audit-Grant ne nomme aucun de vos mandats d'audit en vigueur.",
		"La cabecera Audit-Grant no nombra ningún mandato de auditoría suyo en vigor.",
	},
	"names a type that does not exist: write it as in the schema, as CaseFile.": {
		"nomme un type qui n'existe pas: écrivez-le comme dans le schéma, par exemple CaseFile.",
		"nombra un tipo que no existe: escríbalo como en el esquema, por ejemplo CaseFile.",
	},
	"was approved: it may only end earlier. For more, end this one and ask for another.": {
		"a été approuvé: il ne peut que finir plus tôt. Pour davantage, mettez-y fin et demandez-en un autre.",
		"fue aprobado: solo puede terminar antes. Para más, termínelo y pida otro.",
	},
	"Another person must approve this: you made it or changed it, or it is about you.": {
		"Une autre personne doit approuver: vous l'avez créé ou modifié, ou il s'agit de vous.",
		"Otra persona debe aprobarlo: usted lo creó o lo cambió, o trata de usted.",
	},
	"You may not change or end this role: a platform administrator must.": {
		"Vous ne pouvez ni modifier ce rôle ni y mettre fin: un administrateur de la plateforme doit le faire.",
		"Usted no puede cambiar este rol ni ponerle fin: debe hacerlo un administrador de la plataforma.",
	},
	"Another person must write whom this is about: it is about you, or would be.": {
		"Une autre personne doit écrire de qui il s'agit: c'est de vous, ou ce le serait.",
		"Otra persona debe escribir de quién trata: trata de usted, o trataría.",
	},
	"Another person must archive this: it is about you.": {
		"Une autre personne doit archiver ceci: il s'agit de vous.",
		"Otra persona debe archivar esto: trata de usted.",
	},
	"Another person must write what the review found: you opened the record.": {
		"Une autre personne doit écrire ce que l'examen a trouvé: vous avez ouvert le dossier.",
		"Otra persona debe escribir lo que halló la revisión: usted abrió el expediente.",
	},
	"Which office has this record is for a supervisor of both offices to change.": {
		"Le bureau qui tient ce dossier est changé par un superviseur des deux bureaux.",
		"Qué oficina lleva este expediente lo cambia un supervisor de ambas oficinas.",
	},
	"Who keeps a child's record is for the supervisor of its office to change.": {
		"La personne qui tient le dossier d'un enfant est désignée par le superviseur de son bureau.",
		"Quién lleva el expediente de un niño lo decide el supervisor de su oficina.",
	},
	"Of this row you may write %s; for the rest you need the right to approve it.": {
		"De cette fiche vous pouvez écrire %s; pour le reste il vous faut le droit de l'approuver.",
		"De este registro puede escribir %s; para el resto necesita el derecho de aprobarla.",
	},
	"You may not grant this role with this reach: a platform administrator must approve it.": {
		"Vous ne pouvez pas accorder ce rôle avec cette portée: un administrateur de la plateforme doit l'approuver.",
		"Usted no puede conceder este rol con este alcance: debe aprobarlo un administrador de la plataforma.",
	},
	"names a language that is not a BCP 47 tag.": {
		"nomme une langue qui n'est pas une étiquette BCP 47.",
		"nombra un idioma que no es una etiqueta BCP 47.",
	},
}
