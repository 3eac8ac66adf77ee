package query_test

import (
	"testing"

	"rightshub/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
