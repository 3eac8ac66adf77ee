// Package pgtemp starts a temporary PostgreSQL server with the installed PostgreSQL programs, for tests and for
// `go run ./internal/codegen diff`. The data are removed when the server stops, and it listens on the loopback address
// only.
package pgtemp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNotInstalled means that this machine has no PostgreSQL programs.
var ErrNotInstalled = errors.New("PostgreSQL is not installed: install it (on Debian: apt-get install postgresql), " +
	"or set RIGHTSHUB_TEST_DATABASE_URL")

// Server is a running server.
type Server struct {
	URL    string // the URL of the database named postgres
	folder string
	cmd    *exec.Cmd
}

// Start creates an empty cluster and starts a server on a free port, with further settings as "name=value". It takes
// about a second and returns when the server accepts connections.
func Start(ctx context.Context, settings ...string) (*Server, error) {
	initdb, err := findProgram("initdb")
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "rightshub-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	if account != nil {
		if err := os.Chown(folder, int(account.Uid), int(account.Gid)); err != nil {
			return nil, s.stopAfterError(err)
		}
	}
	data := filepath.Join(folder, "data")
	create := exec.CommandContext(ctx, initdb, "--pgdata="+data, "--username=hub", "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--no-sync")
	create.Dir, create.SysProcAttr = folder, &syscall.SysProcAttr{Credential: account}
	if out, err := create.CombinedOutput(); err != nil {
		return nil, s.stopAfterError(fmt.Errorf("initdb: %w: %s", err, out))
	}
	port, err := findFreePort()
	if err != nil {
		return nil, s.stopAfterError(err)
	}
	// The shell stops the server when its input closes, which happens even when this process is killed.
	const script = `"$@" & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid`
	args := []string{"-c", script, "sh", filepath.Join(filepath.Dir(initdb), "postgres"),
		"-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=60"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.cmd = exec.Command("/bin/sh", args...)
	s.cmd.Dir, s.cmd.SysProcAttr = folder, &syscall.SysProcAttr{Credential: account, Setpgid: true}
	if _, err := s.cmd.StdinPipe(); err != nil {
		return nil, s.stopAfterError(err)
	}
	var log bytes.Buffer
	s.cmd.Stderr = &log
	if err := s.cmd.Start(); err != nil {
		return nil, s.stopAfterError(err)
	}
	s.URL = fmt.Sprintf("postgres://hub@127.0.0.1:%d/postgres?sslmode=disable", port)
	for range 600 {
		if acceptsConnections(data) {
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, s.stopAfterError(fmt.Errorf("postgres did not start within 30 seconds: %s", log.String()))
}

// stopAfterError stops a server that Start could not start completely, and returns the error.
func (s *Server) stopAfterError(err error) error {
	s.Stop()
	return err
}

// Stop ends the server and removes its data.
func (s *Server) Stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT)
		s.cmd.Wait()
	}
	os.RemoveAll(s.folder)
}

// findProgram finds a PostgreSQL program on PATH. Otherwise it takes the newest version where Debian installs them.
func findProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.EvalSymlinks(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", ErrNotInstalled
	}
	slices.Sort(found)
	return found[len(found)-1], nil
}

// serverAccount returns the account that the server runs as. It is nil for the account of this process, except when
// that is root, because PostgreSQL refuses to run as root.
func serverAccount() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
	}
	return nil, errors.New("PostgreSQL refuses to run as root: create a user postgres or nobody")
}

// acceptsConnections reports whether the server accepts connections. A server listens before it accepts, so an open
// port does not prove it. The eighth line of postmaster.pid is the state of the server.
func acceptsConnections(data string) bool {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

// findFreePort returns a TCP port on which nothing listens at the moment.
func findFreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
