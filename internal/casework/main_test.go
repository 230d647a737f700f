package casework

import (
	"testing"
	"time"

	"tongban/internal/store/storetest"
)

func TestMain(m *testing.M) {
	nightly.asking, nightly.pulling = time.Minute, time.Minute // the county answers at once, and this machine may not
	storetest.Main(m)
}
