// Package policycheck judges a folder of policies: whether its lines have an effect and agree with the stories about
// them. It also writes the matrix of rights for a review. It decides about no request.
package policycheck

import "rightshub/internal/access"

// policy is a policy under examination.
type policy struct{ *access.Policy }
