// Command rightshub serves the hub, migrates its database, imports and exports files, checks policies and prints
// tokens. Each file holds one command. The commands wire packages together and hold no rules.
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

	"rightshub/ent/inventory"
	"rightshub/internal/config"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/languages"
)

// commands is the command line. Each field is a command.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve the hub."`
	Health    healthCommand    `cmd:"" help:"Ask a hub on this machine whether it is ready."`
	Token     tokenCommand     `cmd:"" help:"Print a bearer token for a person of the demonstration that runs here."`
	Import    importCommand    `cmd:"" help:"Import CSV files, with the same checks as the API."`
	Export    exportCommand    `cmd:"" help:"Export the rows that a person may read and export to a file."`
	Documents documentsCommand `cmd:"" help:"Register the GraphQL documents that programs send."`
	Policy    policyCommand    `cmd:"" help:"Check and explain the access policies."`
	Admin     adminCommand     `cmd:"" help:"Create the first platform administrator, or link accounts anew."`
	Migrate   migrateCommand   `cmd:"" help:"Migrate the database to this program's schema, or show its version."`

	Backup  backupCommand  `cmd:"" help:"${backup_help}"`
	Restore restoreCommand `cmd:"" help:"${restore_help}"`
	Secret  secretCommand  `cmd:"" help:"Go on without the hub's secret, when it is lost."`

	RowSecurity rowSecurityCommand `cmd:"" help:"Set up row-level security, which enforces access in PostgreSQL too."`

	Version      versionCommand `cmd:"" help:"Print the version, and the commit that the program was built from."`
	PrintVersion versionFlag    `name:"version" env:"-" help:"Print the version, and the commit of the program."`
}

// streams are the output and the error stream of a command.
type streams struct{ out, err io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runCommandLine(ctx, os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// terminalLanguage returns the language of the terminal, from the first of LC_ALL, LC_MESSAGES and LANG that is set.
func terminalLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			tag, _, _ := strings.Cut(v, "_")
			return tag
		}
	}
	return languages.Default
}

// inTerminalLanguage translates a message into the language of the terminal.
func inTerminalLanguage(format string, args ...any) string {
	return fault.NewField("", format, args...).TranslatedReason(terminalLanguage())
}

// languagesHelp explains the flag --language of import and export.
var languagesHelp = "Language of texts in columns that name none: " + strings.Join(languages.All[:], ",") + "."

// runCommandLine parses the command line, runs the command and returns the exit code. It is 0 on success, 1 when the
// command failed, and 2 when the command line is wrong.
func runCommandLine(ctx context.Context, args []string, to streams) int {
	exit := -1
	parser, err := kong.New(
		&commands{},
		kong.Name("rightshub"),
		kong.Description("A GraphQL data hub for a children's-rights organisation. "+
			"Every flag is also an environment variable. For --database-url it is RIGHTSHUB_DATABASE_URL."),
		kong.Vars{
			"backup_help":            backupHelp,
			"backup_secret_help":     backupSecretHelp,
			"database_url_help":      databaseURLHelp,
			"documents_folder_help":  documentsFolderHelp,
			"export_format":          exchange.Formats()[0],
			"export_formats":         strings.Join(exchange.Formats(), ","),
			"export_secret_help":     exportSecretHelp,
			"import_kinds":           strings.Join(exchange.Kinds(), ", "),
			"language":               languages.Default,
			"languages":              strings.Join(languages.All[:], ","),
			"languages_help":         languagesHelp,
			"migrate_up_help":        migrateUpHelp,
			"policy_folder_help":     policyFolderHelp,
			"relink_help":            relinkHelp,
			"relink_to_issuer_help":  relinkToIssuerHelp,
			"relink_to_subject_help": relinkToSubjectHelp,
			"restore_help":           restoreHelp,
			"restore_secret_help":    restoreSecretHelp,
			"restore_without_help":   restoreWithoutHelp,
			"row_security_on_help":   rowSecurityOnHelp,
			"secret_abandon_help":    secretAbandonHelp,
			"time_help":              timeHelp,
		},
		kong.Vars(config.HelpTexts),
		kong.DefaultEnvars("RIGHTSHUB"),
		kong.Writers(to.out, to.err),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(to, inventory.Load()),
	)
	if err != nil {
		fmt.Fprintln(to.err, "rightshub:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // kong has printed the help
		return exit
	}
	if err != nil {
		fmt.Fprintf(to.err, "rightshub: %v. Run rightshub --help.\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil { // then the error only says what the command was doing
			fmt.Fprintln(to.err, "rightshub:", inTerminalLanguage("Stopped by a signal before the command was done."))
			return 1
		}
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
