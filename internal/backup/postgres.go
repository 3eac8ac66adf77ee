package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/pgprograms"
)

// dumpPostgres lets pg_dump write the schema of the hub into a file, and says in the manifest what it holds. Both read
// the same snapshot. The dump has no owners and no privileges, since another server has other roles.
func (m *Manifest) dumpPostgres(ctx context.Context, db *database.DB, path string) error {
	if err := db.CheckRecord(ctx); err != nil {
		return err
	}
	return db.InSnapshot(ctx, func(ctx context.Context, s database.Snapshot) (err error) {
		m.Schema, m.MadeAt = s.Schema, s.Now
		if m.Contents, err = db.ReadContents(ctx, s); err != nil {
			return err
		}
		cmd, err := postgresProgram(ctx, db, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
			"--no-password", `--schema="`+s.Schema+`"`, "--snapshot="+s.Name, "--file="+path)
		if err != nil {
			return err
		}
		return runProgram(cmd)
	})
}

// postgresProgram returns the command of a program that connects to the database.
func postgresProgram(ctx context.Context, db *database.DB, name string, args ...string) (*exec.Cmd, error) {
	path := pgprograms.Find(name)
	if path == "" {
		return nil, fault.New(fault.Unavailable, "This machine lacks the program %s of PostgreSQL. Install the programs "+
			"of the server's version or a newer one, on Debian with: apt-get install postgresql-client", name)
	}
	environment, err := db.ClientEnvironment()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C"), environment...)
	return cmd, nil
}

// runProgram runs a program to its end. An error repeats the first line that the program has about it.
func runProgram(cmd *exec.Cmd) error {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return programError(cmd, &stderr)
	}
	return nil
}

// programError returns the error of a program. What psql says is reduced to a code, because the rest could quote a row.
func programError(cmd *exec.Cmd, stderr *bytes.Buffer) error {
	reason := "?"
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(strings.ToLower(line), "error") {
			reason = strings.TrimSpace(line)
			break
		}
	}
	return fault.New(fault.Unavailable, "%s failed. It says: %s", filepath.Base(cmd.Path), reason)
}

// restorePostgres removes the tables that the database has and loads those of the dump, in one transaction. When the
// dump cannot be loaded, the database stays as it was.
func (a *Archive) restorePostgres(ctx context.Context, named string, replace bool) (*Restored, error) {
	db, err := OpenDatabase(ctx, named)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	missing, err := db.CheckVersions(a.Contents)
	if err != nil {
		return nil, err
	}
	if err := db.CheckRestorable(ctx, a.Schema, a.RowSecurityRole); err != nil {
		return nil, err
	}
	if err := db.CheckReplaceable(ctx, db.SQL(), replace); err != nil {
		return nil, err
	}
	if err := db.CheckUnused(ctx); err != nil {
		return nil, err
	}
	drop, err := db.DropStatements(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.loadDump(ctx, db, drop); err != nil {
		return nil, err
	}
	return &Restored{MissingVersions: missing, Rows: a.Contents.EntityRows()}, db.CheckRecord(ctx)
}

// loadDump lets pg_restore turn the dump into SQL, and psql carry it out after the other statements. Then it compares
// the tables with the manifest. Without the last line, which follows only a complete dump, psql commits nothing.
func (a *Archive) loadDump(ctx context.Context, db *database.DB, before []string) error {
	dump, err := a.openCopy()
	if err != nil {
		return err
	}
	psql, err := postgresProgram(ctx, db, "psql", "--no-psqlrc", "--quiet", "--no-password", "--file=-",
		"--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate")
	if err != nil {
		return err
	}
	restore, err := postgresProgram(ctx, db, "pg_restore", "--no-owner", "--no-privileges", "--schema="+a.Schema,
		"--file=-")
	if err != nil {
		return err
	}
	script, err := psql.StdinPipe()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	psql.Stderr, restore.Stdin, restore.Stdout = &said, dump, script
	if err := psql.Start(); err != nil {
		return fault.New(fault.Unavailable, "%s failed. It says: %s", filepath.Base(psql.Path), "?")
	}
	_, err = io.WriteString(script, "BEGIN;\n"+strings.Join(before, ";\n")+";\n")
	if err == nil {
		err = runProgram(restore)
	}
	if err == nil {
		checks := strings.Join(a.Contents.CheckStatements(a.Schema), ";\n")
		_, err = io.WriteString(script, checks+";\nCOMMIT;\n")
	}
	script.Close()
	if ended := psql.Wait(); ended != nil { // then pg_restore could not write
		if strings.Contains(said.String(), database.ContentsDifferCode) {
			return fault.New(fault.Invalid, "The tables of the backup do not have the rows that the backup states. "+
				"Nothing was restored. Take another one.")
		}
		return programError(psql, &said)
	}
	if err != nil && !errors.As(err, new(*fault.Error)) {
		err = fault.New(fault.Unavailable, "%s failed. It says: %s", filepath.Base(psql.Path), "?")
	}
	return err
}
