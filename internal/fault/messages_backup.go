package fault

// backupTranslations holds the messages of rightshub backup, restore and secret.
var backupTranslations = map[string]translation{
	// What the commands print.
	"%s holds the database as it was at %s. Rows of the programme: %d.": {
		"%s contient la base de données telle qu'elle était à %s. Fiches du programme: %d.",
		"%s contiene la base de datos tal como estaba a las %s. Fichas del programa: %d.",
	},
	"The file holds personal data that everybody who gets it can read. Encrypt it before it leaves this machine.": {
		"Le fichier contient des données personnelles, lisibles par quiconque l'obtient. Chiffrez-le avant qu'il ne " +
			"quitte cette machine.",
		"El archivo contiene datos personales que puede leer quien lo obtenga. Cífrelo antes de que salga de esta " +
			"máquina.",
	},
	"No hub has served this database yet, so that it has no secret.": {
		"Aucun serveur n'a encore utilisé cette base de données, elle n'a donc pas de secret.",
		"Ningún servidor ha usado todavía esta base de datos, así que no tiene secreto.",
	},
	"The hub's secret is not in the backup. It is in the file that `rightshub serve` gets with --secret-file. " +
		"Keep a copy of that file apart from the backup. Without it, a restored hub does not start.": {
		"Le secret du serveur n'est pas dans la sauvegarde. Il est dans le fichier que `rightshub serve` reçoit avec " +
			"--secret-file. Gardez une copie de ce fichier à part de la sauvegarde. Sans lui, un serveur restauré ne " +
			"démarre pas.",
		"El secreto del servidor no está en la copia. Está en el archivo que `rightshub serve` recibe con " +
			"--secret-file. Guarde una copia de ese archivo aparte de la copia de seguridad. Sin él, un servidor " +
			"restaurado no arranca.",
	},
	"The hub's secret is not in the backup. It is in %s. " +
		"Keep a copy of that file apart from the backup. Without it, a restored hub does not start.": {
		"Le secret du serveur n'est pas dans la sauvegarde. Il est dans %s. Gardez une copie de ce fichier à part de " +
			"la sauvegarde. Sans lui, un serveur restauré ne démarre pas.",
		"El secreto del servidor no está en la copia. Está en %s. Guarde una copia de ese archivo aparte de la copia " +
			"de seguridad. Sin él, un servidor restaurado no arranca.",
	},
	"%s does not hold the secret of this database. " +
		"Find the file with the secret, and keep a copy of it. Without it, a restored hub does not start.": {
		"%s ne contient pas le secret de cette base de données. Cherchez le fichier du secret et gardez-en une " +
			"copie. Sans lui, un serveur restauré ne démarre pas.",
		"%s no contiene el secreto de esta base de datos. Busque el archivo del secreto y guarde una copia. Sin él, " +
			"un servidor restaurado no arranca.",
	},
	"The database is as it was at %s. Rows of the programme: %d.": {
		"La base de données est telle qu'elle était à %s. Fiches du programme: %d.",
		"La base de datos está tal como estaba a las %s. Fichas del programa: %d.",
	},
	"What people withdrew, ended or revoked since then counts again: " +
		"consents, roles, audit grants, access tokens. End it again before the proxy lets people in.": {
		"Ce qui a été retiré, terminé ou révoqué depuis vaut de nouveau: consentements, rôles, mandats d'audit, " +
			"jetons d'accès. Mettez-y fin de nouveau avant que le proxy laisse entrer les gens.",
		"Lo que se retiró, terminó o revocó desde entonces vale de nuevo: consentimientos, roles, mandatos de " +
			"auditoría, tokens de acceso. Póngale fin de nuevo antes de que el proxy deje entrar a la gente.",
	},
	"The schema of the backup is behind this program. Run `rightshub migrate up` before you start the hub.": {
		"Le schéma de la sauvegarde est en retard sur ce programme. Lancez `rightshub migrate up` avant de démarrer " +
			"le serveur.",
		"El esquema de la copia es anterior a este programa. Ejecute `rightshub migrate up` antes de arrancar el " +
			"servidor.",
	},
	"Row-level security is off. After `rightshub migrate up`, turn it on with `rightshub row-security on --for %s`.": {
		"La sécurité au niveau des lignes est désactivée. Après `rightshub migrate up`, activez-la avec " +
			"`rightshub row-security on --for %s`.",
		"La seguridad a nivel de filas está desactivada. Después de `rightshub migrate up`, actívela con " +
			"`rightshub row-security on --for %s`.",
	},

	// Errors about files and databases.
	"The file %s cannot be written. Check that its folder exists, is writable and has room.": {
		"Le fichier %s ne peut pas être écrit. Vérifiez que son dossier existe, que l'on peut y écrire et qu'il y a " +
			"de la place.",
		"No se puede escribir el archivo %s. Compruebe que su carpeta existe, que se puede escribir en ella y que " +
			"hay espacio.",
	},
	"%s exists and is not a regular file. Name another.": {
		"%s existe et n'est pas un fichier ordinaire. Nommez-en un autre.",
		"%s existe y no es un archivo normal. Nombre otro.",
	},
	"%s exists already. Name another file, or replace it with --overwrite.": {
		"%s existe déjà. Nommez un autre fichier, ou remplacez-le avec --overwrite.",
		"%s ya existe. Nombre otro archivo, o reemplácelo con --overwrite.",
	},
	"The file %s is not a backup of rightshub, or is damaged.": {
		"Le fichier %s n'est pas une sauvegarde de rightshub, ou il est endommagé.",
		"El archivo %s no es una copia de seguridad de rightshub, o está dañado.",
	},
	"The backup %s is damaged, because its content does not have the checksum that it states. Take another one.": {
		"La sauvegarde %s est endommagée, car son contenu n'a pas la somme de contrôle qu'elle indique. Prenez-en " +
			"une autre.",
		"La copia %s está dañada, porque su contenido no tiene la suma de control que indica. Tome otra.",
	},
	"The backup %s was made by the program %s in another form. Restore it with that program.": {
		"La sauvegarde %s a été faite par le programme %s sous une autre forme. Restaurez-la avec ce programme.",
		"La copia %s fue hecha por el programa %s con otra forma. Restáurela con ese programa.",
	},
	"The backup is one of %s, and --database-url names a database of %s. Name one of the same kind.": {
		"La sauvegarde est de %s, et --database-url nomme une base de données de %s. Nommez-en une du même genre.",
		"La copia es de %s, y --database-url nombra una base de datos de %s. Nombre una de la misma clase.",
	},
	"The database holds %d rows already. Name an empty one with --database-url. " +
		"With --replace they are deleted, and the backup takes their place.": {
		"La base de données contient déjà %d fiches. Nommez-en une vide avec --database-url. Avec --replace, elles " +
			"sont supprimées et la sauvegarde prend leur place.",
		"La base de datos ya contiene %d fichas. Nombre una vacía con --database-url. Con --replace se eliminan y la " +
			"copia toma su lugar.",
	},
	"The file %s is left of a database that is gone. Move it away first.": {
		"Le fichier %s reste d'une base de données disparue. Déplacez-le d'abord.",
		"El archivo %s queda de una base de datos que ya no está. Muévalo primero.",
	},
	"A hub or another program is connected to the database. Stop it first, " +
		"and the socket of systemd that would start it again.": {
		"Un serveur ou un autre programme est connecté à la base de données. Arrêtez-le d'abord, ainsi que le " +
			"socket de systemd qui le redémarrerait.",
		"Un servidor u otro programa está conectado a la base de datos. Deténgalo primero, y también el socket de " +
			"systemd que lo arrancaría de nuevo.",
	},
	"The tables of the backup do not have the rows that the backup states. Nothing was restored. Take another one.": {
		"Les tables de la sauvegarde n'ont pas les lignes que la sauvegarde indique. Rien n'a été restauré. Prenez-en " +
			"une autre.",
		"Las tablas de la copia no tienen las filas que la copia indica. No se restauró nada. Tome otra.",
	},
	"The table %s has %d rows, and the backup states %d. The backup is not whole. Take another one.": {
		"La table %s a %d lignes, et la sauvegarde en indique %d. La sauvegarde n'est pas entière. Prenez-en une autre.",
		"La tabla %s tiene %d filas, y la copia indica %d. La copia no está completa. Tome otra.",
	},
	"The schema, the record of access or the secret of the backup differ from what the backup states. " +
		"The backup is not whole. Take another one.": {
		"Le schéma, le registre des accès ou le secret de la sauvegarde diffèrent de ce qu'elle indique. La " +
			"sauvegarde n'est pas entière. Prenez-en une autre.",
		"El esquema, el registro de accesos o el secreto de la copia difieren de lo que indica. La copia no está " +
			"completa. Tome otra.",
	},
	"The record of access has an event with the number %d, but the hub counts its events from %d. " +
		"The database is not whole. Take another backup.": {
		"Le registre des accès a un événement de numéro %d, mais le serveur compte ses événements à partir de %d. La " +
			"base de données n'est pas entière. Prenez une autre sauvegarde.",
		"El registro de accesos tiene un evento con el número %d, pero el servidor cuenta sus eventos desde %d. La " +
			"base de datos no está completa. Tome otra copia.",
	},
	"The SQLite file is damaged. Take another backup.": {
		"Le fichier SQLite est endommagé. Prenez une autre sauvegarde.",
		"El archivo SQLite está dañado. Tome otra copia.",
	},
	"Row-level security hides rows from the role of the database URL. Take the backup as the owner of the tables.": {
		"La sécurité au niveau des lignes cache des lignes au rôle de l'URL de la base de données. Faites la " +
			"sauvegarde en tant que propriétaire des tables.",
		"La seguridad a nivel de filas oculta filas al rol de la URL de la base de datos. Haga la copia como " +
			"propietario de las tablas.",
	},

	"The database URL names no file: write sqlite:///path/file.db, with three slashes.": {
		"L'URL de la base de données ne nomme pas de fichier: écrivez sqlite:///chemin/fichier.db, avec trois barres.",
		"La URL de la base de datos no nombra ningún archivo: escriba sqlite:///ruta/archivo.db, con tres barras.",
	},

	// Errors about PostgreSQL.
	"This machine lacks the program %s of PostgreSQL. Install the programs of the server's version or a newer one, " +
		"on Debian with: apt-get install postgresql-client": {
		"Il manque à cette machine le programme %s de PostgreSQL. Installez les programmes de la version du serveur " +
			"ou d'une plus récente, sous Debian avec: apt-get install postgresql-client",
		"A esta máquina le falta el programa %s de PostgreSQL. Instale los programas de la versión del servidor o de " +
			"una más nueva, en Debian con: apt-get install postgresql-client",
	},
	"%s failed. It says: %s": {"%s a échoué. Il dit: %s", "%s falló. Dice: %s"},
	"The tables of the backup are in the schema %s, and the database URL leads to the schema %s. " +
		"Name the same in both.": {
		"Les tables de la sauvegarde sont dans le schéma %s, et l'URL de la base de données mène au schéma %s. " +
			"Nommez le même dans les deux.",
		"Las tablas de la copia están en el esquema %s, y la URL de la base de datos lleva al esquema %s. Nombre el " +
			"mismo en ambos.",
	},
	"The server lacks the role %s, for which the backup has row-level security. " +
		"Make the role: CREATE ROLE %s LOGIN PASSWORD '...'": {
		"Il manque au serveur le rôle %s, pour lequel la sauvegarde a une sécurité au niveau des lignes. Créez le " +
			"rôle: CREATE ROLE %s LOGIN PASSWORD '...'",
		"Al servidor le falta el rol %s, para el que la copia tiene seguridad a nivel de filas. Cree el rol: CREATE " +
			"ROLE %s LOGIN PASSWORD '...'",
	},

	// Messages about the secret.
	"The backup was made of a hub with another secret. " +
		"Give the file with that secret in --secret-file. Nothing was restored.": {
		"La sauvegarde vient d'un serveur qui a un autre secret. Indiquez avec --secret-file le fichier de ce " +
			"secret. Rien n'a été restauré.",
		"La copia es de un servidor con otro secreto. Indique con --secret-file el archivo de ese secreto. No se " +
			"restauró nada.",
	},
	"The secret of the hub is missing. Put its file next to the SQLite file as NAME.secret, or name it with " +
		"--secret-file. If it is lost for ever, restore with --without-secret and see `rightshub secret abandon`.": {
		"Le secret du serveur manque. Placez son fichier à côté du fichier SQLite sous le nom NOM.secret, ou " +
			"nommez-le avec --secret-file. S'il est perdu à jamais, restaurez avec --without-secret et voyez " +
			"`rightshub secret abandon`.",
		"Falta el secreto del servidor. Ponga su archivo junto al archivo SQLite como NOMBRE.secret, o nómbrelo con " +
			"--secret-file. Si se perdió para siempre, restaure con --without-secret y vea `rightshub secret abandon`.",
	},
	"This database was served with another secret. Give the file with that secret in --secret-file, or put it back " +
		"next to the SQLite file as NAME.secret. Take it from where you keep its copy. If it is lost for ever, " +
		"`rightshub secret abandon` says what is lost with it, and lets the hub start with a new one.": {
		"Cette base de données a été servie avec un autre secret. Indiquez le fichier de ce secret avec " +
			"--secret-file, ou remettez-le à côté du fichier SQLite sous le nom NOM.secret. Prenez-le là où vous en " +
			"gardez la copie. S'il est perdu à jamais, `rightshub secret abandon` dit ce qui est perdu avec lui, et " +
			"permet au serveur de démarrer avec un nouveau.",
		"Esta base de datos se sirvió con otro secreto. Indique el archivo de ese secreto con --secret-file, o " +
			"vuelva a ponerlo junto al archivo SQLite como NOMBRE.secret. Tómelo de donde guarda su copia. Si se " +
			"perdió para siempre, `rightshub secret abandon` dice qué se pierde con él, y deja que el servidor " +
			"arranque con uno nuevo.",
	},
	"The hub's secret cannot be written to %s: check that the folder may be written to.": {
		"Le secret du serveur ne peut pas être écrit dans %s: vérifiez que l'on peut écrire dans le dossier.",
		"No se puede escribir el secreto del servidor en %s: compruebe que se puede escribir en la carpeta.",
	},
	"The hub's secret cannot be read from %s: check --secret-file.": {
		"Le secret du serveur ne peut pas être lu dans %s: vérifiez --secret-file.",
		"No se puede leer el secreto del servidor en %s: compruebe --secret-file.",
	},
	"The file %s does not hold 64 hexadecimal digits. Make one with: openssl rand -hex 32": {
		"Le fichier %s ne contient pas 64 chiffres hexadécimaux. Créez-en un avec: openssl rand -hex 32",
		"El archivo %s no contiene 64 cifras hexadecimales. Cree uno con: openssl rand -hex 32",
	},
	"Audit grants: %d. Their auditors see other pseudonyms, " +
		"and cannot find in the hub what they noted before.": {
		"Mandats d'audit: %d. Leurs auditeurs voient d'autres pseudonymes, et ne retrouvent pas dans le serveur ce " +
			"qu'ils ont noté avant.",
		"Mandatos de auditoría: %d. Sus auditores ven otros seudónimos, y no encuentran en el servidor lo que " +
			"anotaron antes.",
	},
	"Events of the record of access: %d. " +
		"They stay, but nobody can find out any more which children they are about.": {
		"Événements du registre des accès: %d. Ils restent, mais personne ne peut plus savoir de quels enfants il " +
			"s'agit.",
		"Eventos del registro de accesos: %d. Permanecen, pero ya nadie puede saber de qué niños tratan.",
	},
	"Stored answers to Idempotency-Keys: %d. A request that is sent again is carried out again.": {
		"Réponses conservées aux Idempotency-Key: %d. Une requête envoyée de nouveau est exécutée de nouveau.",
		"Respuestas guardadas a Idempotency-Keys: %d. Una petición que se envía de nuevo se ejecuta de nuevo.",
	},
	"Stored states of changesSince: %d. " +
		"Every office reads all its rows once more, and all cursors end.": {
		"États conservés de changesSince: %d. Chaque bureau relit toutes ses fiches, et tous les curseurs prennent fin.",
		"Estados guardados de changesSince: %d. Cada oficina lee de nuevo todas sus fichas, y todos los cursores " +
			"terminan.",
	},
	"Nothing was changed. If the secret is lost for ever, say so with --lost-for-ever.": {
		"Rien n'a changé. Si le secret est perdu à jamais, dites-le avec --lost-for-ever.",
		"Nada cambió. Si el secreto se perdió para siempre, dígalo con --lost-for-ever.",
	},
	"The database takes the secret with which the hub starts next. Keep a copy of it.": {
		"La base de données prend le secret avec lequel le serveur démarre ensuite. Gardez-en une copie.",
		"La base de datos toma el secreto con el que el servidor arranque a continuación. Guarde una copia.",
	},
}
