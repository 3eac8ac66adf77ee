// Package policies embeds the policy files in the program. These are model.conf and roles.csv in Casbin's form, and the
// stories in cases/, which state the rights that the policies must give. Package access reads the lines, and package
// policycheck the stories.
package policies

import "embed"

// Files holds model.conf, roles.csv and cases/*.yaml.
//
//go:embed model.conf roles.csv cases
var Files embed.FS
