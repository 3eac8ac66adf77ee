package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rightshub/internal/pgtemp"
	"rightshub/internal/store"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"rightshub": main}) }

// The scripts of testdata/script run the program as people do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			root, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("ADDRESS", l.Addr().String())
			env.Setenv("ROOT", root+"/../..")
			env.Setenv("TMPDIR", env.WorkDir)
			env.Setenv("ISSUER", issuer(env))
			env.Setenv("RIGHTSHUB_DATABASE_URL", "")
			return database(env)
		},
		Condition: func(name string) (bool, error) { // [postgres]: this machine has it
			_, err := exec.LookPath("initdb")
			found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
			return name == "postgres" && (err == nil || len(found) > 0), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"answers": answers},
	})
}

// issuer starts an OpenID Connect issuer, as far as a hub asks for it when it starts.
func issuer(env *testscript.Env) string {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	env.Defer(s.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": s.URL, "jwks_uri": s.URL + "/keys", "authorization_endpoint": s.URL, "token_endpoint": s.URL})
	})
	return s.URL
}

// database names an empty PostgreSQL database, or a SQLite file where this machine has no PostgreSQL.
func database(env *testscript.Env) error {
	env.Setenv("DATABASE_URL", "sqlite://"+env.WorkDir+"/real.db")
	server, err := pgtemp.Start(context.Background())
	if errors.Is(err, pgtemp.ErrNone) && os.Getenv("CI") != "true" {
		return nil
	}
	if err != nil {
		return err
	}
	env.Defer(server.Stop)
	env.Setenv("DATABASE_URL", server.URL)
	env.Setenv("SERVING_URL", strings.Replace(server.URL, "hub@", "hub_serving@", 1))
	db, err := store.Open(context.Background(), store.Options{URL: server.URL})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SQL().Exec("CREATE ROLE hub_serving LOGIN")
	return err
}

// answers waits until a URL answers 200, which must be within 5 seconds.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	var last error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		r, err := http.Get(args[0])
		if last = err; err == nil {
			r.Body.Close()
			if last = fmt.Errorf("%s", r.Status); r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s does not answer: %v", args[0], last)
}
