package policycheck_test

import "rightshub/ent/inventory"

// theModel is the model of the hub.
var theModel = inventory.Load()
