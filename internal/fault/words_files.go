package fault

// fileWords are what people read of files that are brought in and out.
var fileWords = map[string][2]string{
	"The file cannot be read.":                           {"Le fichier ne peut pas être lu.", "No se puede leer el archivo."},
	"The file %s cannot be read.":                        {"Le fichier %s ne peut pas être lu.", "No se puede leer el archivo %s."},
	"The file is larger than %d bytes: split it.":        {"Le fichier dépasse %d octets: divisez-le.", "El archivo supera %d bytes: divídalo."},
	"The file is not UTF-8: save it as \"CSV UTF-8\".":   {"Le fichier n'est pas en UTF-8: enregistrez-le comme « CSV UTF-8 ».", "El archivo no está en UTF-8: guárdelo como «CSV UTF-8»."},
	"The file has no header. Its first line must be: %s": {"Le fichier n'a pas d'en-tête. Sa première ligne doit être: %s", "El archivo no tiene encabezado. Su primera línea debe ser: %s"},
	"Line %d cannot be read: it has another number of columns than the header, or a quote that does not end.":              {"La ligne %d ne peut pas être lue: elle n'a pas autant de colonnes que l'en-tête, ou un guillemet n'y est pas fermé.", "No se puede leer la línea %d: no tiene tantas columnas como el encabezado, o unas comillas no se cierran."},
	"The columns are separated by tabs: save the file with commas or semicolons.":                                          {"Les colonnes sont séparées par des tabulations: enregistrez le fichier avec des virgules ou des points-virgules.", "Las columnas están separadas por tabuladores: guarde el archivo con comas o puntos y comas."},
	"The header is not that of this kind. Unknown columns: %s. Missing: %s. Twice: %s. Its columns, in any order, are: %s": {"L'en-tête n'est pas celui de ce genre de fichier. Colonnes inconnues: %s. Manquantes: %s. En double: %s. Ses colonnes, dans n'importe quel ordre, sont: %s", "El encabezado no es el de esta clase de archivo. Columnas desconocidas: %s. Faltan: %s. Repetidas: %s. Sus columnas, en cualquier orden, son: %s"},
	"There is no kind %q to import. Known are: %s.":                                                                        {"Il n'y a pas de genre %q à importer. On connaît: %s.", "No hay ninguna clase %q que importar. Se conocen: %s."},
	"is not a whole number: write 1234, with nothing between the thousands.":                                               {"n'est pas un nombre entier: écrivez 1234, sans rien entre les milliers.", "no es un número entero: escriba 1234, sin nada entre los millares."},
	"is not a number: write 1234.5, with a point and nothing between the thousands.":                                       {"n'est pas un nombre: écrivez 1234.5, avec un point et sans rien entre les milliers.", "no es un número: escriba 1234.5, con un punto y sin nada entre los millares."},
	"is not an ISO 3166-1 alpha-2 code.":                                                                                   {"n'est pas un code ISO 3166-1 alpha-2.", "no es un código ISO 3166-1 alfa-2."},
	"is not a sub-region of UN M49.":                                                                                       {"n'est pas une sous-région de la norme M49 des Nations unies.", "no es una subregión de la norma M49 de las Naciones Unidas."},
	"there is no %s called %s.":                                                                                            {"il n'y a pas de %s nommé %s.", "no hay ningún %s llamado %s."},
	"there is no %s called %s. The partner is kept without a country.":                                                     {"il n'y a pas de %s nommé %s. Le partenaire est gardé sans pays.", "no hay ningún %s llamado %s. El socio se guarda sin país."},

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
	"%d rows are left out: a file of this kind cannot hold them in this language. The types of the schema hold all that you see.": {"%d lignes sont omises: un fichier de ce genre ne peut pas les contenir dans cette langue. Les types du schéma contiennent tout ce que vous voyez.", "%d filas se omiten: un archivo de esta clase no puede contenerlas en este idioma. Los tipos del esquema contienen todo lo que usted ve."},
	"--purpose and --grant go with --as: say who asks.":                                                                           {"--purpose et --grant vont avec --as: dites qui demande.", "--purpose y --grant van con --as: diga quién pide."},
	"Nobody who may sign in has the address %s.":                                                                                  {"Personne qui puisse se connecter n'a l'adresse %s.", "Nadie que pueda entrar tiene la dirección %s."},
	"Set --secret-file: under an audit grant, rows have names that are made with the hub's secret.":                               {"Indiquez --secret-file: sous un mandat d'audit, les fiches ont des noms qui sont faits avec le secret du serveur.", "Indique --secret-file: bajo un mandato de auditoría, los registros tienen nombres que se hacen con el secreto del servidor."},
	"%s is there and is no file: name another with --out.":                                                                        {"%s existe et n'est pas un fichier: nommez-en un autre avec --out.", "%s existe y no es un archivo: nombre otro con --out."},
	"The file %s cannot be written: check that its folder is there and may be written to.":                                        {"Le fichier %s ne peut pas être écrit: vérifiez que son dossier existe et que l'on peut y écrire.", "No se puede escribir el archivo %s: compruebe que su carpeta existe y que se puede escribir en ella."},
}
