package database

import (
	"errors"
	"syscall"
)

// tcpUserTimeoutOption is Linux's TCP_USER_TIMEOUT, in milliseconds, which package syscall does not name everywhere.
const tcpUserTimeoutOption = 0x12

// setUserTimeout makes the kernel end a connection with sent bytes that the other side does not acknowledge. Without
// it, Linux goes on for some fifteen minutes.
func setUserTimeout(network, _ string, c syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeoutOption,
			int(tcpUserTimeout.Milliseconds()))
	})
	return errors.Join(err, failed)
}
