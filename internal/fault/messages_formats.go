package fault

// formatTranslations holds the messages of the import about the format of a file, the rows above its data,
// figures that cannot be, and the entries of lists.
var formatTranslations = map[string]translation{
	`The file is a workbook of LibreOffice. Open it there and save it as "CSV UTF-8".`: {
		"Le fichier est un classeur de LibreOffice. Ouvrez-le dans LibreOffice et enregistrez-le en « CSV UTF-8 ».",
		"El archivo es un libro de LibreOffice. Ábralo en LibreOffice y guárdelo como «CSV UTF-8».",
	},
	`The file is an Excel workbook, or another archive. Open it in Excel and save it as "CSV UTF-8".`: {
		"Le fichier est un classeur Excel, ou une autre archive. Ouvrez-le dans Excel et enregistrez-le en « CSV UTF-8 ».",
		"El archivo es un libro de Excel u otro archivo comprimido. Ábralo en Excel y guárdelo como «CSV UTF-8».",
	},
	`The file is a PDF. Export its table as "CSV UTF-8".`: {
		"Le fichier est un PDF. Exportez son tableau en « CSV UTF-8 ».",
		"El archivo es un PDF. Exporte su tabla como «CSV UTF-8».",
	},
	`The file is JSON. Save its rows as "CSV UTF-8".`: {
		"Le fichier est du JSON. Enregistrez ses lignes en « CSV UTF-8 ».",
		"El archivo es JSON. Guarde sus filas como «CSV UTF-8».",
	},
	`The file is XML or HTML. Open it in a spreadsheet and save it as "CSV UTF-8".`: {
		"Le fichier est du XML ou du HTML. Ouvrez-le dans un tableur et enregistrez-le en « CSV UTF-8 ».",
		"El archivo es XML o HTML. Ábralo en una hoja de cálculo y guárdelo como «CSV UTF-8».",
	},
	"The columns are separated by %s. Save the file with commas or semicolons.": {
		"Les colonnes sont séparées par %s. Enregistrez le fichier avec des virgules ou des points-virgules.",
		"Las columnas están separadas por %s. Guarde el archivo con comas o puntos y comas.",
	},
	"The header is not the first row, and line %d above it holds data. Move the header to the first line.": {
		"L'en-tête n'est pas la première ligne, et la ligne %d au-dessus contient des données. " +
			"Mettez l'en-tête sur la première ligne.",
		"El encabezado no es la primera fila, y la línea %d encima de él contiene datos. " +
			"Ponga el encabezado en la primera línea.",
	},
	"is left out, because it is above the header on line %d.": {
		"est ignorée, car elle est au-dessus de l'en-tête de la ligne %d.",
		"se omite, porque está encima del encabezado de la línea %d.",
	},
	"looks like HXL hashtags, but %s is none.": {
		"ressemble à des étiquettes HXL, mais %s n'en est pas une.",
		"parece una fila de etiquetas HXL, pero %s no lo es.",
	},
	"is below zero, which no number of people and no percentage is.": {
		"est inférieur à zéro, ce qu'aucun nombre de personnes et aucun pourcentage n'est.",
		"está por debajo de cero, lo que ningún número de personas ni ningún porcentaje está.",
	},
	"is above 100 percent. Check it.": {
		"dépasse 100 pour cent. Vérifiez-le.",
		"supera el 100 por ciento. Compruébelo.",
	},
	"is more than all people, which value counts.": {
		"dépasse le nombre de toutes les personnes, que compte value.",
		"supera el número de todas las personas, que cuenta value.",
	},
	"has an entry that is no article of the Convention on the Rights of the Child. Write numbers from 1 to 54.": {
		"contient une entrée qui n'est pas un article de la Convention relative aux droits de l'enfant. " +
			"Écrivez des nombres de 1 à 54.",
		"tiene una entrada que no es un artículo de la Convención sobre los Derechos del Niño. " +
			"Escriba números del 1 al 54.",
	},
	"has an entry that is no language of BCP 47. Write fr or wo-SN.": {
		"contient une entrée qui n'est pas une langue de BCP 47. Écrivez fr ou wo-SN.",
		"tiene una entrada que no es un idioma de BCP 47. Escriba fr o wo-SN.",
	},
}
