package fault

import "rightshub/internal/languages"

// Explanation tells people what a code means and what to do next.
type Explanation struct {
	Code        Code
	Means, Next languages.Texts
}

// Explanations explains every code, for the page /help/errors.
var Explanations = []Explanation{
	{
		Code: Unauthenticated,
		Means: languages.Texts{
			"The hub does not know who you are: there is no token, or it is unknown, expired or revoked.",
			"Le serveur ne sait pas qui vous êtes: il n'y a pas de jeton, ou il est inconnu, expiré ou révoqué.",
			"El servidor no sabe quién es usted: falta el token, o es desconocido, ha caducado o fue revocado.",
		},
		Next: languages.Texts{
			"Sign in again, and send the new token as Authorization: Bearer.",
			"Reconnectez-vous, et envoyez le nouveau jeton en Authorization: Bearer.",
			"Vuelva a conectarse y envíe el token nuevo como Authorization: Bearer.",
		},
	},
	{
		Code: Forbidden,
		Means: languages.Texts{
			"You may see the row, or know of the type, but your roles do not let you do this.",
			"Vous pouvez voir la fiche, ou connaissez ce type, mais vos rôles ne permettent pas cette action.",
			"Puede ver el registro, o conoce el tipo, pero sus roles no le permiten hacer esto.",
		},
		Next: languages.Texts{
			"Before you offer the action, read from the row what you may do with it (its access). To get the " +
				"right, ask an administrator for a role.",
			"Avant de proposer l'action, demandez à la fiche ce que vous pouvez en faire (son access). Qui a " +
				"besoin du droit demande un rôle à l'administrateur.",
			"Antes de ofrecer la acción, pregunte al registro qué puede hacer con él (su access). Quien necesite " +
				"el derecho pide un rol al administrador.",
		},
	},
	{
		Code: NotFound,
		Means: languages.Texts{
			"There is no such row, or you may not see it. The hub gives the same answer in both cases, so " +
				"that nobody learns what is hidden.",
			"Cette fiche n'existe pas, ou vous ne pouvez pas la voir. Le serveur répond de même dans les deux cas, " +
				"pour que personne n'apprenne ce qui est caché.",
			"No existe este registro, o no puede verlo. El servidor responde igual en ambos casos, para que nadie " +
				"averigüe lo que está oculto.",
		},
		Next: languages.Texts{
			"Remove the row from the screen, and read the list again.",
			"Retirez la fiche de l'écran, et relisez la liste.",
			"Quite el registro de la pantalla y vuelva a leer la lista.",
		},
	},
	{
		Code: Invalid,
		Means: languages.Texts{
			"The request is not one that the hub can carry out: its form, an argument or a field of the input is " +
				"wrong.",
			"Le serveur ne peut pas exécuter cette requête: sa forme, un argument ou un champ de l'entrée est " +
				"incorrect.",
			"El servidor no puede ejecutar esta petición: su forma, un argumento o un campo de la entrada es " +
				"incorrecto.",
		},
		Next: languages.Texts{
			"fields, where it is given, lists every refused field with its reason: show each beside its input. Do " +
				"not send the same again.",
			"S'il est donné, fields liste chaque champ refusé et sa raison: montrez-la à côté du champ. Ne " +
				"renvoyez pas la même requête.",
			"Si viene, fields enumera cada campo rechazado con su motivo: muéstrelo junto a su casilla. No envíe " +
				"lo mismo otra vez.",
		},
	},
	{
		Code: Conflict,
		Means: languages.Texts{
			"Somebody else changed the row since you read it, or wrote at the same moment. With rule: idempotency, " +
				"a request with the same Idempotency-Key is running, or was carried out and its answer is not shown " +
				"again.",
			"Quelqu'un d'autre a changé la fiche depuis votre lecture, ou écrivait au même moment. Avec rule: " +
				"idempotency, une requête avec la même Idempotency-Key est en cours, ou a été exécutée et sa réponse " +
				"n'est pas montrée de nouveau.",
			"Otra persona cambió el registro desde que lo leyó, o escribía en el mismo momento. Con rule: " +
				"idempotency, una petición con la misma Idempotency-Key está en curso, o se ejecutó y su respuesta " +
				"no se muestra otra vez.",
		},
		Next: languages.Texts{
			"Read the row again, show what is different, and send the change with the new version if the person " +
				"still wants it. With rule: idempotency, wait for retryAfter and send it again with the same key; " +
				"without retryAfter it has happened: do not send it again, read the rows of ids.",
			"Relisez la fiche, montrez ce qui diffère, et renvoyez le changement avec la nouvelle version si la " +
				"personne le veut encore. Avec rule: idempotency, attendez retryAfter et renvoyez-la avec la même " +
				"clé; sans retryAfter, elle a eu lieu: ne la renvoyez pas, lisez les fiches de ids.",
			"Lea de nuevo el registro, muestre qué cambió, y envíe el cambio con la versión nueva si la persona " +
				"aún lo quiere. Con rule: idempotency, espere retryAfter y envíela otra vez con la misma clave; sin " +
				"retryAfter, ya se hizo: no la envíe otra vez, lea los registros de ids.",
		},
	},
	{
		Code: RateLimited,
		Means: languages.Texts{
			"Too much was asked in too short a time, or the day's budget of an audit grant is used up.",
			"Trop a été demandé en trop peu de temps, ou le quota du jour d'un mandat d'audit est épuisé.",
			"Se pidió demasiado en poco tiempo, o se agotó el cupo diario de un mandato de auditoría.",
		},
		Next: languages.Texts{
			"Wait, and ask again more slowly; where Retry-After is given, for so many seconds.",
			"Attendez, puis redemandez plus lentement; si Retry-After est donné, ce nombre de secondes.",
			"Espere y vuelva a pedir más despacio; si viene Retry-After, ese número de segundos.",
		},
	},
	{
		Code: TooComplex,
		Means: languages.Texts{
			"The operation asks for more than one request may: rows, fields, depth, conditions or root fields.",
			"L'opération demande plus que ce qu'une requête permet: fiches, champs, profondeur, conditions ou " +
				"champs racines.",
			"La operación pide más de lo que admite una petición: registros, campos, profundidad, condiciones o " +
				"campos raíz.",
		},
		Next: languages.Texts{
			"Ask for smaller pages, or split it into several operations. The message names the limit.",
			"Demandez des pages plus petites, ou divisez-la en plusieurs opérations. Le message nomme la limite.",
			"Pida páginas más pequeñas, o divídala en varias operaciones. El mensaje nombra el límite.",
		},
	},
	{
		Code: TooLarge,
		Means: languages.Texts{
			"The body of the request, or the token, is too large.",
			"Le corps de la requête, ou le jeton, est trop grand.",
			"El cuerpo de la petición, o el token, es demasiado grande.",
		},
		Next: languages.Texts{
			"Send less at once: shorter lists, or several requests.",
			"Envoyez moins à la fois: des listes plus courtes, ou plusieurs requêtes.",
			"Envíe menos cada vez: listas más cortas, o varias peticiones.",
		},
	},
	{
		Code: Unavailable,
		Means: languages.Texts{
			"The hub, or its database, cannot answer just now.",
			"Le serveur, ou sa base de données, ne peut pas répondre pour l'instant.",
			"El servidor, o su base de datos, no puede responder en este momento.",
		},
		Next: languages.Texts{
			"Show what you have, and try again after some seconds, each time later.",
			"Montrez ce que vous avez, et réessayez après quelques secondes, chaque fois plus tard.",
			"Muestre lo que tiene, e inténtelo de nuevo tras unos segundos, cada vez más tarde.",
		},
	},
	{
		Code: Internal,
		Means: languages.Texts{
			"The hub failed. It is not your request's fault.",
			"Le serveur a échoué. Ce n'est pas la faute de votre requête.",
			"El servidor falló. No es culpa de su petición.",
		},
		Next: languages.Texts{
			"Try once more. If it happens again, tell the operator the requestId, which finds the cause in the log.",
			"Réessayez une fois. Si cela dure, donnez à l'exploitant le requestId, qui mène à la cause dans le " +
				"journal.",
			"Inténtelo una vez más. Si persiste, dé al operador el requestId, que lleva a la causa en el registro.",
		},
	},
}
