package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rightshub/internal/listening"
)

// startHub starts a demonstration in this process, and returns what it printed first and how to end it.
func startHub(t *testing.T, args ...string) (greeted string, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, ended := make(greeting, 1), make(chan int, 1)
	go func() {
		ended <- runCommandLine(ctx, append([]string{"serve", "--demo"}, args...), streams{out, os.Stderr})
	}()
	select {
	case greeted = <-out:
	case code := <-ended:
		t.Fatalf("the hub ended with %d", code)
	}
	return greeted, func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the hub ended with %d", code)
		}
	}
}

// askHealth returns the body of /healthz at the address.
func askHealth(t *testing.T, address listening.Address) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: address.Dial, DisableKeepAlives: true}}
	r, err := client.Get(address.URL() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAllowedHosts checks that a page of another site cannot reach a demonstration on this machine by making its own
// name lead there, and that the greeting says where any host is allowed.
func TestAllowedHosts(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status map[string]int // by host
		says   bool
	}{
		{[]string{"--listen", "127.0.0.1:0"},
			map[string]int{"rebound.example.org": 421, "localhost": 404, "127.0.0.1": 404}, false},
		{[]string{"--listen", "127.0.0.1:0", "--allowed-hosts", "Hub.example.org"},
			map[string]int{"rebound.example.org": 421, "localhost": 404, "hub.example.org": 404}, false},
		{[]string{"--listen", "0.0.0.0:0"}, map[string]int{"hub.example.org": 404}, true},
		{[]string{"--listen", "0.0.0.0:0", "--allowed-hosts", "hub.example.org"},
			map[string]int{"rebound.example.org": 421, "localhost": 404, "hub.example.org:8443": 404}, false},
	} {
		greeted, end := startHub(t, c.args...)
		url := regexp.MustCompile(`http://[^/]*`).FindString(greeted)
		for host, want := range c.status {
			r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/nowhere", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%v, host %s: %s, want %d", c.args, host, response.Status, want)
			}
		}
		end()
		if says := strings.Contains(greeted, "answers for any Host"); says != c.says {
			t.Errorf("%v: the hub says %s", c.args, greeted)
		}
	}
}

// TestServeOnUnixSocket checks that a hub answers on a Unix socket with its permissions, that other commands find its
// demonstration there, and that the file of the socket goes with the hub.
func TestServeOnUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.sock")
	address, err := listening.Parse("--listen", "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	greeted, end := startHub(t, "--listen", "unix:"+path, "--socket-mode", "600")
	if !strings.Contains(greeted, path) {
		t.Errorf("the hub says %s", greeted)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600|os.ModeSocket {
		t.Errorf("%v %v", info, err)
	}
	if got := askHealth(t, address); got != "ok\n" {
		t.Errorf("the hub answers %s", got)
	}
	var token bytes.Buffer
	args := []string{"token", "--as", "coordinator.bf@demo", "--url", "unix:" + path}
	if code := runCommandLine(t.Context(), args, streams{&token, os.Stderr}); code != 0 || token.Len() == 0 {
		t.Errorf("rightshub token: %d %s", code, &token)
	}
	end()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the file of the socket is still there: %v", err)
	}
}

// TestSocketActivation checks that a hub takes over the sockets that systemd passes to it, also one for the metrics.
// It leaves the file of a Unix socket to systemd.
func TestSocketActivation(t *testing.T) {
	folder := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "rightshub") // TestMain runs the hub under this name
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	// The shell has the process id of the hub, and systemd too knows it before it starts the hub.
	hub := exec.Command("sh", "-c", `LISTEN_PID=$$ exec "$0" serve --demo`, link)
	hub.Env = append(os.Environ(), "LISTEN_FDS=3", "LISTEN_FDNAMES=web:metrics:unix", "TMPDIR="+folder)
	hub.Stderr = os.Stderr
	var addresses []listening.Address
	for _, listen := range []struct{ network, address string }{
		{"tcp", "127.0.0.1:0"}, {"tcp", "127.0.0.1:0"}, {"unix", filepath.Join(folder, "hub.sock")},
	} {
		l, err := net.Listen(listen.network, listen.address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		file, err := l.(interface{ File() (*os.File, error) }).File()
		if err != nil {
			t.Fatal(err)
		}
		hub.ExtraFiles = append(hub.ExtraFiles, file)
		addresses = append(addresses, listening.AddressOf(l))
	}
	if err := hub.Start(); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 2} { // the requests wait in the sockets until the hub is ready
		if got := askHealth(t, addresses[i]); got != "ok\n" {
			t.Errorf("the hub answers %q on %s", got, addresses[i])
		}
	}
	r, err := http.Get(addresses[1].URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("the metrics answer %s", r.Status)
	}
	hub.Process.Signal(os.Interrupt)
	stuck := time.AfterFunc(time.Minute, func() { hub.Process.Kill() })
	defer stuck.Stop()
	if err := hub.Wait(); err != nil {
		t.Errorf("the hub ended with %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "hub.sock")); err != nil {
		t.Errorf("the hub removed the socket of systemd: %v", err)
	}
}
