package fault

// fileTranslations are what people read of files that are brought in and out.
var fileTranslations = map[string][2]string{
	"The file cannot be read.":                           {"Le fichier ne peut pas être lu.", "No se puede leer el archivo."},
	"The file %s cannot be read.":                        {"Le fichier %s ne peut pas être lu.", "No se puede leer el archivo %s."},
	"The file is larger than %d bytes: split it.":        {"Le fichier dépasse %d octets: divisez-le.", "El archivo supera %d bytes: divídalo."},
	"The file is not UTF-8: save it as \"CSV UTF-8\".":   {"Le fichier n'est pas en UTF-8: enregistrez-le comme « CSV UTF-8 ».", "El archivo no está en UTF-8: guárdelo como «CSV UTF-8»."},
	"The file has no header. Its first line must be: %s": {"Le fichier n'a pas d'en-tête. Sa première ligne doit être: %s", "El archivo no tiene encabezado. Su primera línea debe ser: %s"},
	"a quote does not end, or stands within a cell: put such a cell in quotes, and write each quote within it twice.": {"un guillemet n'est pas fermé, ou se trouve dans une cellule: mettez cette cellule entre guillemets, et doublez chaque guillemet qu'elle contient.", "unas comillas no se cierran, o están dentro de una celda: ponga esa celda entre comillas, y duplique cada comilla que contenga."},
	"the row has %d columns, and the header has %d: look for a separator too many or too few.":                        {"la ligne a %d colonnes, et l'en-tête en a %d: cherchez un séparateur de trop ou qui manque.", "la fila tiene %d columnas, y el encabezado %d: busque un separador que sobre o que falte."},
	"The columns are separated by vertical bars: save the file with commas or semicolons.":                            {"Les colonnes sont séparées par des barres verticales: enregistrez le fichier avec des virgules ou des points-virgules.", "Las columnas están separadas por barras verticales: guarde el archivo con comas o puntos y comas."},
	"is empty, and the hub has a year: it stays, and so does the state of the office. Change them in the hub.":        {"est vide, et le serveur a une année: elle reste, ainsi que l'état du bureau. Modifiez-les sur le serveur.", "está vacío, y el servidor tiene un año: se queda, y también el estado de la oficina. Cámbielos en el servidor."},
	"The columns are separated by tabs: save the file with commas or semicolons.":                                     {"Les colonnes sont séparées par des tabulations: enregistrez le fichier avec des virgules ou des points-virgules.", "Las columnas están separadas por tabuladores: guarde el archivo con comas o puntos y comas."},
	"The header is not that of this kind. %s Its columns, in any order, are: %s":                                      {"L'en-tête n'est pas celui de ce genre de fichier. %s Ses colonnes, dans n'importe quel ordre, sont: %s", "El encabezado no es el de esta clase de archivo. %s Sus columnas, en cualquier orden, son: %s"},
	"Unknown columns: %s.": {"Colonnes inconnues: %s.", "Columnas desconocidas: %s."},
	"Missing: %s.":         {"Manquantes: %s.", "Faltan: %s."},
	"Twice: %s.":           {"En double: %s.", "Repetidas: %s."},
	"There is no kind %q to import. Known are: %s.":                                  {"Il n'y a pas de genre %q à importer. On connaît: %s.", "No hay ninguna clase %q que importar. Se conocen: %s."},
	"is not a whole number: write 1234, with nothing between the thousands.":         {"n'est pas un nombre entier: écrivez 1234, sans rien entre les milliers.", "no es un número entero: escriba 1234, sin nada entre los millares."},
	"is not a number: write 1234.5, with a point and nothing between the thousands.": {"n'est pas un nombre: écrivez 1234.5, avec un point et sans rien entre les milliers.", "no es un número: escriba 1234.5, con un punto y sin nada entre los millares."},
	"is not an ISO 3166-1 alpha-2 code.":                                             {"n'est pas un code ISO 3166-1 alpha-2.", "no es un código ISO 3166-1 alfa-2."},
	"is not a sub-region of UN M49.":                                                 {"n'est pas une sous-région de la norme M49 des Nations unies.", "no es una subregión de la norma M49 de las Naciones Unidas."},
	"there is no %s called %s.":                                                      {"il n'y a pas de %s nommé %s.", "no hay ningún %s llamado %s."},
	"there is no %s called %s. The partner is kept without a country.":               {"il n'y a pas de %s nommé %s. Le partenaire est gardé sans pays.", "no hay ningún %s llamado %s. El socio se guarda sin país."},

	// What `rightshub import` says of a file.
	"refused: %s":         {"refusé: %s", "rechazado: %s"},
	"changed %s: %s":      {"modifié %s: %s", "cambiado %s: %s"},
	"would change %s: %s": {"modifierait %s: %s", "cambiaría %s: %s"},
	"%d rows, %d new, %d changed, %d refused (done)":                                                       {"%d lignes, %d nouvelles, %d modifiées, %d refusées (fait)", "%d filas, %d nuevas, %d cambiadas, %d rechazadas (hecho)"},
	"%d rows, %d new, %d changed, %d refused (nothing imported)":                                           {"%d lignes, %d nouvelles, %d modifiées, %d refusées (rien n'est importé)", "%d filas, %d nuevas, %d cambiadas, %d rechazadas (no se importó nada)"},
	"%d rows, %d new, %d changed, %d refused (dry run, nothing changed)":                                   {"%d lignes, %d nouvelles, %d modifiées, %d refusées (à l'essai, rien n'a changé)", "%d filas, %d nuevas, %d cambiadas, %d rechazadas (prueba, nada cambió)"},
	"1 row was refused; nothing of its file was imported. Mend the row and import the file again.":         {"1 ligne est refusée; rien de son fichier n'est importé. Corrigez la ligne et importez le fichier de nouveau.", "1 fila fue rechazada; no se importó nada de su archivo. Corríjala e importe el archivo de nuevo."},
	"%d rows were refused; nothing of their files was imported. Mend the rows and import the files again.": {"%d lignes sont refusées; rien de leurs fichiers n'est importé. Corrigez les lignes et importez les fichiers de nouveau.", "%d filas fueron rechazadas; no se importó nada de sus archivos. Corríjalas e importe los archivos de nuevo."},

	// What `rightshub export` says of a file.
	"There is no kind %q to export. Known are: %s, and the types of the schema, as CaseFile.": {"Il n'y a pas de genre %q à exporter. On connaît: %s, et les types du schéma, comme CaseFile.", "No hay ninguna clase %q que exportar. Se conocen: %s, y los tipos del esquema, como CaseFile."},
	"The file cannot be written to its end.":                                                  {"Le fichier ne peut pas être écrit jusqu'à la fin.", "No se puede escribir el archivo hasta el final."},
	"%d rows":                                                                                 {"%d lignes", "%d filas"},
	"%d rows are left out: a file of this kind cannot hold them in this language. The types of the schema hold all that you may take out.":                                             {"%d lignes sont omises: un fichier de ce genre ne peut pas les contenir dans cette langue. Les types du schéma contiennent tout ce que vous pouvez exporter.", "%d filas se omiten: un archivo de esta clase no puede contenerlas en este idioma. Los tipos del esquema contienen todo lo que usted puede exportar."},
	"Say with --as who takes the file out: only a person with a role may.":                                                                                                             {"Dites avec --as qui exporte le fichier: seule une personne qui a un rôle le peut.", "Diga con --as quién exporta el archivo: solo puede hacerlo una persona que tenga un rol."},
	"Your roles do not let you take rows of type %s out of the hub: the right to export them is missing. Read them in the hub, or ask an administrator for a role that has the right.": {"Vos rôles ne vous permettent pas d'exporter des fiches de type %s: il vous manque le droit d'export. Consultez-les sur le serveur, ou demandez à un administrateur un rôle qui a ce droit.", "Sus roles no le permiten exportar registros de tipo %s: le falta el derecho de exportación. Consúltelos en el servidor, o pida a un administrador un rol que tenga ese derecho."},
	"%d texts are empty: they are not in this language. Try another with --language, or export the types of the schema, which show all.":                                               {"%d textes sont vides: ils n'existent pas dans cette langue. Essayez-en une autre avec --language, ou exportez les types du schéma, qui les montrent tous.", "%d textos están vacíos: no existen en este idioma. Pruebe otro con --language, o exporte los tipos del esquema, que los muestran todos."},
	"%d rows are left out: you may read them, and not take them out of the hub.":                                                                                                       {"%d lignes sont omises: vous pouvez les consulter, mais pas les exporter.", "%d filas se omiten: usted puede consultarlas, pero no exportarlas."},
	"Nobody who may sign in has the address %s.":                                                    {"Personne qui puisse se connecter n'a l'adresse %s.", "Nadie que pueda entrar tiene la dirección %s."},
	"Set --secret-file: under an audit grant, rows have names that are made with the hub's secret.": {"Indiquez --secret-file: sous un mandat d'audit, les fiches ont des noms qui sont faits avec le secret du serveur.", "Indique --secret-file: bajo un mandato de auditoría, los registros tienen nombres que se hacen con el secreto del servidor."},
	"%s is there and is no file: name another with --out.":                                          {"%s existe et n'est pas un fichier: nommez-en un autre avec --out.", "%s existe y no es un archivo: nombre otro con --out."},
	"The file %s cannot be written: check that its folder is there and may be written to.":          {"Le fichier %s ne peut pas être écrit: vérifiez que son dossier existe et que l'on peut y écrire.", "No se puede escribir el archivo %s: compruebe que su carpeta existe y que se puede escribir en ella."},

	// What the program says of its addresses.
	"No demonstration of yours answers on %s. Those that do: %s.":                                                                  {"Aucune démonstration à vous ne répond sur %s. Celles qui répondent: %s.", "Ninguna demostración suya responde en %s. Las que responden: %s."},
	"No demonstration runs here: start one with `rightshub serve --demo`. Elsewhere, tokens come from your OpenID Connect issuer.": {"Aucune démonstration ne tourne ici: démarrez-en une avec `rightshub serve --demo`. Ailleurs, les jetons viennent de votre émetteur OpenID Connect.", "Aquí no corre ninguna demostración: inicie una con `rightshub serve --demo`. En otros sitios, los tokens vienen de su emisor OpenID Connect."},
	"%s %q is no address: write host and port, as 127.0.0.1:8080, with a port from 0 to 65535.":                                    {"%s %q n'est pas une adresse: écrivez l'hôte et le port, comme 127.0.0.1:8080, avec un port de 0 à 65535.", "%s %q no es una dirección: escriba el servidor y el puerto, como 127.0.0.1:8080, con un puerto de 0 a 65535."},
	"Nothing can listen on %s: another program uses it, or the address is not this machine's. Choose another with %s.":             {"Rien ne peut écouter sur %s: un autre programme l'utilise, ou l'adresse n'est pas celle de cette machine. Choisissez-en une autre avec %s.", "Nada puede escuchar en %s: otro programa la usa, o la dirección no es de esta máquina. Elija otra con %s."},

	// What `rightshub policy check` says.
	"1 problem.":   {"1 problème.", "1 problema."},
	"%d problems.": {"%d problèmes.", "%d problemas."},

	// What the program says of its database.
	"1 version applied.":   {"1 version appliquée.", "1 versión aplicada."},
	"%d versions applied.": {"%d versions appliquées.", "%d versiones aplicadas."},
	"The database holds other tables, and none of the hub's in sight: name an empty one with --database-url.":                                                    {"La base de données contient d'autres tables, et l'on n'en voit aucune du serveur: nommez-en une vide avec --database-url.", "La base de datos contiene otras tablas, y no se ve ninguna del servidor: nombre una vacía con --database-url."},
	"The database lets this role make or change no tables: name their owner in --database-url, or let the database's owner grant the role CREATE on the schema.": {"La base de données ne laisse pas ce rôle créer ni modifier des tables: nommez leur propriétaire dans --database-url, ou faites accorder à ce rôle CREATE sur le schéma par le propriétaire de la base.", "La base de datos no deja a este rol crear ni cambiar tablas: nombre a su propietario en --database-url, o que el propietario de la base conceda al rol CREATE sobre el esquema."},
	"The database file is not a SQLite database: name another with --database-url.":                                                                              {"Le fichier de la base de données n'est pas une base SQLite: nommez-en un autre avec --database-url.", "El archivo de la base de datos no es una base SQLite: nombre otro con --database-url."},
}
