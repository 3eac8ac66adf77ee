package listening_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/internal/listening"
)

// parseUnix returns the address of a socket in a new folder, and the path of its file.
func parseUnix(t *testing.T) (address listening.Address, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "hub.sock")
	address, err := listening.Parse("--listen", "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	return address, path
}

// TestUnixSocket checks the permissions of the file of a socket, and that it goes with its listener.
func TestUnixSocket(t *testing.T) {
	address, path := parseUnix(t)
	for _, mode := range []os.FileMode{0o600, 0o660, 0o666} {
		l, err := address.Listen("--listen", mode)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != mode|os.ModeSocket {
			t.Errorf("%v %v, want %v", info.Mode(), err, mode)
		}
		if got := listening.AddressOf(l); got != address || got.String() != "unix:"+path {
			t.Errorf("%s, want %s", got, address)
		}
		l.Close()
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("the file is still there: %v", err)
		}
	}
}

// TestStaleSocket checks that the file of a killed program is replaced.
func TestStaleSocket(t *testing.T) {
	address, path := parseUnix(t)
	killed, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	killed.SetUnlinkOnClose(false)
	killed.Close()
	l, err := address.Listen("--listen", 0o660)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := address.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestTakenSocket checks that neither the socket of a running program nor another file is removed.
func TestTakenSocket(t *testing.T) {
	address, path := parseUnix(t)
	running, err := address.Listen("--listen", 0o660)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := address.Listen("--listen", 0o660); err == nil ||
		!strings.Contains(err.Error(), "Another program answers on the socket "+path) {
		t.Errorf("%v", err)
	}
	if conn, err := address.Dial(t.Context(), "", ""); err != nil {
		t.Errorf("the running program lost its socket: %v", err)
	} else {
		conn.Close()
	}
	running.Close()

	if err := os.WriteFile(path, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := address.Listen("--listen", 0o660); err == nil || !strings.Contains(err.Error(), "is a file and not") {
		t.Errorf("%v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "a letter" {
		t.Errorf("%q %v", text, err)
	}
	nowhere, err := listening.Parse("--listen", "unix:/no/such/folder/hub.sock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nowhere.Listen("--listen", 0o660); err == nil || !strings.Contains(err.Error(), "folder must exist") {
		t.Errorf("%v", err)
	}
}

// TestLoopback checks which addresses only this machine reaches.
func TestLoopback(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.1.2.3:0": true, "[::1]:8080": true, "localhost:8080": true, "[::ffff:127.0.0.1]:1": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.1:80": false, "hub.example.org:80": false,
		"unix:/run/rightshub/hub.sock": false,
	} {
		address, err := listening.Parse("--listen", text)
		if err != nil || address.IsLoopback() != want {
			t.Errorf("%s: %v %v, want %v", text, address.IsLoopback(), err, want)
		}
	}
}
