package offline

import (
	"testing"

	"tongban/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
