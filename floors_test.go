package main

import (
	"os"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// floors are the versions below which a known hole of the module is open (or, for go-sqlite, errors lose their names).
var floors = map[string]string{
	"github.com/gin-gonic/gin":      "v1.9.1",
	"github.com/glebarez/go-sqlite": "v1.23.0",
	"github.com/golang-jwt/jwt/v5":  "v5.2.2",
	"github.com/quic-go/quic-go":    "v0.59.1", // GO-2026-5676; gin brings it along
	"github.com/redis/go-redis/v9":  "v9.7.3",
	"github.com/xuri/excelize/v2":   "v2.11.0",
	"golang.org/x/crypto":           "v0.52.0",
	"golang.org/x/image":            "v0.45.0",
}

func TestNoModuleIsBelowItsFloor(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]string{}
	for _, r := range mod.Require {
		has[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range mod.Replace {
		has[r.Old.Path] = r.New.Version
	}
	for path, floor := range floors {
		if semver.Compare(has[path], floor) < 0 {
			t.Errorf("%s is %q, and at least %s is needed", path, has[path], floor)
		}
	}
}
