package changefeed

import (
	"testing"

	"rightshub/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
