// Package listening opens the sockets on which a hub is reached. They are TCP ports, Unix sockets, and sockets that
// systemd opened before it started the hub.
package listening

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"rightshub/internal/fault"
)

// unixPrefix begins the address of a Unix socket. The path of its file follows.
const unixPrefix = "unix:"

// Address is where a hub listens.
type Address struct {
	network string // "tcp" or "unix"
	text    string // host and port, or the path of the file
}

// Parse reads an address that was given with a flag. It is host:port, where the host may be empty, or unix:/path. The
// error names the flag and says how the address is written.
func Parse(flag, text string) (Address, error) {
	if path, ok := strings.CutPrefix(text, unixPrefix); ok {
		if !filepath.IsAbs(path) || len(path) > maxUnixPath {
			return Address{}, fault.New(fault.Invalid,
				"%s %q is no Unix socket: write unix: and a whole path of at most %d bytes, as unix:/run/rightshub/hub.sock.",
				flag, text, maxUnixPath)
		}
		return Address{"unix", filepath.Clean(path)}, nil
	}
	if _, port, err := net.SplitHostPort(text); err != nil || !isPort(port) {
		return Address{}, fault.New(fault.Invalid,
			"%s %q is no address: write host and port, as %s, with a port from 0 to 65535.",
			flag, text, exampleAddress(text))
	}
	return Address{"tcp", text}, nil
}

// maxUnixPath is the length of the longest path of a Unix socket, by the smallest sun_path of the systems that Go
// supports, less its final zero.
const maxUnixPath = 103

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// exampleAddress returns how an address is written, as an example for a text that is no address. An address of IPv6
// stands in brackets, because its own colons hide the port.
func exampleAddress(text string) string {
	if strings.Count(text, ":") < 2 || strings.HasPrefix(text, "[") {
		return "127.0.0.1:8080"
	}
	i := strings.LastIndex(text, ":")
	host, err := netip.ParseAddr(text[:i])
	switch port := text[i+1:]; {
	case err != nil:
		return "[::1]:8080"
	case isPort(port):
		return net.JoinHostPort(host.String(), port)
	default:
		return net.JoinHostPort(host.String(), "8080")
	}
}

// AddressOf returns the address of an open listener.
func AddressOf(l net.Listener) Address { return Address{l.Addr().Network(), l.Addr().String()} }

// String returns the address as Parse reads it.
func (a Address) String() string {
	if a.IsUnix() {
		return unixPrefix + a.text
	}
	return a.text
}

// URL returns the address as a client of HTTP writes it, without a path. A Unix socket has no host, and any would do
// there, because Dial ignores it.
func (a Address) URL() string {
	if a.IsUnix() {
		return "http://localhost"
	}
	return "http://" + a.text
}

// IsUnix reports whether the address is a Unix socket.
func (a Address) IsUnix() bool { return a.network == "unix" }

// IsLoopback reports whether only this machine reaches the address, by TCP. A name that is not localhost may lead to
// any machine, so it does not count.
func (a Address) IsLoopback() bool {
	host, _, err := net.SplitHostPort(a.text)
	if a.IsUnix() || err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Dial connects to the address. It ignores its other arguments, so that it fits http.Transport.DialContext.
func (a Address) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, a.network, a.text)
}
