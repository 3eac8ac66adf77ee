package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/pgtemp"
)

func TestMain(m *testing.M) {
	testscript.Main(dbtest.Tests{M: m}, map[string]func(){"rightshub": main})
}

// TestScripts runs the scripts of testdata/script, which run the program as people do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"ADDRESS", "METRICS"} {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				defer l.Close()
				env.Setenv(name, l.Addr().String())
			}
			root, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("ROOT", root+"/../..")
			env.Setenv("TMPDIR", env.WorkDir)
			env.Setenv("ISSUER", startIssuer(env))
			env.Setenv("RIGHTSHUB_DATABASE_URL", "")
			return provideDatabase(env)
		},
		Condition: func(name string) (bool, error) { // [postgres] is true when the machine has PostgreSQL
			_, err := exec.LookPath("initdb")
			found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
			return name == "postgres" && (err == nil || len(found) > 0), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers":      waitForAnswer,
			"says":         waitForText,
			"steady":       writeStableOutput,
			"keep":         captureOutput,
			"follows-help": followHelpLinks,
		},
	})
}

// startIssuer starts an OpenID Connect issuer with the one document that a hub reads when it starts.
func startIssuer(env *testscript.Env) string {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	env.Defer(s.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"issuer":                 s.URL,
			"jwks_uri":               s.URL + "/keys",
			"authorization_endpoint": s.URL,
			"token_endpoint":         s.URL,
		})
	})
	return s.URL
}

// provideDatabase sets DATABASE_URL to an empty PostgreSQL database, or to a SQLite file when the machine has no
// PostgreSQL. With PostgreSQL it sets SERVING_URL to the same database as a role that may be put under row-level
// security. FIRST_URL and FIRST_SERVING_URL are of a database and roles that a script makes.
func provideDatabase(env *testscript.Env) error {
	env.Setenv("DATABASE_URL", "sqlite://"+env.WorkDir+"/real.db")
	server, err := pgtemp.Start(context.Background())
	if errors.Is(err, pgtemp.ErrNotInstalled) && os.Getenv("CI") != "true" {
		return nil
	}
	if err != nil {
		return err
	}
	env.Defer(server.Stop)
	env.Setenv("DATABASE_URL", server.URL)
	env.Setenv("SERVING_URL", strings.Replace(server.URL, "hub@", "hub_serving@", 1))
	first := strings.Replace(server.URL, "/postgres?", "/first?", 1)
	env.Setenv("FIRST_URL", strings.Replace(first, "hub@", "first_hub@", 1))
	env.Setenv("FIRST_SERVING_URL", strings.Replace(first, "hub@", "first_serving@", 1))
	db, err := database.Open(context.Background(), database.Options{URL: server.URL})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SQL().Exec("CREATE ROLE hub_serving LOGIN")
	return err
}

// waitForAnswer waits until a URL answers 200. It waits up to five minutes, because filling a demonstration on
// PostgreSQL takes long on a busy machine. Its usage is `answers URL`.
func waitForAnswer(ts *testscript.TestScript, neg bool, args []string) {
	var last error
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
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

// waitForText waits up to two minutes until the answer of a URL matches an expression. Its usage is
// `says EXPRESSION URL [TOKEN_FILE QUERY_FILE]`. With the files it sends the query with the token.
func waitForText(ts *testscript.TestScript, neg bool, args []string) {
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	last := ""
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		request, err := http.NewRequest("GET", args[1], nil)
		ts.Check(err)
		if len(args) == 4 {
			body, err := json.Marshal(map[string]string{"query": ts.ReadFile(args[3])})
			ts.Check(err)
			request, err = http.NewRequest("POST", args[1], bytes.NewReader(body))
			ts.Check(err)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
		}
		if r, err := http.DefaultClient.Do(request); err == nil {
			text, err := io.ReadAll(r.Body)
			r.Body.Close()
			ts.Check(err)
			if last = string(text); want.MatchString(last) != neg {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s says %s", args[1], last)
}

// varyingText matches what differs between two runs, which are keys, ids, times, days, versions and line numbers.
var varyingText = regexp.MustCompile(
	`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}` +
		`|\b[a-z]{2,3}_[A-Za-z0-9_-]{22}\b` +
		`|\d{4}-\d\d-\d\d( \d\d:\d\d)?` +
		`|\b[0-9a-f]{16}\b` +
		`|line \d+`)

// writeStableOutput writes the output of the last command to a file, with a dot for each varyingText.
// Its usage is `steady FILE`.
func writeStableOutput(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), varyingText.ReplaceAll([]byte(ts.ReadFile("stdout")), []byte("·")), 0o644))
}

// captureOutput sets a variable to the text that the first group of an expression matches in the output of the last
// command. Its usage is `keep NAME EXPRESSION`.
func captureOutput(ts *testscript.TestScript, neg bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("nothing matches %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}
