package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// importCommand is `rightshub import`.
type importCommand struct {
	hubFlags
	DryRun   bool     `help:"Check the files and print what would change, without changing anything."`
	Language string   `default:"${language}" enum:"${languages}" help:"${languages_help}"`
	Kind     string   `arg:"" help:"Kind of file: ${import_kinds}."`
	Files    []string `arg:"" name:"file" type:"existingfile" help:"CSV files in UTF-8, with commas or semicolons."`
}

// Run imports each file as a whole. A file with a refused row is not imported, and the exit code is then 1.
func (c *importCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	db, session, err := c.openSystemSession(ctx, m, "system_import")
	if err != nil {
		return err
	}
	defer db.Close()
	refused := 0
	for _, path := range c.Files {
		n, err := c.importFile(ctx, m, to, session, path)
		if err != nil {
			return err
		}
		refused += n
	}
	if !c.DryRun {
		if err := db.Analyze(ctx); err != nil {
			return err
		}
	}
	if refused > 0 {
		return fault.New(fault.Invalid,
			"%d rows were refused, so their files were not imported. Correct the rows and import the files again.",
			refused)
	}
	return nil
}

// importFile imports one file, prints its report, and returns how many rows were refused.
func (c *importCommand) importFile(
	ctx context.Context, m *model.Model, to streams, session store.Session, path string,
) (refused int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fault.New(fault.Invalid, "The file %s cannot be read.", path)
	}
	defer f.Close()
	options := exchange.Options{Language: c.Language, DryRun: c.DryRun, Progress: showProgress(to, path)}
	report, err := exchange.Import(ctx, m, session, c.Kind, f, options)
	if err != nil {
		return 0, c.prefixFileName(err, path)
	}
	for _, r := range report.Refused {
		fmt.Fprintf(to.out, "%s:%d: %s\n", path, r.Line, inTerminalLanguage("refused: %s", describeRefusal(r)))
	}
	for _, r := range report.Remarks {
		fmt.Fprintf(to.out, "%s:%d: %s\n", path, r.Line, describeRefusal(r))
	}
	done, change := "%d rows, %d new, %d changed, %d refused (done)", "changed %s: %s"
	switch {
	case len(report.Refused) > 0:
		done, change = "%d rows, %d new, %d changed, %d refused (nothing imported)", "would change %s: %s"
	case c.DryRun:
		done, change = "%d rows, %d new, %d changed, %d refused (dry run, nothing changed)", "would change %s: %s"
	}
	for _, r := range report.Changed {
		message := inTerminalLanguage(change, r.Key, strings.Join(r.Columns, ", "))
		fmt.Fprintf(to.out, "%s:%d: %s\n", path, r.Line, message)
	}
	refused = report.RefusedRows()
	summary := inTerminalLanguage(done, report.Rows, report.Created, len(report.Changed), refused)
	fmt.Fprintf(to.out, "%s: %s\n", path, summary)
	return refused, nil
}

// describeRefusal returns the column and the reason, or the reason alone where it is about the whole row.
func describeRefusal(r exchange.Refusal) string {
	reason := r.TranslatedReason(terminalLanguage())
	if r.Name == "" {
		return reason
	}
	return r.Name + ": " + reason
}

// prefixFileName puts the path of the file before the message of an error about the file.
func (c *importCommand) prefixFileName(err error, path string) error {
	f := fault.As(err)
	if !slices.Contains(exchange.Kinds(), c.Kind) || f.Code == fault.Internal {
		return err
	}
	message, _ := f.Translated(terminalLanguage())
	return &fault.Error{Code: f.Code, Message: path + ": " + message, Cause: f.Cause}
}

// showProgress returns a function that draws a progress bar, or nil when stderr is not a terminal.
func showProgress(to streams, path string) func(done, all int) {
	f, ok := to.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, all int) {
		if bar == nil {
			bar = progressbar.NewOptions(
				all,
				progressbar.OptionSetWriter(f),
				progressbar.OptionSetDescription(path),
				progressbar.OptionClearOnFinish(),
			)
		}
		bar.Set(done)
	}
}
