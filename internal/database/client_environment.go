package database

import (
	"cmp"
	"strings"
)

// clientVariables are the environment variables of PostgreSQL's programs, by the parameters of a database URL.
var clientVariables = map[string]string{
	"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
	"passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
	"sslrootcert": "PGSSLROOTCERT", "target_session_attrs": "PGTARGETSESSIONATTRS",
}

// ClientEnvironment returns the environment variables with which PostgreSQL's programs connect to the database. A
// password in their arguments could be read by everybody on the machine.
func (db *DB) ClientEnvironment() ([]string, error) {
	u, err := parseURL(db.url)
	if err != nil {
		return nil, Classify(err)
	}
	values := map[string]string{
		"host": u.Hostname(), "port": u.Port(), "dbname": strings.TrimPrefix(u.Path, "/"), "user": u.User.Username(),
	}
	values["password"], _ = u.User.Password()
	values["host"] = cmp.Or(values["host"], "localhost") // as lib/pq does
	out := []string{"PGAPPNAME=rightshub-backup"}
	for name, variable := range clientVariables {
		if value := cmp.Or(u.Query().Get(name), values[name]); value != "" {
			out = append(out, variable+"="+value)
		}
	}
	return out, nil
}
