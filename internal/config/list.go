package config

import (
	"net/netip"
	"slices"
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

// Network is a network, or one address as the network that has it alone.
type Network struct{ netip.Prefix }

// UnmarshalText reads a network such as 10.0.0.0/8, or an address.
func (n *Network) UnmarshalText(text []byte) error {
	given := strings.TrimSpace(string(text))
	if address, err := netip.ParseAddr(given); err == nil && address.Zone() == "" {
		address = address.Unmap()
		n.Prefix = netip.PrefixFrom(address, address.BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(given)
	if err != nil {
		return fault.New(fault.Invalid, "%q is no network: write it as 10.0.0.0/8, or one address as 10.0.0.1", given)
	}
	n.Prefix = prefix
	return nil
}
