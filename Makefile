# The words of this workshop. `make check` is what every change must pass.
MYSQL ?= root@tcp(127.0.0.1:3306)/
REDIS ?= redis://127.0.0.1:6379/15
GO    ?= go
# The tests' and the compiler's garbage lives short; collecting it at every doubling took a quarter of their time.
export GOGC ?= 400
# go vet is asked by lint, and nobody debugs these programs.
QUICK := -vet=off -ldflags=-s
# Build tags that GOFLAGS names: errcheck goes by a list of its own, and would have everything compiled again.
TAGS ?=
# What is measured runs as it is shipped.
bench: export GOGC = 100

.PHONY: check docs test race mysql crash cases mutants growth nightly bench lint

check: lint test race ## what every change must pass

lint:
	@files=$$(git ls-files '*.go') && test -n "$$files" && wrong=$$(gofmt -l $$files) && { test -z "$$wrong" || { echo "$$wrong"; exit 1; }; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) tool errcheck -tags '$(TAGS)' -exclude .ci/errcheck.txt -ignoretests ./...

test:
	$(GO) test ./...

# What only turns bytes into bytes is compiled without the detector: it has no races of ours and cost the most. Nothing with a sync.Map,
# whose methods are generic and would be linked from here for everybody, unwatched; nor with a sync.Once before a map, as regexp/syntax.
PLAIN := modernc.org/... golang.org/x/crypto/... go.yaml.in/... compress/flate regexp
# Nor are pointers checked that unsafe made: ours makes none (TestLibrariesHaveOneHome), and what libraries convert was asked at every use.
UNWATCHED := -gcflags=all=-d=checkptr=0 $(PLAIN:%=-gcflags='%=-race=false')
# Each watched program would wait a second at its end for goroutines that may still race.
race: export GORACE ?= atexit_sleep_ms=0
race: export CGO_ENABLED = 1
race:
	$(GO) test -race $(QUICK) $(UNWATCHED) -timeout 20m ./...

mysql: ## the same tests on a MySQL-protocol server and Redis
	TONGBAN_TEST_MYSQL='$(MYSQL)' TONGBAN_TEST_REDIS='$(REDIS)' $(GO) test $(QUICK) -count=1 -timeout 30m ./...

docs: ## write docs/openapi.yaml, states.md and errors.md anew
	$(GO) test $(QUICK) . -run Golden -update

crash: ## kill -9 in the middle of writing, 20 rounds on each engine
	$(GO) test . -count=1 -timeout 30m -run TestCrash -crash.rounds 20
	TONGBAN_TEST_MYSQL='$(MYSQL)' $(GO) test . -count=1 -timeout 30m -run TestCrash -crash.rounds 20

cases: ## simultaneous acts on a case, 500 rounds each on each engine
	$(GO) test ./internal/casework -count=1 -timeout 30m -run 'TestOne|TestRaces|TestRounds' -casework.rounds 500
	TONGBAN_TEST_MYSQL='$(MYSQL)' $(GO) test ./internal/casework -count=1 -timeout 60m -run 'TestOne|TestRaces|TestRounds' -casework.rounds 500

mutants: ## take each scope clause and check away in turn: the access matrix must turn red every time
	$(GO) test ./api -count=1 -timeout 120m -run TestMutants -mutants all

growth: ## query plans and times at a million rows
	$(GO) test . -count=1 -timeout 150m -run TestPlans -growth 1000000 -v

bench: ## the guide answer against bare net/http, in turns
	$(GO) test ./api -run '^$$' -bench BenchmarkGuide -benchtime 1x -timeout 20m

.PHONY: look
look: ## have Chromium measure every page on a small phone, at 100 % and 200 %, use the forms and print
	$(GO) test . -count=1 -timeout 10m -run TestLook -look

FUZZ ?= 10m
nightly: test race mysql crash cases mutants look growth ## everything long, and ten minutes of each fuzz target
	@$(GO) list ./... | while read p; do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ) -fuzzminimizetime 5x || exit 1; \
	  done; \
	done
