// Package pgtemp starts a temporary PostgreSQL server with the installed PostgreSQL programs, for tests and for
// `go run ./internal/codegen diff`. The data are removed when the server stops, and it listens on the loopback address
// only.
package pgtemp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"rightshub/internal/pgprograms"
)

// ErrNotInstalled means that this machine has no PostgreSQL programs.
var ErrNotInstalled = errors.New("PostgreSQL is not installed: install it (on Debian: apt-get install postgresql), " +
	"or set RIGHTSHUB_TEST_DATABASE_URL")

// Server is a running server.
type Server struct {
	URL     string // the URL of the database named postgres
	folder  string
	account *syscall.Credential // that the server runs as; nil for the account of this process
	port    int
	cmd     *exec.Cmd
	input   io.Closer // the server stops when it is closed
}

// Start creates an empty cluster and starts a server on a free port, with further settings as "name=value". It takes
// about a second and returns when the server accepts connections.
func Start(ctx context.Context, settings ...string) (*Server, error) {
	s, err := newCluster(ctx)
	if err != nil {
		return nil, err
	}
	return s, s.start(settings)
}

// StartPair starts a server and a standby that follows it, takes no writes and can be promoted. The standby begins as a
// copy of the empty cluster.
func StartPair(ctx context.Context, settings ...string) (primary, standby *Server, err error) {
	if primary, err = newCluster(ctx); err != nil {
		return nil, nil, err
	}
	if standby, err = newServer(); err != nil {
		return nil, nil, primary.stopAfterError(err)
	}
	err = standby.runProgram(ctx, "/bin/cp", "-a", primary.data(), standby.data())
	if err == nil {
		err = standby.runProgram(ctx, "/usr/bin/touch", filepath.Join(standby.data(), "standby.signal"))
	}
	if err == nil {
		err = primary.start(settings)
	}
	if err == nil {
		err = standby.start([]string{
			fmt.Sprintf("primary_conninfo=host=127.0.0.1 port=%d user=hub application_name=standby", primary.port),
			"max_connections=100", // not below the value that initdb wrote
		})
	}
	if err != nil {
		primary.Stop()
		standby.Stop()
	}
	return primary, standby, err
}

// Promote makes a standby a server that takes writes, and returns when it does.
func (s *Server) Promote(ctx context.Context) error {
	return s.run(ctx, "pg_ctl", "promote", "--wait", "--pgdata="+s.data())
}

// Pause stops all processes of the server where they are, as a frozen machine does, until Resume.
func (s *Server) Pause() error { return s.signalAll(syscall.SIGSTOP) }

// Resume lets the server go on after Pause.
func (s *Server) Resume() error { return s.signalAll(syscall.SIGCONT) }

// signalAll sends a signal to the processes of the server. PostgreSQL gives each of them a process group of its own.
func (s *Server) signalAll(signal syscall.Signal) error {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(line)
	if err != nil {
		return err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	if err != nil {
		return err
	}
	for _, field := range append(strings.Fields(string(children)), line) {
		pid, err := strconv.Atoi(field)
		if err == nil {
			syscall.Kill(pid, signal)
		}
	}
	return nil
}

// newCluster makes a server with an empty cluster, which does not run yet.
func newCluster(ctx context.Context) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	err = s.run(ctx, "initdb", "--pgdata="+s.data(), "--username=hub", "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--no-sync")
	if err != nil {
		return nil, s.stopAfterError(err)
	}
	return s, nil
}

// newServer makes the folder of a server.
func newServer() (*Server, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "rightshub-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, account: account}
	if account != nil {
		if err := os.Chown(folder, int(account.Uid), int(account.Gid)); err != nil {
			return nil, s.stopAfterError(err)
		}
	}
	return s, nil
}

// data is the folder of the cluster.
func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// run runs a program of PostgreSQL as the account of the server.
func (s *Server) run(ctx context.Context, name string, args ...string) error {
	program, err := findProgram(name)
	if err != nil {
		return err
	}
	return s.runProgram(ctx, program, args...)
}

// runProgram runs a program as the account of the server.
func (s *Server) runProgram(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.SysProcAttr = s.folder, &syscall.SysProcAttr{Credential: s.account}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// start starts the server on a free port. A server that does not start is removed.
func (s *Server) start(settings []string) error {
	postgres, err := findProgram("postgres")
	if err != nil {
		return s.stopAfterError(err)
	}
	if s.port, err = findFreePort(); err != nil {
		return s.stopAfterError(err)
	}
	// The shell stops the server when its input closes, which happens even when this process is killed.
	const script = `"$@" & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid`
	args := []string{"-c", script, "sh", postgres,
		"-D", s.data(), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=60"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.cmd = exec.Command("/bin/sh", args...)
	s.cmd.Dir, s.cmd.SysProcAttr = s.folder, &syscall.SysProcAttr{Credential: s.account, Setpgid: true}
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return s.stopAfterError(err)
	}
	var log bytes.Buffer
	s.cmd.Stderr = &log
	if err := s.cmd.Start(); err != nil {
		return s.stopAfterError(err)
	}
	s.URL = fmt.Sprintf("postgres://hub@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	for range 600 {
		if acceptsConnections(s.data()) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return s.stopAfterError(fmt.Errorf("postgres did not start within 30 seconds: %s", log.String()))
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
		s.input.Close() // in the background of a script, the shell ignores the signal
		s.cmd.Wait()
	}
	os.RemoveAll(s.folder)
}

// findProgram finds a PostgreSQL program, and the file that a link to it leads to.
func findProgram(name string) (string, error) {
	path := pgprograms.Find(name)
	if path == "" {
		return "", ErrNotInstalled
	}
	return filepath.EvalSymlinks(path)
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
	if err != nil || len(lines) < 8 {
		return false
	}
	state := strings.TrimSpace(lines[7])
	return state == "ready" || state == "standby"
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
