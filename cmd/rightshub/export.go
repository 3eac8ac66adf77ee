package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/store"
)

// exportCommand is `rightshub export`.
type exportCommand struct {
	hubFlags
	Policies   string `type:"existingdir" help:"Folder with the policies by which the hub serves; without it, those inside the program."`
	SecretFile string `type:"path" help:"File with the hub's secret, which gives rows their names under an audit grant; beside a SQLite file it is found."`
	As         string `placeholder:"EMAIL" help:"Person who takes the rows out, by whose rights they are chosen and shown."`
	Purpose    string `help:"What sensitive data are read for (Purpose-Of-Use)."`
	Grant      string `help:"Audit grant under which the person acts (Audit-Grant)."`
	Out        string `placeholder:"FILE" type:"path" help:"File to write, readable by you alone; without it, the terminal."`
	HXL        bool   `name:"hxl" help:"Write a row of HXL hashtags beneath the header."`
	Language   string `default:"en" enum:"en,fr,es" help:"Language of the texts whose column names none: ${enum}."`
	Kind       string `arg:"" help:"A kind of file, as import takes it, or a type of the schema: Child, CaseFile, ..."`
}

// Run writes what the person sees and may take out of the hub. The file is there when all of it is, or not at all.
func (c *exportCommand) Run(ctx context.Context, to streams) error {
	if c.As == "" {
		return fault.New(fault.Invalid, "Say with --as who takes the file out: only a person with a role may.")
	}
	db, enter, err := c.sessionOpener(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var done exchange.ExportResult
	err = c.writeFile(to, func(w io.Writer) (err error) {
		done, err = exchange.Export(ctx, enter, c.Kind, w, exchange.ExportOptions{Language: c.Language, Hashtags: c.HXL})
		return err
	})
	if err != nil {
		return err
	}
	if c.Out != "" {
		fmt.Fprintf(to.out, "%s: %s\n", c.Out, inTerminalLanguage("%d rows", done.Rows))
	}
	if done.NotExportable > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage("%d rows are left out: you may read them, and not take them out of the hub.", done.NotExportable))
	}
	if done.Untranslated > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage("%d texts are empty: they are not in this language. Try another with --language, or export the types of the schema, which show all.", done.Untranslated))
	}
	if done.Unrepresentable > 0 {
		fmt.Fprintln(to.err, inTerminalLanguage("%d rows are left out: a file of this kind cannot hold them in this language. The types of the schema hold all that you may take out.", done.Unrepresentable))
	}
	return nil
}

// sessionOpener opens the database, and finds what opens sessions as requests of the person's are opened.
func (c *exportCommand) sessionOpener(ctx context.Context) (*database.DB, store.AuthenticateFunc, error) {
	policies, err := openPolicies(c.Policies)
	if err != nil {
		return nil, nil, err
	}
	grant, err := parseRowKey(inventory.Model.Entity("AuditGrant"), c.Grant)
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
		if err := db.CheckRowLevelSecurity(ctx, inventory.Model); err != nil {
			return nil, err
		}
		secret, kept, err := readHubSecret(named, c.SecretFile)
		if err != nil {
			return nil, err
		}
		hub, err := store.NewHub(db, inventory.Model, secret)
		if err != nil {
			return nil, err
		}
		door, err := identity.NewAuthenticator(hub, policies, nil, nil)
		if err != nil {
			return nil, err
		}
		as := door.Impersonate(c.As, store.Credentials{Purpose: c.Purpose, Grant: grant, Languages: []string{c.Language}})
		return func(ctx context.Context) (store.Session, error) {
			s, err := as(ctx)
			switch {
			case fault.Is(err, fault.Unauthenticated):
				return nil, fault.New(fault.NotFound, "Nobody who may sign in has the address %s.", c.As)
			case err == nil && s.Grant() != uuid.Nil && !kept:
				return nil, fault.New(fault.Invalid, "Set --secret-file: under an audit grant, rows have names that are made with the hub's secret.")
			}
			return s, err
		}, nil
	}()
	if err != nil {
		db.Close()
	}
	return db, enter, err
}

// writeFile writes the file under another name beside it, and renames it when all of it is there.
func (c *exportCommand) writeFile(to streams, do func(io.Writer) error) error {
	if c.Out == "" {
		return do(to.out)
	}
	if there, err := os.Stat(c.Out); err == nil && !there.Mode().IsRegular() {
		return fault.New(fault.Invalid, "%s is there and is no file: name another with --out.", c.Out)
	}
	unwritten := fault.New(fault.Unavailable, "The file %s cannot be written: check that its folder is there and may be written to.", c.Out)
	f, err := os.CreateTemp(filepath.Dir(c.Out), "."+filepath.Base(c.Out)+".*") // readable by this person alone
	if err != nil {
		return unwritten
	}
	defer os.Remove(f.Name()) // where it was not renamed
	defer f.Close()
	if err := do(f); err != nil {
		return err
	}
	if f.Sync() != nil || f.Close() != nil || os.Rename(f.Name(), c.Out) != nil {
		return unwritten
	}
	return nil
}
