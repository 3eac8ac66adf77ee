package model

import (
	"regexp"
	"strconv"
	"strings"
)

// decimalPattern is an amount in digits with a point and at most two decimals. It has no exponent, no other base and
// no separator of thousands. Three decimals are refused, because many keyboards write 12345 as 12.345.
var decimalPattern = regexp.MustCompile(`^-?[0-9]{1,13}(\.[0-9]{1,2})?$`)

// ParseDecimal reads an amount as hundredths, in the API and in files. "1234.5" is 123450.
func ParseDecimal(s string) (int64, bool) {
	if !decimalPattern.MatchString(s) {
		return 0, false
	}
	units, cents, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(units+(cents + "00")[:2], 10, 64)
	return n, err == nil
}
