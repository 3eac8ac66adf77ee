package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestNotifySystemd checks that systemd learns when the hub answers, and when it begins to stop.
func TestNotifySystemd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify.sock")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	requireMessage := func(want string) {
		t.Helper()
		text := make([]byte, 100)
		systemd.SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := systemd.Read(text); err != nil || string(text[:n]) != want {
			t.Errorf("systemd gets %q, %v, want %s", text[:n], err, want)
		}
	}
	t.Setenv("NOTIFY_SOCKET", path)
	_, end := startHub(t, "--listen", "127.0.0.1:0")
	requireMessage("READY=1")
	end()
	requireMessage("STOPPING=1")
}

// TestHealth checks that `rightshub health` succeeds only while a hub at the address and path is ready.
func TestHealth(t *testing.T) {
	socket := "unix:" + filepath.Join(t.TempDir(), "hub.sock")
	_, end := startHub(t, "--listen", socket, "--base-path", "/hub", "--allowed-hosts", "hub.example.org")
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "The database does not answer.", http.StatusServiceUnavailable)
	}))
	defer broken.Close()
	requireCode := func(want int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		code := runCommandLine(t.Context(), append([]string{"health"}, args...), streams{&out, &out})
		if code != want || !strings.Contains(out.String(), says) {
			t.Errorf("%v: %d %s, want %d and %q", args, code, &out, want, says)
		}
	}
	requireCode(0, "ready", "--listen", socket, "--base-path", "/hub/")
	requireCode(1, "is not ready", "--listen", socket)
	requireCode(1, "is not ready: The database does not answer.", "--listen", broken.Listener.Addr().String())
	end()
	requireCode(1, "No hub answers on "+socket, "--listen", socket, "--base-path", "/hub")
	t.Setenv("RIGHTSHUB_LISTEN", socket)
	requireCode(1, "No hub answers on "+socket)
}

// TestDeployedSettings checks that each variable in the files of .deploy belongs to a flag of `rightshub serve`.
func TestDeployedSettings(t *testing.T) {
	var help bytes.Buffer
	if code := runCommandLine(t.Context(), []string{"serve", "--help"}, streams{&help, io.Discard}); code != 0 {
		t.Fatal(code)
	}
	files, err := filepath.Glob("../../.deploy/*")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`RIGHTSHUB_\w+`).FindAllString(string(text), -1) {
			if found++; !strings.Contains(help.String(), "($"+name+")") {
				t.Errorf("%s names %s, which no flag has", file, name)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d variables were found", found)
	}
}
