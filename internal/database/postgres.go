package database

import (
	"database/sql/driver"
	"net/url"
	"strconv"
	"time"

	"github.com/lib/pq"

	"rightshub/internal/fault"
)

// postgresConnector opens a server through lib/pq. The URL must state sslmode, because its default differs between
// versions of lib/pq. It must not set binary_parameters, which breaks JSON columns.
func postgresConnector(u *url.URL, timeout time.Duration) (driver.Connector, error) {
	q := u.Query()
	switch {
	case q.Get("sslmode") == "":
		return nil, fault.New(fault.Invalid,
			"The database URL does not state sslmode: add ?sslmode=verify-full "+
				"(or sslmode=disable for a server on this machine).")
	case q.Get("binary_parameters") != "":
		return nil, fault.New(fault.Invalid,
			"The database URL sets binary_parameters, which breaks JSON columns: remove it.")
	}
	set := func(name, value string) {
		if q.Get(name) == "" {
			q.Set(name, value)
		}
	}
	set("statement_timeout", strconv.FormatInt(timeout.Milliseconds(), 10))
	set("connect_timeout", "5")
	set("application_name", "rightshub")
	set("timezone", "UTC")
	set("jit", "off") // compiling the plan of a small page costs more than running it
	u = &url.URL{Scheme: "postgres", User: u.User, Host: u.Host, Path: u.Path, RawQuery: q.Encode()}
	c, err := pq.NewConnector(u.String())
	if err != nil {
		return nil, &fault.Error{
			Code:    fault.Invalid,
			Message: "The database URL cannot be used: write postgres://user@host/name?sslmode=verify-full.",
			Cause:   redactError(err),
		}
	}
	return c, nil
}
