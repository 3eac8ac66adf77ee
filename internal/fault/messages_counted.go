package fault

import (
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
	"golang.org/x/text/number"

	"rightshub/internal/languages"
)

// countedMessage is a message with words that depend on counts, in each language of languages.All.
type countedMessage struct{ en, fr, es []catalog.Message }

// countedMessages holds the messages with words that depend on counts, by their English format for many. They replace
// the format in every language, English included.
var countedMessages = map[string]countedMessage{
	// Messages of rightshub import.
	"%d rows, %d new, %d changed, %d refused (done)": importSummary("done", "fait", "hecho"),
	"%d rows, %d new, %d changed, %d refused (nothing imported)": importSummary(
		"nothing imported", "rien n'est importé", "no se importó nada"),
	"%d rows, %d new, %d changed, %d refused (dry run, nothing changed)": importSummary(
		"dry run, nothing changed", "à l'essai, rien n'a changé", "prueba, nada cambió"),
	"%d rows were refused, so their files were not imported. Correct the rows and import the files again.": {
		en: count(1,
			"%d row was refused, so its file was not imported. Correct the row and import the file again.",
			"%d rows were refused, so their files were not imported. Correct the rows and import the files again."),
		fr: count(1,
			"%d ligne est refusée, et son fichier n'est donc pas importé. Corrigez la ligne et importez le fichier de "+
				"nouveau.",
			"%d lignes sont refusées, et leurs fichiers ne sont donc pas importés. Corrigez les lignes et importez "+
				"les fichiers de nouveau."),
		es: count(1,
			"%d fila fue rechazada, así que su archivo no se importó. Corrija la fila e importe el archivo de nuevo.",
			"%d filas fueron rechazadas, así que sus archivos no se importaron. Corrija las filas e importe los "+
				"archivos de nuevo."),
	},
	"the row has %d columns, but the header has %d. Look for a missing or an extra separator.": {
		en: count(1,
			"the row has %d column, but the header has %d. Look for a missing or an extra separator.",
			"the row has %d columns, but the header has %d. Look for a missing or an extra separator."),
		fr: count(1,
			"la ligne a %d colonne, mais l'en-tête en a %d. Cherchez un séparateur qui manque ou de trop.",
			"la ligne a %d colonnes, mais l'en-tête en a %d. Cherchez un séparateur qui manque ou de trop."),
		es: count(1,
			"la fila tiene %d columna, pero el encabezado %d. Busque un separador que falte o que sobre.",
			"la fila tiene %d columnas, pero el encabezado %d. Busque un separador que falte o que sobre."),
	},

	// Messages of rightshub export.
	"%d rows": {
		en: count(1, "%d row", "%d rows"),
		fr: count(1, "%d ligne", "%d lignes"),
		es: count(1, "%d fila", "%d filas"),
	},
	"%d rows are left out because you may read but not export them.": {
		en: count(1,
			"%d row is left out because you may read but not export it.",
			"%d rows are left out because you may read but not export them."),
		fr: count(1,
			"%d ligne est omise parce que vous pouvez la consulter, mais pas l'exporter.",
			"%d lignes sont omises parce que vous pouvez les consulter, mais pas les exporter."),
		es: count(1,
			"%d fila se omite porque usted puede consultarla, pero no exportarla.",
			"%d filas se omiten porque usted puede consultarlas, pero no exportarlas."),
	},
	"%d rows are left out because this kind of file cannot hold them. Export the types of the schema instead.": {
		en: count(1,
			"%d row is left out because this kind of file cannot hold it. Export the types of the schema instead.",
			"%d rows are left out because this kind of file cannot hold them. Export the types of the schema instead."),
		fr: count(1,
			"%d ligne est omise parce que ce genre de fichier ne peut pas la contenir. Exportez plutôt les types du "+
				"schéma.",
			"%d lignes sont omises parce que ce genre de fichier ne peut pas les contenir. Exportez plutôt les types "+
				"du schéma."),
		es: count(1,
			"%d fila se omite porque esta clase de archivo no puede contenerla. Exporte en su lugar los tipos del "+
				"esquema.",
			"%d filas se omiten porque esta clase de archivo no puede contenerlas. Exporte en su lugar los tipos del "+
				"esquema."),
	},
	"%d texts are empty in this language. Try another --language, or export the types of the schema.": {
		en: count(1,
			"%d text is empty in this language. Try another --language, or export the types of the schema.",
			"%d texts are empty in this language. Try another --language, or export the types of the schema."),
		fr: count(1,
			"%d texte est vide dans cette langue. Essayez un autre --language, ou exportez les types du schéma.",
			"%d textes sont vides dans cette langue. Essayez un autre --language, ou exportez les types du schéma."),
		es: count(1,
			"%d texto está vacío en este idioma. Pruebe otro --language, o exporte los tipos del esquema.",
			"%d textos están vacíos en este idioma. Pruebe otro --language, o exporte los tipos del esquema."),
	},

	// Messages of rightshub policy check and rightshub migrate.
	"%d problems.": {
		en: count(1, "%d problem.", "%d problems."),
		fr: count(1, "%d problème.", "%d problèmes."),
		es: count(1, "%d problema.", "%d problemas."),
	},
	"%d versions applied.": {
		en: count(1, "%d version applied.", "%d versions applied."),
		fr: count(1, "%d version appliquée.", "%d versions appliquées."),
		es: count(1, "%d versión aplicada.", "%d versiones aplicadas."),
	},
	"%d versions would be applied (dry run).": {
		en: count(1, "%d version would be applied (dry run).", "%d versions would be applied (dry run)."),
		fr: count(1, "%d version serait appliquée (essai).", "%d versions seraient appliquées (essai)."),
		es: count(1, "Se aplicaría %d versión (prueba).", "Se aplicarían %d versiones (prueba)."),
	},

	// Messages of the API.
	"You requested more than %d objects per second. Wait %d seconds.": {
		en: count(2,
			"You requested more than %d objects per second. Wait %d second.",
			"You requested more than %d objects per second. Wait %d seconds."),
		fr: count(2,
			"Vous avez demandé plus de %d objets par seconde. Attendez %d seconde.",
			"Vous avez demandé plus de %d objets par seconde. Attendez %d secondes."),
		es: count(2,
			"Ha pedido más de %d objetos por segundo. Espere %d segundo.",
			"Ha pedido más de %d objetos por segundo. Espere %d segundos."),
	},
	"You have %d requests running, and at most %d may run at a time. Wait until one has ended.": {
		en: count(1,
			"You have %d request running, and at most %d may run at a time. Wait until one has ended.",
			"You have %d requests running, and at most %d may run at a time. Wait until one has ended."),
		fr: count(1,
			"Vous avez %d requête en cours, et %d au plus à la fois est permise. Attendez la fin de l'une d'elles.",
			"Vous avez %d requêtes en cours, et %d au plus à la fois sont permises. Attendez la fin de l'une d'elles."),
		es: count(1,
			"Tiene %d petición en curso, y se permiten %d a la vez como máximo. Espere a que termine una.",
			"Tiene %d peticiones en curso, y se permiten %d a la vez como máximo. Espere a que termine una."),
	},
	"%d emergency accesses of yours wait for their review: ask for it first.": {
		en: count(1,
			"%d emergency access of yours waits for its review: ask for it first.",
			"%d emergency accesses of yours wait for their review: ask for it first."),
		fr: count(1,
			"%d de vos accès d'urgence attend son examen: demandez-le d'abord.",
			"%d de vos accès d'urgence attendent leur examen: demandez-le d'abord."),
		es: count(1,
			"%d de sus accesos de emergencia espera su revisión: pídala primero.",
			"%d de sus accesos de emergencia esperan su revisión: pídala primero."),
	},
}

