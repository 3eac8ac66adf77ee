package backup

import (
	"context"
	"strings"

	"rightshub/internal/fault"
)

// Restore puts the database of the backup in the place of the one that the URL names. With replace, that one may hold
// rows, which are deleted. No hub may be connected to it. What was restored is compared with the manifest.
func (a *Archive) Restore(ctx context.Context, named string, replace bool) (*Restored, error) {
	kind := "sqlite"
	if strings.HasPrefix(named, "postgres") {
		kind = "postgres"
	}
	switch {
	case kind != a.Database:
		return nil, fault.New(fault.Invalid, "The backup is one of %s, and --database-url names a database of %s. "+
			"Name one of the same kind.", a.Database, kind)
	case kind == "postgres":
		return a.restorePostgres(ctx, named, replace)
	}
	return a.restoreSQLite(ctx, named, replace)
}
