// Package policies carries the policy files inside the program: model.conf and roles.csv in Casbin's form, and the
// stories of cases/ that say what they must mean. Package access reads them.
package policies

import "embed"

// Files holds model.conf, roles.csv and cases/*.yaml.
//
//go:embed model.conf roles.csv cases
var Files embed.FS