// count returns a message that depends on the argument with the number arg, which starts at 1.
func count(arg int, one, many string) []catalog.Message {
	return []catalog.Message{plural.Selectf(arg, "%d", plural.One, one, plural.Other, many)}
}

// importSummary returns a summary of an import, with the outcome in each language.
func importSummary(en, fr, es string) countedMessage {
	const summary = "${rows}, ${new}, ${changed}, ${refused}"
	word := func(name string, arg int, one, many string) catalog.Message {
		return catalog.Var(name, plural.Selectf(arg, "%d", plural.One, one, plural.Other, many))
	}
	return countedMessage{
		en: []catalog.Message{
			word("rows", 1, "%[1]d row", "%[1]d rows"),
			catalog.String("${rows}, %[2]d new, %[3]d changed, %[4]d refused (" + en + ")"),
		},
		fr: []catalog.Message{
			word("rows", 1, "%[1]d ligne", "%[1]d lignes"),
			word("new", 2, "%[2]d nouvelle", "%[2]d nouvelles"),
			word("changed", 3, "%[3]d modifiée", "%[3]d modifiées"),
			word("refused", 4, "%[4]d refusée", "%[4]d refusées"),
			catalog.String(summary + " (" + fr + ")"),
		},
		es: []catalog.Message{
			word("rows", 1, "%[1]d fila", "%[1]d filas"),
			word("new", 2, "%[2]d nueva", "%[2]d nuevas"),
			word("changed", 3, "%[3]d cambiada", "%[3]d cambiadas"),
			word("refused", 4, "%[4]d rechazada", "%[4]d rechazadas"),
			catalog.String(summary + " (" + es + ")"),
		},
	}
}

// countedCatalog returns the catalog of countedMessages. It is built at the first use, because most processes need none
// of the messages.
var countedCatalog = sync.OnceValue(func() catalog.Catalog {
	b := catalog.NewBuilder()
	for format, m := range countedMessages {
		byLanguage := [languages.Count][]catalog.Message{m.en, m.fr, m.es}
		for i, code := range languages.All {
			if err := b.Set(language.Make(code), format, byLanguage[i]...); err != nil {
				panic(err) // a message above is malformed, which the test of this file finds
			}
		}
	}
	return b
})

// formatCounted formats a message of countedMessages in a language of languages.All. It writes numbers without
// separators, as other messages do.
func formatCounted(lang, format string, args []any) string {
	plain := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case int, int64:
			arg = number.Decimal(arg, number.NoSeparator())
		}
		plain[i] = arg
	}
	return message.NewPrinter(language.Make(lang), message.Catalog(countedCatalog())).Sprintf(format, plain...)
}
