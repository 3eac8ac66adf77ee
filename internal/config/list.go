package config

import (
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"rightshub/internal/fault"
)

// trimEntries removes the spaces around the entries of a list, and empty entries. People write "a, b", and lists in
// environment variables end with a comma.
func trimEntries(list []string) []string {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return slices.DeleteFunc(list, func(entry string) bool { return entry == "" })
}

// Network is a network, or one address as the network that has it alone. With Unix it is all programs that connect to
// a Unix socket.
type Network struct {
	netip.Prefix
	Unix bool
}

// UnmarshalText reads a network such as 10.0.0.0/8, or an address, or "unix".
func (n *Network) UnmarshalText(text []byte) error {
	given := strings.TrimSpace(string(text))
	if given == "unix" {
		n.Unix = true
		return nil
	}
	if address, err := netip.ParseAddr(given); err == nil && address.Zone() == "" {
		address = address.Unmap()
		n.Prefix = netip.PrefixFrom(address, address.BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(given)
	if err != nil {
		return fault.New(fault.Invalid,
			"%q is no network: write it as 10.0.0.0/8, or one address as 10.0.0.1, or unix for Unix sockets", given)
	}
	n.Prefix = prefix
	return nil
}

// FileMode is the permissions of a file, as chmod takes them in octal digits.
type FileMode struct{ fs.FileMode }

// UnmarshalText reads permissions such as 0660.
func (m *FileMode) UnmarshalText(text []byte) error {
	bits, err := strconv.ParseUint(strings.TrimSpace(string(text)), 8, 9)
	if err != nil {
		return fault.New(fault.Invalid, "%q is no file mode: write three octal digits, as 660 for user and group", text)
	}
	m.FileMode = fs.FileMode(bits)
	return nil
}
