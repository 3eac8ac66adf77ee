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
	"rightshub/internal/store"
)

// importCommand is `rightshub import`.
type importCommand struct {
	hubFlags
	DryRun   bool     `help:"Check the files and say what would change; change nothing."`
	Language string   `default:"en" enum:"en,fr,es" help:"Language of the texts whose column names none: ${enum}."`
	Kind     string   `arg:"" help:"countries, offices, partners, interventions, results, resources or volunteer_mandates."`
	Files    []string `arg:"" name:"file" type:"existingfile" help:"CSV files in UTF-8, with commas or semicolons."`
}

// Run imports each file: all of its rows, or none. The exit code is 1 when a file was refused.
func (c *importCommand) Run(ctx context.Context, to streams) error {
	db, session, err := c.openSystemSession(ctx, "system_import")
	if err != nil {
		return err
	}
	defer db.Close()
	refused := 0
	for _, path := range c.Files {
		n, err := c.importFile(ctx, to, session, path)
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
	switch {
	case refused == 1:
		return fault.New(fault.Invalid, "1 row was refused; nothing of its file was imported. Mend the row and import the file again.")
	case refused > 1:
		return fault.New(fault.Invalid, "%d rows were refused; nothing of their files was imported. Mend the rows and import the files again.", refused)
	}
	return nil
}

func (c *importCommand) importFile(ctx context.Context, to streams, session store.Session, path string) (refused int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fault.New(fault.Invalid, "The file %s cannot be read.", path)
	}
	defer f.Close()
	report, err := exchange.Import(ctx, session, c.Kind, f, exchange.Options{Language: c.Language, DryRun: c.DryRun, Progress: showProgress(to, path)})
	if err != nil {
		return 0, c.prefixFileName(err, path)
	}
	for _, r := range report.Refused {
		reason := r.TranslatedReason(terminalLanguage())
		if r.Name != "" {
			reason = r.Name + ": " + reason
		}
		fmt.Fprintf(to.out, "%s:%d: %s\n", path, r.Line, inTerminalLanguage("refused: %s", reason))
	}
	for _, r := range report.Remarks {
		fmt.Fprintf(to.out, "%s:%d: %s: %s\n", path, r.Line, r.Name, r.TranslatedReason(terminalLanguage()))
	}
	done, change := "%d rows, %d new, %d changed, %d refused (done)", "changed %s: %s"
	switch {
	case len(report.Refused) > 0:
		done, change = "%d rows, %d new, %d changed, %d refused (nothing imported)", "would change %s: %s"
	case c.DryRun:
		done, change = "%d rows, %d new, %d changed, %d refused (dry run, nothing changed)", "would change %s: %s"
	}
	for _, r := range report.Changed {
		fmt.Fprintf(to.out, "%s:%d: %s\n", path, r.Line, inTerminalLanguage(change, r.Key, strings.Join(r.Columns, ", ")))
	}
	refused = report.RefusedRows()
	fmt.Fprintf(to.out, "%s: %s\n", path, inTerminalLanguage(done, report.Rows, report.Created, len(report.Changed), refused))
	return refused, nil
}

// prefixFileName puts the file's name before what is wrong with the file.
func (c *importCommand) prefixFileName(err error, path string) error {
	f := fault.As(err)
	if !slices.Contains(exchange.Kinds(), c.Kind) || f.Code == fault.Internal {
		return err
	}
	message, _ := f.Translated(terminalLanguage())
	return &fault.Error{Code: f.Code, Message: path + ": " + message, Cause: f.Cause}
}

// showProgress shows how far a file is, on a terminal only.
func showProgress(to streams, path string) func(done, all int) {
	f, ok := to.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, all int) {
		if bar == nil {
			bar = progressbar.NewOptions(all, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(path), progressbar.OptionClearOnFinish())
		}
		bar.Set(done)
	}
}
