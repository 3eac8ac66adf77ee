package fault

// fileTranslations holds the messages of the command line about files, addresses and the database.
var fileTranslations = map[string]translation{
	"The file cannot be read.": {
		"Le fichier ne peut pas être lu.",
		"No se puede leer el archivo.",
	},
	"The file %s cannot be read.": {
		"Le fichier %s ne peut pas être lu.",
		"No se puede leer el archivo %s.",
	},
	"The file is larger than %d bytes. Split it into several files.": {
		"Le fichier dépasse %d octets. Divisez-le en plusieurs fichiers.",
		"El archivo supera los %d bytes. Divídalo en varios archivos.",
	},
	"The file is not UTF-8. Save it as \"CSV UTF-8\".": {
		"Le fichier n'est pas en UTF-8. Enregistrez-le comme « CSV UTF-8 ».",
		"El archivo no está en UTF-8. Guárdelo como «CSV UTF-8».",
	},
	"The file has no header. Its first line must be: %s": {
		"Le fichier n'a pas d'en-tête. Sa première ligne doit être: %s",
		"El archivo no tiene encabezado. Su primera línea debe ser: %s",
	},
	"a quote does not end, or is inside a cell. Put the cell in quotes and double each quote in it.": {
		"un guillemet n'est pas fermé, ou se trouve dans une cellule. Mettez la cellule entre guillemets et " +
			"doublez chaque guillemet qu'elle contient.",
		"unas comillas no se cierran, o están dentro de una celda. Ponga la celda entre comillas y duplique cada " +
			"comilla que contenga.",
	},
	"The columns are separated by vertical bars. Save the file with commas or semicolons.": {
		"Les colonnes sont séparées par des barres verticales. Enregistrez le fichier avec des virgules ou des " +
			"points-virgules.",
		"Las columnas están separadas por barras verticales. Guarde el archivo con comas o puntos y comas.",
	},
	"is empty, so the hub keeps the year and the state of the office. Change them in the hub.": {
		"est vide. Le serveur garde donc l'année et l'état du bureau. Modifiez-les sur le serveur.",
		"está vacío. El servidor conserva, pues, el año y el estado de la oficina. Cámbielos en el servidor.",
	},
	"The columns are separated by tabs. Save the file with commas or semicolons.": {
		"Les colonnes sont séparées par des tabulations. Enregistrez le fichier avec des virgules ou des " +
			"points-virgules.",
		"Las columnas están separadas por tabuladores. Guarde el archivo con comas o puntos y comas.",
	},
	"The header does not fit this kind of file. %s The columns, in any order, are: %s": {
		"L'en-tête ne convient pas à ce genre de fichier. %s Les colonnes, dans n'importe quel ordre, sont: %s",
		"El encabezado no corresponde a esta clase de archivo. %s Las columnas, en cualquier orden, son: %s",
	},
	"Unknown columns: %s.":   {"Colonnes inconnues: %s.", "Columnas desconocidas: %s."},
	"Missing columns: %s.":   {"Colonnes manquantes: %s.", "Columnas que faltan: %s."},
	"Duplicate columns: %s.": {"Colonnes en double: %s.", "Columnas repetidas: %s."},
	"There is no kind of file %q to import. The kinds are %s.": {
		"Il n'y a pas de genre de fichier %q à importer. Les genres sont %s.",
		"No hay ninguna clase de archivo %q que importar. Las clases son %s.",
	},
	"is not a year. Write 2009, without a month and a day.": {
		"n'est pas une année. Écrivez 2009, sans le mois et le jour.",
		"no es un año. Escriba 2009, sin el mes ni el día.",
	},
	"is not a whole number. Write 1234, with nothing between the thousands.": {
		"n'est pas un nombre entier. Écrivez 1234, sans rien entre les milliers.",
		"no es un número entero. Escriba 1234, sin nada entre los millares.",
	},
	"is not a number. Write 1234.5, with a point, at most two decimals and nothing between the thousands. " +
		"12.345 could mean 12345 or 12.35. Write the one that is meant.": {
		"n'est pas un nombre. Écrivez 1234.5, avec un point, deux décimales au plus et rien entre les milliers. " +
			"12.345 peut vouloir dire 12345 ou 12.35. Écrivez celui des deux qui est voulu.",
		"no es un número. Escriba 1234.5, con un punto, dos decimales como máximo y nada entre los millares. " +
			"12.345 puede significar 12345 o 12.35. Escriba el que corresponda.",
	},
	"names a percentage among other words. Write percent, or another unit.": {
		"nomme un pourcentage parmi d'autres mots. Écrivez pourcentage, ou une autre unité.",
		"nombra un porcentaje entre otras palabras. Escriba porcentaje, u otra unidad.",
	},
	"does not say clearly whether the figure is aimed at or reached. Add (target) or (actual) at its end.": {
		"ne dit pas clairement si le chiffre est visé ou atteint. Ajoutez (cible) ou (réalisé) à la fin.",
		"no dice claramente si la cifra es una meta o un logro. Añada (meta) o (realizado) al final.",
	},
	"is not a period, or ends before it begins. Write 2024, 2015-2021, 2024-03, 2024-Q1 or 2024-01-01/2024-03-31.": {
		"n'est pas une période, ou finit avant de commencer. Écrivez 2024, 2015-2021, 2024-03, 2024-T1 ou " +
			"2024-01-01/2024-03-31.",
		"no es un período, o termina antes de empezar. Escriba 2024, 2015-2021, 2024-03, 2024-T1 o " +
			"2024-01-01/2024-03-31.",
	},
	"has a comma or another separator. Separate the entries by semicolons.": {
		"a une virgule ou un autre séparateur. Séparez les entrées par des points-virgules.",
		"tiene una coma u otro separador. Separe las entradas con puntos y comas.",
	},
	"is not an ISO 3166-1 alpha-2 code.": {
		"n'est pas un code ISO 3166-1 alpha-2.",
		"no es un código ISO 3166-1 alfa-2.",
	},
	"is not a sub-region of UN M49.": {
		"n'est pas une sous-région de la norme M49 des Nations unies.",
		"no es una subregión de la norma M49 de las Naciones Unidas.",
	},
	"there is no %s called %s.": {
		"il n'y a pas de %s nommé %s.",
		"no hay ningún %s llamado %s.",
	},
	"%d %s are called %s: %s. Write the id of one in the column %s.": {
		"%d %s portent le nom %s: %s. Écrivez l'id de l'un d'eux dans la colonne %s.",
		"%d %s se llaman %s: %s. Escriba el id de uno de ellos en la columna %s.",
	},
	"%d %s are called %s: %s. Name the countries and the office of one, or change its code in the hub.": {
		"%d %s portent le nom %s: %s. Indiquez les pays et le bureau de l'un d'eux, ou changez son code dans le hub.",
		"%d %s se llaman %s: %s. Indique los países y la oficina de uno de ellos, o cambie su código en el hub.",
	},
	"is not an id of the type %s. Copy it from an export.": {
		"n'est pas un id du type %s. Copiez-le d'une exportation.",
		"no es un id del tipo %s. Cópielo de una exportación.",
	},
	"does not belong to the code of this row. Correct one of the two, or leave the id empty.": {
		"n'appartient pas au code de cette ligne. Corrigez l'un des deux, ou laissez l'id vide.",
		"no pertenece al código de esta fila. Corrija uno de los dos, o deje vacío el id.",
	},
	"line %d has the same %s. Keep one of the two rows, or tell them apart.": {
		"la ligne %d a déjà ce %s. Gardez une des deux lignes, ou distinguez-les.",
		"la línea %d ya tiene ese %s. Conserve una de las dos filas, o distíngalas.",
	},
	"several rows of the hub have the same %s. Use the columns of an export, which tell them apart.": {
		"plusieurs fiches du hub ont ce %s. Utilisez les colonnes d'une exportation, qui les distinguent.",
		"varias fichas del hub tienen ese %s. Use las columnas de una exportación, que las distinguen.",
	},
	"there is no %s called %s. The partner is imported without a country.": {
		"il n'y a pas de %s nommé %s. Le partenaire est importé sans pays.",
		"no hay ningún %s llamado %s. El socio se importa sin país.",
	},

	// Messages of rightshub import.
	"refused: %s":         {"refusé: %s", "rechazado: %s"},
	"changed %s: %s":      {"modifié %s: %s", "cambiado %s: %s"},
	"would change %s: %s": {"modifierait %s: %s", "cambiaría %s: %s"},

	// Messages of rightshub export.
	"There is no kind of file %q to export. The kinds are %s, and the types of the schema such as CaseFile.": {
		"Il n'y a pas de genre de fichier %q à exporter. Les genres sont %s, et les types du schéma comme CaseFile.",
		"No hay ninguna clase de archivo %q que exportar. Las clases son %s, y los tipos del esquema como CaseFile.",
	},
	"The file could not be written completely. Check the free space of the disk.": {
		"Le fichier n'a pas pu être écrit en entier. Vérifiez la place libre du disque.",
		"No se pudo escribir el archivo entero. Compruebe el espacio libre del disco.",
	},
	"Name the person that exports the file with --as. The export follows the rights of that person.": {
		"Indiquez avec --as la personne qui exporte le fichier. L'export suit les droits de cette personne.",
		"Indique con --as la persona que exporta el archivo. La exportación sigue los derechos de esa persona.",
	},
	"You do not have the right to export rows of type %s. Ask an administrator for a role that has it.": {
		"Vous n'avez pas le droit d'exporter des fiches de type %s. Demandez à un administrateur un rôle qui a " +
			"ce droit.",
		"Usted no tiene el derecho de exportar registros de tipo %s. Pida a un administrador un rol que lo tenga.",
	},
	"Nobody who may sign in has the address %s.": {
		"Personne qui puisse se connecter n'a l'adresse %s.",
		"Nadie que pueda entrar tiene la dirección %s.",
	},
	"Set --secret-file. Under an audit grant, the hub's secret makes the pseudonyms of rows.": {
		"Indiquez --secret-file. Sous un mandat d'audit, le secret du serveur fait les pseudonymes des fiches.",
		"Indique --secret-file. Bajo un mandato de auditoría, el secreto del servidor hace los seudónimos de los " +
			"registros.",
	},
	"%s exists and is not a regular file. Name another with --out.": {
		"%s existe et n'est pas un fichier ordinaire. Nommez-en un autre avec --out.",
		"%s existe y no es un archivo normal. Nombre otro con --out.",
	},
	"The file %s cannot be written. Check that its folder exists and is writable.": {
		"Le fichier %s ne peut pas être écrit. Vérifiez que son dossier existe et que l'on peut y écrire.",
		"No se puede escribir el archivo %s. Compruebe que su carpeta existe y que se puede escribir en ella.",
	},

	// Messages about the addresses of the program.
	"No demonstration of yours answers at %s. Running demonstrations: %s.": {
		"Aucune de vos démonstrations ne répond à %s. Démonstrations en cours: %s.",
		"Ninguna de sus demostraciones responde en %s. Demostraciones en curso: %s.",
	},
	"No demonstration runs here: start one with `rightshub serve --demo`. For other hubs, your OpenID " +
		"Connect issuer issues the tokens.": {
		"Aucune démonstration ne tourne ici: démarrez-en une avec `rightshub serve --demo`. Pour les autres " +
			"serveurs, votre émetteur OpenID Connect délivre les jetons.",
		"Aquí no corre ninguna demostración: inicie una con `rightshub serve --demo`. En otros sitios, los " +
			"tokens vienen de su emisor OpenID Connect.",
	},

	// Messages about the database.
	"The clocks of this machine and of the database differ by %d seconds. Set both by a time server (NTP).": {
		"Les horloges de cette machine et de la base de données diffèrent de %d secondes. Réglez les deux par un " +
			"serveur de temps (NTP).",
		"Los relojes de esta máquina y de la base de datos difieren en %d segundos. Ajuste ambos con un servidor de " +
			"hora (NTP).",
	},
	"The database holds other tables, and none of the hub's in sight: name an empty one with --database-url.": {
		"La base de données contient d'autres tables, et l'on n'en voit aucune du serveur: nommez-en une vide " +
			"avec --database-url.",
		"La base de datos contiene otras tablas, y no se ve ninguna del servidor: nombre una vacía con --database-url.",
	},
	"The database lets this role make or change no tables: name their owner in --database-url, or let the " +
		"database's owner grant the role CREATE on the schema.": {
		"La base de données ne laisse pas ce rôle créer ni modifier des tables: nommez leur propriétaire dans " +
			"--database-url, ou faites accorder à ce rôle CREATE sur le schéma par le propriétaire de la base.",
		"La base de datos no deja a este rol crear ni cambiar tablas: nombre a su propietario en --database-url, " +
			"o que el propietario de la base conceda al rol CREATE sobre el esquema.",
	},
	"The database file is not a SQLite database: name another with --database-url.": {
		"Le fichier de la base de données n'est pas une base SQLite: nommez-en un autre avec --database-url.",
		"El archivo de la base de datos no es una base SQLite: nombre otro con --database-url.",
	},
}
