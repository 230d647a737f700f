package file

import (
	"testing"
	"time"

	"tongban/internal/store/storetest"
)

func TestMain(m *testing.M) {
	pdfTime = time.Minute // a busy machine unpacks 16 MB slowly
	storetest.Main(m)
}
