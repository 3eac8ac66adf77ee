package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// exportCommand is `rightshub export`.
type exportCommand struct {
	hubFlags
	Policies   string `type:"existingdir" help:"Folder with the policies of the hub (default: the built-in ones)."`
	SecretFile string `type:"path" help:"${export_secret_help}"`
	As         string `placeholder:"EMAIL" help:"Person that exports the rows. Their rights select and mask the rows."`
	Purpose    string `help:"Purpose for which sensitive data are read (Purpose-Of-Use)."`
	Grant      string `help:"Audit grant under which the person acts (Audit-Grant)."`
	Out        string `placeholder:"FILE" type:"path" help:"File to write, which you alone may read."`
	Format     string `default:"${export_format}" enum:"${export_formats}" help:"Format of the file: ${enum}."`
	Excel      bool   `help:"Write CSV for French and Spanish Excel (semicolons, decimal commas, byte order mark)."`
	HXL        bool   `name:"hxl" help:"Write a row of HXL hashtags beneath the header."`
	Language   string `default:"${language}" enum:"${languages}" help:"${languages_help}"`
	Kind       string `arg:"" help:"Kind of file, as for import, or a type of the schema such as Child or CaseFile."`
}

// exportSecretHelp is the help of exportCommand.SecretFile, which is too long for its tag.
const exportSecretHelp = "File with the secret of the hub, which makes the pseudonyms of rows under an audit grant. " +
	"The default is the file beside a SQLite database."

// Run exports the rows that the person may read and export. It creates the file only when the export is complete.
func (c *exportCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	if c.As == "" {
		return fault.New(fault.Invalid,
			"Name the person that exports the file with --as. The export follows the rights of that person.")
	}
	db, enter, err := c.sessionOpener(ctx, m)
	if err != nil {
		return err
	}
	defer db.Close()
	var done exchange.ExportResult
	err = c.writeFile(to, func(w io.Writer) (err error) {
		options := exchange.ExportOptions{
			Language: c.Language, Hashtags: c.HXL, Format: c.Format, Excel: c.Excel,
		}
		done, err = exchange.Export(ctx, m, enter, c.Kind, w, options)
		return err
	})
	if err != nil {
		return err
	}
	if c.Out != "" {
		fmt.Fprintf(to.out, "%s: %s\n", c.Out, inTerminalLanguage("%d rows", done.Rows))
	}
	if done.NotExportable > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage(
			"%d rows are left out because you may read but not export them.", done.NotExportable))
	}
	if done.Untranslated > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage(
			"%d texts are empty in this language. Try another --language, or export the types of the schema.",
			done.Untranslated))
	}
	if done.Unrepresentable > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage(
			"%d rows are left out because this kind of file cannot hold them. Export the types of the schema instead.",
			done.Unrepresentable))
	}
	return nil
}

// sessionOpener opens the database and returns the function that opens a session of the person, as a request would.
// The caller closes the database.
func (c *exportCommand) sessionOpener(
	ctx context.Context, m *model.Model,
) (*database.DB, store.AuthenticateFunc, error) {
	policies, err := openPolicies(m, c.Policies)
	if err != nil {
		return nil, nil, err
	}
	grant, err := parseRowKey(m, m.Entity("AuditGrant"), c.Grant)
	if err != nil {
		return nil, nil, err
	}
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return nil, nil, err
	}
	db, err := c.open(ctx, c.RowLevelSecurity)
	if err != nil {
		return nil, nil, err
	}
	enter, err := func() (store.AuthenticateFunc, error) {
		if err := db.CheckSchema(ctx); err != nil {
			return nil, err
		}
		if err := db.CheckRowLevelSecurity(ctx, m); err != nil {
			return nil, err
		}
		secret, stored, err := readHubSecret(named, c.SecretFile)
		if err != nil {
			return nil, err
		}
		if stored {
			if err := db.CheckSecret(ctx, secret); err != nil {
				return nil, err
			}
		}
		hub, err := store.NewHub(db, m, secret)
		if err != nil {
			return nil, err
		}
		authenticator, err := identity.NewAuthenticator(hub, policies, nil, nil)
		if err != nil {
			return nil, err
		}
		credentials := store.Credentials{Purpose: c.Purpose, Grant: grant, Languages: []string{c.Language}}
		openSession := authenticator.Impersonate(c.As, credentials)
		return func(ctx context.Context) (store.Session, error) {
			s, err := openSession(ctx)
			switch {
			case fault.Is(err, fault.Unauthenticated):
				return nil, fault.New(fault.NotFound, "Nobody who may sign in has the address %s.", c.As)
			case err == nil && s.Grant() != uuid.Nil && !stored:
				return nil, fault.New(fault.Invalid,
					"Set --secret-file. Under an audit grant, the hub's secret makes the pseudonyms of rows.")
			}
			return s, err
		}, nil
	}()
	if err != nil {
		db.Close()
	}
	return db, enter, err
}

// writeFile calls write with a temporary file beside the output file, and renames it when write has succeeded.
// Without an output file, it calls write with the terminal.
func (c *exportCommand) writeFile(to streams, write func(io.Writer) error) error {
	if c.Out == "" {
		return write(to.out)
	}
	if existing, err := os.Stat(c.Out); err == nil && !existing.Mode().IsRegular() {
		return fault.New(fault.Invalid, "%s exists and is not a regular file. Name another with --out.", c.Out)
	}
	cannotWrite := fault.New(fault.Unavailable,
		"The file %s cannot be written. Check that its folder exists and is writable.", c.Out)
	f, err := os.CreateTemp(filepath.Dir(c.Out), "."+filepath.Base(c.Out)+".*") // only the current user may read it
	if err != nil {
		return cannotWrite
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if f.Sync() != nil || f.Close() != nil || os.Rename(f.Name(), c.Out) != nil {
		return cannotWrite
	}
	return nil
}
