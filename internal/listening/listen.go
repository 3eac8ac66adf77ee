package listening

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"rightshub/internal/fault"
)

// Listen listens on the address that was given with the flag. The file of a Unix socket gets the permissions of mode,
// which say who may connect, and is removed when the listener is closed. Such a file that was left behind by a killed
// program is replaced.
func (a Address) Listen(flag string, mode fs.FileMode) (net.Listener, error) {
	if a.IsUnix() {
		return a.listenUnix(flag, mode)
	}
	l, err := net.Listen(a.network, a.text)
	if err != nil {
		return nil, fault.New(fault.Unavailable,
			"Cannot listen on %s. Another program uses it, or this machine lacks the address. Choose another with %s.",
			a.text, flag)
	}
	return l, nil
}

// listenUnix creates the file of the socket.
func (a Address) listenUnix(flag string, mode fs.FileMode) (net.Listener, error) {
	l, err := bindPrivately(a.text)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := a.removeStaleFile(flag); err != nil {
			return nil, err
		}
		l, err = bindPrivately(a.text)
	}
	if err == nil {
		if err = os.Chmod(a.text, mode); err != nil {
			l.Close()
		}
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable,
			"The socket %s cannot be created: its folder must exist and be writable for the hub. "+
				"Choose another with %s.", a.text, flag)
	}
	return l, nil
}

// bindPrivately creates the socket so that nobody else can connect before Listen sets its permissions. The process has
// one umask for all files. While it is stricter, another file that is created has fewer permissions, and never more.
func bindPrivately(path string) (net.Listener, error) {
	defer syscall.Umask(syscall.Umask(0o177))
	return net.Listen("unix", path)
}

// removeStaleFile removes the file of a socket on which no program answers. It fails when one answers, and removes no
// file that is not a socket.
func (a Address) removeStaleFile(flag string) error {
	info, err := os.Lstat(a.text)
	switch {
	case errors.Is(err, fs.ErrNotExist): // its program has ended since
		return nil
	case err != nil || info.Mode().Type() != fs.ModeSocket:
		return fault.New(fault.Unavailable,
			"%s is a file and not a socket. Remove it, or choose another with %s.", a.text, flag)
	}
	conn, err := net.DialTimeout("unix", a.text, time.Second)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Unavailable,
			"Another program answers on the socket %s. Stop it, or choose another with %s.", a.text, flag)
	}
	if err := os.Remove(a.text); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Unavailable,
			"The socket %s of an ended program cannot be removed. Remove it, or choose another with %s.", a.text, flag)
	}
	return nil
}
