//go:build !linux

package database

import "syscall"

// setUserTimeout does nothing, because only Linux has the option. The limits of waits find a silent server, later.
func setUserTimeout(string, string, syscall.RawConn) error { return nil }
