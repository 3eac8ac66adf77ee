package model

import "strings"

// NormaliseEmail returns an e-mail address as accounts store it, with A to Z in lower case. It leaves other letters
// alone, because some of them look like A to Z in one case and must not become equal to them.
func NormaliseEmail(address string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, address)
}
