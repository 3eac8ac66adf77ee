// Package pgtemp starts a throw-away PostgreSQL server from the machine's own programs, for tests and for
// `go run ./internal/codegen diff`. Its data are lost on purpose, and it never listens beyond this machine.
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

// ErrNotInstalled says that this machine has no PostgreSQL programs.
var ErrNotInstalled = errors.New("no PostgreSQL here: install it (on Debian: apt-get install postgresql), or set RIGHTSHUB_TEST_DATABASE_URL")

// Server is a running server.
type Server struct {
	URL    string // of the database postgres
	folder string
	cmd    *exec.Cmd
}

// Start makes an empty cluster and starts it on a free port. It takes about a second, and returns when the
// server takes connections.
func Start(ctx context.Context, settings ...string) (*Server, error) {
	initdb, err := findProgram("initdb")
	if err != nil {
		return nil, err
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "rightshub-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	if as != nil {
		if err := os.Chown(folder, int(as.Uid), int(as.Gid)); err != nil {
			return nil, s.stopAfterError(err)
		}
	}
	data := filepath.Join(folder, "data")
	make := exec.CommandContext(ctx, initdb, "--pgdata="+data, "--username=hub", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	make.Dir, make.SysProcAttr = folder, &syscall.SysProcAttr{Credential: as}
	if out, err := make.CombinedOutput(); err != nil {
		return nil, s.stopAfterError(fmt.Errorf("initdb: %w: %s", err, out))
	}
	port, err := findFreePort()
	if err != nil {
		return nil, s.stopAfterError(err)
	}
	args := []string{"-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=60"}
	for _, set := range settings {
		args = append(args, "-c", set)
	}
	// The shell stops the server when its input closes, which happens even when this process is killed.
	shell := `"$@" & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid`
	s.cmd = exec.Command("/bin/sh", append([]string{"-c", shell, "sh", filepath.Join(filepath.Dir(initdb), "postgres")}, args...)...)
	s.cmd.Dir, s.cmd.SysProcAttr = folder, &syscall.SysProcAttr{Credential: as, Setpgid: true}
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
	return nil, s.stopAfterError(fmt.Errorf("postgres did not start: %s", log.String()))
}

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

// findProgram finds a program of PostgreSQL on PATH or where Debian puts it, newest first.
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

// serverAccount is whom the server runs as: nobody in particular, unless this process is root, which PostgreSQL refuses.
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
	return nil, errors.New("PostgreSQL refuses to run as root and there is no user postgres or nobody")
}

// acceptsConnections reports whether the server takes connections: it listens before it does, and says so in its own file, of which
// the eighth line is the state.
func acceptsConnections(data string) bool {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

func findFreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
