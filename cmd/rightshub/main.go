// Command rightshub is the hub: it serves, migrates, imports, exports, checks policies and hands out tokens. Each file holds
// one command; the commands wire the packages together and decide nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"rightshub/internal/fault"
)

// commands is the command line: each field is a command, with its flags beside it.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve the hub."`
	Token     tokenCommand     `cmd:"" help:"Print a bearer token for a person of the demonstration that runs here."`
	Import    importCommand    `cmd:"" help:"Bring CSV files in, through the same checks as the API."`
	Export    exportCommand    `cmd:"" help:"Write what a person may see and export to a CSV file."`
	Documents documentsCommand `cmd:"" help:"Register the documents that programs ask."`
	Policy    policyCommand    `cmd:"" help:"Look at the access policies."`
	Admin     adminCommand     `cmd:"" help:"Make the first platform administrator."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database to this program's schema, or show where it stands."`

	RowSecurity rowSecurityCommand `cmd:"" help:"Row-level security: a second wall, in PostgreSQL itself."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runCommandLine(ctx, os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// terminalLanguage is that of whoever reads the terminal, as its environment says it (LC_ALL, LC_MESSAGES, LANG).
func terminalLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			tag, _, _ := strings.Cut(v, "_")
			return tag
		}
	}
	return "en"
}

// inTerminalLanguage says a sentence in that language.
func inTerminalLanguage(format string, args ...any) string {
	return fault.NewField("", format, args...).TranslatedReason(terminalLanguage())
}

// runCommandLine reads the command line, runs the command, and returns the exit code: 0 done, 1 failed, 2 not understood.
func runCommandLine(ctx context.Context, args []string, to streams) int {
	exit := -1
	parser, err := kong.New(&commands{}, kong.Name("rightshub"),
		kong.Description("A GraphQL data hub for a children's-rights organisation. Every flag is also an environment variable: --database-url is RIGHTSHUB_DATABASE_URL."),
		kong.DefaultEnvars("RIGHTSHUB"), kong.Writers(to.out, to.err), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(to))
	if err != nil {
		fmt.Fprintln(to.err, "rightshub:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help was asked for
		return exit
	}
	if err != nil {
		fmt.Fprintf(to.err, "rightshub: %v. Run rightshub --help.\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		var f *fault.Error
		if errors.As(err, &f) && f.Code != fault.Internal {
			message, _ := f.Translated(terminalLanguage())
			fmt.Fprintln(to.err, "rightshub:", message)
		} else {
			fmt.Fprintln(to.err, "rightshub:", err)
		}
		return 1
	}
	return 0
}
