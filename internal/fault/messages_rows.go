package fault

// rowTranslations holds the messages about rows and about the fields of inputs.
var rowTranslations = map[string]translation{
	"The hub could not answer. Try again. If it happens again, tell the operator the request id.": {
		"Le serveur n'a pas pu répondre. Réessayez. Si cela se reproduit, donnez l'identifiant de la requête à " +
			"l'exploitant.",
		"El servidor no pudo responder. Inténtelo de nuevo. Si vuelve a ocurrir, dé el identificador de la " +
			"petición al operador.",
	},
	"A row with this key already exists: choose another.": {
		"Une fiche avec cette clé existe déjà: choisissez-en une autre.",
		"Ya existe un registro con esta clave: elija otra.",
	},
	"A row with this %s already exists: choose another.": {
		"Une fiche avec ce %s existe déjà: choisissez-en un autre.",
		"Ya existe un registro con este %s: elija otro.",
	},
	"is taken.": {"est déjà pris.", "ya está en uso."},
	"Someone else wrote at the same time. Try again.": {
		"Quelqu'un d'autre écrivait en même temps. Réessayez.",
		"Otra persona escribía al mismo tiempo. Inténtelo de nuevo.",
	},
	"A row that this one refers to does not exist, or is still referred to.": {
		"Une fiche citée n'existe pas, ou est encore citée.",
		"Un registro citado no existe, o aún se cita.",
	},
	"A value is missing or out of its range.": {
		"Une valeur manque ou sort de ses bornes.",
		"Falta un valor o está fuera de sus límites.",
	},
	"The database does not answer just now. Try again in a moment.": {
		"La base de données ne répond pas. Réessayez dans un moment.",
		"La base de datos no responde. Inténtelo de nuevo en un momento.",
	},
	"The database takes no writes just now. Try again in a moment.": {
		"La base de données n'accepte pas d'écriture pour l'instant. Réessayez dans un moment.",
		"La base de datos no acepta escrituras por ahora. Inténtelo de nuevo en un momento.",
	},
	"The database has no room left, so nothing can be written until the operator makes room.": {
		"La base de données n'a plus de place: rien ne peut être écrit tant que l'exploitant n'en libère pas.",
		"La base de datos no tiene más espacio: nada puede escribirse hasta que el operador libere espacio.",
	},
	"The database took too long. Ask for less, or try again.": {
		"La base de données a mis trop de temps. Demandez moins, ou réessayez.",
		"La base de datos tardó demasiado. Pida menos, o inténtelo de nuevo.",
	},
	"must be one of %s.": {"doit être l'un de: %s.", "debe ser uno de: %s."},
	"this cursor does not belong to this list. Start again without it.": {
		"ce curseur n'appartient pas à cette liste. Recommencez sans lui.",
		"este cursor no pertenece a esta lista. Empiece de nuevo sin él.",
	},
	"must lie within the next year.": {
		"doit être dans l'année qui vient.",
		"debe estar dentro del próximo año.",
	},
	"has more than %d entries.": {
		"a plus de %d éléments.",
		"tiene más de %d elementos.",
	},
	"ask for first or for last, not for both.": {
		"demandez first ou last, pas les deux.",
		"pida first o last, no ambos.",
	},
	"cannot be null. Leave it out, or give a value.": {
		"ne peut pas être null. Omettez-le, ou donnez une valeur.",
		"no puede ser null. Omítalo, o dé un valor.",
	},
	"must be READ, or READ and WRITE.": {
		"doit être READ, ou READ et WRITE.",
		"debe ser READ, o READ y WRITE.",
	},
	"no row of type %s changes its %s to this value.": {
		"aucune fiche de type %s ne fait passer son %s à cette valeur.",
		"ningún registro de tipo %s cambia su %s a este valor.",
	},
	`must be an amount with at most two decimals, such as "1234.50". ` +
		`"12.345" could mean "12345" or "12.35". Write the one that is meant.`: {
		`doit être un montant à deux décimales au plus, comme "1234.50". "12.345" peut vouloir dire "12345" ou ` +
			`"12.35". Écrivez celui des deux qui est voulu.`,
		`debe ser un importe con dos decimales como máximo, como "1234.50". "12.345" puede significar "12345" o ` +
			`"12.35". Escriba el que corresponda.`,
	},
	`The body has no "query".`: {
		`Le corps n'a pas de "query".`,
		`El cuerpo no tiene "query".`,
	},
	`The body is not a JSON object {"query": "...", "variables": {...}, "operationName": "..."}.`: {
		`Le corps n'est pas un objet JSON {"query": "...", "variables": {...}, "operationName": "..."}.`,
		`El cuerpo no es un objeto JSON {"query": "...", "variables": {...}, "operationName": "..."}.`,
	},
	"must be an office of the country of the %s.": {
		"doit être un bureau du pays de la fiche %s.",
		"debe ser una oficina del país de la ficha %s.",
	},
	"must be the country of the %s.": {
		"doit être le pays de la fiche %s.",
		"debe ser el país de la ficha %s.",
	},
	"the %s is %s, which is its last.": {
		"le champ %s est à %s, qui est son dernier état.",
		"el campo %s está en %s, que es su último estado.",
	},
	"the %s is %s: from there it goes to %s.": {
		"le champ %s est à %s : de là, il passe à %s.",
		"el campo %s está en %s: de ahí pasa a %s.",
	},
	"the volunteer has no clear, unexpired check of these kinds, or a flagged one: %s.": {
		"le ou la volontaire n'a pas de vérification favorable et valable de ces types, ou en a une signalée: %s.",
		"la persona voluntaria no tiene una verificación favorable y vigente de estos tipos, o tiene una señalada: %s.",
	},
	"the deployment that the role came with has ended.": {
		"l'affectation dont vient ce rôle est terminée.",
		"la misión de la que viene este rol ha terminado.",
	},
	"the volunteer is barred.": {
		"le ou la volontaire est exclu·e.",
		"la persona voluntaria está excluida.",
	},
	"must be from 0 to %d.": {
		"doit être de 0 à %d.",
		"debe ser de 0 a %d.",
	},
	"there is no such row, or you may not see it.": {
		"cette fiche n'existe pas, ou vous ne pouvez pas la voir.",
		"este registro no existe, o no puede verlo.",
	},
	"There is no such row, or you may not see it.": {
		"Cette fiche n'existe pas, ou vous ne pouvez pas la voir.",
		"Este registro no existe, o no puede verlo.",
	},
	"holds characters that are not text.": {
		"contient des caractères qui ne sont pas du texte.",
		"contiene caracteres que no son texto.",
	},
	"must be a number.": {
		"doit être un nombre.",
		"debe ser un número.",
	},
	"must be a text.": {
		"doit être un texte.",
		"debe ser un texto.",
	},
	"must be a whole number of 32 bits.": {
		"doit être un nombre entier de 32 bits.",
		"debe ser un número entero de 32 bits.",
	},
	"must be true or false.": {
		"doit être true ou false.",
		"debe ser true o false.",
	},
	"Someone changed this row since you read it. Read it again, and send its version.": {
		"Quelqu'un a changé cette fiche depuis que vous l'avez lue. Relisez-la, et envoyez sa version.",
		"Alguien cambió este registro desde que lo leyó. Léalo de nuevo, y envíe su versión.",
	},
	"A personal access token is made by a person who is signed in, not by another token.": {
		"Un jeton personnel est créé par une personne connectée, non par un autre jeton.",
		"Un token personal lo crea una persona conectada, no otro token.",
	},
	"Send the body as Content-Type: application/json, in UTF-8.": {
		"Envoyez le corps en Content-Type: application/json, en UTF-8.",
		"Envíe el cuerpo como Content-Type: application/json, en UTF-8.",
	},
	"Send a POST request with a JSON body.": {
		"Envoyez une requête POST avec un corps JSON.",
		"Envíe una petición POST con un cuerpo JSON.",
	},
	"The body ended too early. Send the request again.": {
		"Le corps s'est arrêté trop tôt. Renvoyez la requête.",
		"El cuerpo terminó demasiado pronto. Envíe de nuevo la petición.",
	},
	"The body continues after its JSON object. Send one operation per request.": {
		"Le corps continue après son objet JSON. Envoyez une opération par requête.",
		"El cuerpo continúa después de su objeto JSON. Envíe una operación por petición.",
	},
	"orderBy has %d keys; at most %d are allowed.": {
		"orderBy a %d clés; %d au plus sont permises.",
		"orderBy tiene %d claves; se permiten %d como máximo.",
	},
	"Send the body in gzip, with Content-Encoding: gzip, or as it is.": {
		"Envoyez le corps en gzip, avec Content-Encoding: gzip, ou tel quel.",
		"Envíe el cuerpo en gzip, con Content-Encoding: gzip, o tal cual.",
	},
	"The body is not in gzip, as its Content-Encoding says, or it ended too early.": {
		"Le corps n'est pas en gzip, comme le dit son Content-Encoding, ou il s'est arrêté trop tôt.",
		"El cuerpo no está en gzip, como dice su Content-Encoding, o terminó demasiado pronto.",
	},
	"The body is larger than %d bytes. Send less at once.": {
		"Le corps dépasse %d octets. Envoyez moins à la fois.",
		"El cuerpo supera %d bytes. Envíe menos cada vez.",
	},
	"The personal access token is unknown, expired or revoked. Make a new one.": {
		"Le jeton personnel est inconnu, expiré ou révoqué. Créez-en un autre.",
		"El token personal es desconocido, ha caducado o fue revocado. Cree otro.",
	},
	"cannot be empty.": {"ne peut pas être vide.", "no puede estar vacío."},
	"cannot change after the row is made.": {
		"ne change plus une fois la fiche créée.",
		"no cambia una vez creado el registro.",
	},
	"is not an id.":         {"n'est pas un identifiant.", "no es un identificador."},
	"must be from 1 to %d.": {"doit être de 1 à %d.", "debe ser de 1 a %d."},
	"The day's budget of rows of your audit grant is used up. Ask for less, or go on tomorrow (UTC).": {
		"Le quota de fiches du jour de votre mandat d'audit est épuisé. Demandez moins, ou continuez demain (UTC).",
		"El cupo diario de registros de su mandato de auditoría está agotado. Pida menos, o siga mañana (UTC).",
	},
	"An earlier emergency access of yours was not reviewed within 72 hours: ask for its review first.": {
		"Un de vos accès d'urgence antérieurs n'a pas été examiné dans les 72 heures: demandez d'abord son examen.",
		"Uno de sus accesos de emergencia anteriores no fue revisado en 72 horas: pida primero su revisión.",
	},
	"must lie within a year after validFrom.": {
		"doit être dans l'année qui suit validFrom.",
		"debe estar dentro del año siguiente a validFrom.",
	},
	"must not lie before %s.": {
		"ne doit pas précéder %s.",
		"no debe ser anterior a %s.",
	},
	"must lie from %d to %d.": {
		"doit être de %d à %d.",
		"debe estar de %d a %d.",
	},
	"begins or ends with a space. Write the code without it.": {
		"commence ou finit par une espace. Écrivez le code sans elle.",
		"empieza o termina con un espacio. Escriba el código sin él.",
	},
	"holds a line end, a tab or another invisible character. Write the code without it.": {
		"contient une fin de ligne, une tabulation ou un autre caractère invisible. Écrivez le code sans lui.",
		"contiene un fin de línea, un tabulador u otro carácter invisible. Escriba el código sin él.",
	},
	"holds a comma or a semicolon, which separate codes in a list. Write the code without it.": {
		"contient une virgule ou un point-virgule, qui sépare les codes d'une liste. Écrivez le code sans lui.",
		"contiene una coma o un punto y coma, que separan los códigos de una lista. Escriba el código sin él.",
	},
	"Somebody wrote a row with the same %s meanwhile, so nothing was written. Try again.": {
		"Quelqu'un a écrit entre-temps une fiche avec le même %s, donc rien n'a été écrit. Essayez de nouveau.",
		"Alguien escribió mientras tanto una ficha con el mismo %s, así que no se escribió nada. Inténtelo otra vez.",
	},
	"is no currency of ISO 4217: write it as XOF.": {
		"n'est pas une monnaie de la norme ISO 4217: écrivez par exemple XOF.",
		"no es una moneda de la norma ISO 4217: escriba por ejemplo XOF.",
	},
	"is no language of BCP 47: write it as fr or wo-SN.": {
		"n'est pas une langue selon BCP 47: écrivez par exemple fr ou wo-SN.",
		"no es un idioma según BCP 47: escriba por ejemplo fr o wo-SN.",
	},
	"is no e-mail address.": {
		"n'est pas une adresse électronique.",
		"no es una dirección de correo electrónico.",
	},
	"is no address of the web. Begin it with https://, and leave out spaces.": {
		"n'est pas une adresse du web. Commencez-la par https://, et n'y mettez pas d'espaces.",
		"no es una dirección de la web. Comiéncela con https://, y no ponga espacios.",
	},
	"must name an intervention, or countryIds a country.": {
		"doit nommer une intervention, ou countryIds un pays.",
		"debe nombrar una intervención, o countryIds un país.",
	},
	"must be an instant that has passed: what was revoked stays so.": {
		"doit être un instant passé: ce qui est révoqué le reste.",
		"debe ser un instante pasado: lo revocado sigue revocado.",
	},
	"you cannot read what is stored, so leave it out, or name it in overwriteHidden to replace it.": {
		"vous ne pouvez pas lire la valeur enregistrée: ne l'envoyez pas, ou nommez-la dans overwriteHidden pour la " +
			"remplacer.",
		"no puede leer el valor guardado: no lo envíe, o nómbrelo en overwriteHidden para reemplazarlo.",
	},
	"names %s, which the input does not have.": {
		"nomme %s, que l'entrée ne contient pas.",
		"nombra %s, que la entrada no contiene.",
	},
	"cannot be empty: without an office, no supervisor would see it.": {
		"ne peut pas être vide: sans bureau, aucun superviseur ne le verrait.",
		"no puede quedar vacío: sin oficina, ningún supervisor lo vería.",
	},
	"names %s, whose rows have pseudonyms under your audit grant. Their changes are not reported. Read the rows again instead.": {
		"nomme %s, dont les fiches portent des pseudonymes sous votre mandat d'audit. Leurs changements ne sont " +
			"pas signalés. Relisez plutôt les fiches.",
		"nombra %s, cuyos registros llevan seudónimos bajo su mandato de auditoría. Sus cambios no se notifican. " +
			"Vuelva a leer los registros.",
	},
	"cannot change while %s is %s: move it to %s first.": {
		"ne peut pas changer tant que %s vaut %s: faites-le d'abord passer à %s.",
		"no puede cambiar mientras %s sea %s: páselo antes a %s.",
	},
	"cannot be archived while %s is %s: move it to %s first.": {
		"ne peut pas être archivé tant que %s vaut %s: faites-le d'abord passer à %s.",
		"no se puede archivar mientras %s sea %s: páselo antes a %s.",
	},
	"cannot be archived: %s is %s for good.": {
		"ne peut pas être archivé: %s vaut %s définitivement.",
		"no se puede archivar: %s es %s definitivamente.",
	},
	"cannot be archived while %s are there: archive them first.": {
		"ne peut être archivé tant que %s s'y trouvent: archivez-les d'abord.",
		"no puede archivarse mientras haya %s: archívelos primero.",
	},
	"cannot change any more: %s is %s for good.": {
		"ne peut plus changer: %s vaut %s définitivement.",
		"ya no puede cambiar: %s es %s definitivamente.",
	},
	"is how this account signs in: archive the account, and make one with the new address.": {
		"sert à ce compte pour se connecter: archivez le compte, et créez-en un avec la nouvelle adresse.",
		"es con lo que esta cuenta inicia sesión: archive la cuenta, y cree una con la nueva dirección.",
	},
	"is required: this role ends with the mandate.": {
		"est obligatoire: ce rôle prend fin avec le mandat.",
		"es obligatorio: este rol termina con el mandato.",
	},
	"is the mandate of another volunteer.": {
		"est le mandat d'un autre volontaire.",
		"es el mandato de otro voluntario.",
	},
	"is required.": {
		"est obligatoire.",
		"es obligatorio.",
	},
	"is set by the hub.": {
		"est rempli par le serveur.",
		"lo rellena el servidor.",
	},
	"changes by a transition, not by an update.": {
		"change par une transition, non par une mise à jour.",
		"cambia por una transición, no por una actualización.",
	},
	"is no field of %s.": {"n'est pas un champ de %s.", "no es un campo de %s."},
	"has an empty text: leave the language out.": {
		"a un texte vide: omettez la langue.",
		"tiene un texto vacío: omita el idioma.",
	},
	"needs a text in at least one of en, fr and es.": {
		"demande un texte en en, fr ou es au moins.",
		"necesita un texto en en, fr o es al menos.",
	},
	"has a value of the wrong type.": {
		"a une valeur du mauvais type.",
		"tiene un valor del tipo equivocado.",
	},
	"has an entry that is not one of %s.": {
		"a un élément qui n'est pas l'un de: %s.",
		"tiene un elemento que no es uno de: %s.",
	},
	"is not one of %s.":             {"n'est pas l'un de: %s.", "no es uno de: %s."},
	"is too large.":                 {"est trop grand.", "es demasiado grande."},
	"is longer than %d characters.": {"dépasse %d caractères.", "supera %d caracteres."},
	"must lie between the years 1800 and 2200.": {
		"doit être entre les années 1800 et 2200.",
		"debe estar entre los años 1800 y 2200.",
	},
}
