# Daiban. `make test` is what must be green; it needs Go, make and git, and uses more where that is there (testdeps).

SHELL := /bin/bash
GO    ?= go
BIN   := bin

# Where HOME cannot be written, the caches of the tools lie in bin/.
cache = $(shell d="$(1)"; mkdir -p "$$d" 2>/dev/null && [ -w "$$d" ] && echo "$$d" || echo "$(CURDIR)/$(BIN)/.$(2)")
export GOCACHE := $(call cache,$(shell $(GO) env GOCACHE 2>/dev/null),go-build)
export GOMODCACHE := $(call cache,$(shell $(GO) env GOMODCACHE 2>/dev/null),go-mod)
export STATICCHECK_CACHE := $(CURDIR)/$(BIN)/.staticcheck

.PHONY: all build test testdeps test-long lint race fuzz kill bench planner kern-avx512 generate clean help

all: build

build: ## the binary, ./bin/daiban
	$(GO) build -trimpath -o $(BIN)/daiban ./cmd/daiban

# Lint and tests both run, whatever the other says; go test's summary is the last thing printed.
test: testdeps ## format, vet, staticcheck, every test
	@$(MAKE) --no-print-directory lint; lint=$$?; \
	$(GO) test -timeout 15m ./...; test=$$?; \
	exit $$(( lint || test ))

testdeps: ## what tests use beside Go (a browser, databases): installed where it may be, else named
	@tools/testdeps.sh

test-long: testdeps lint ## also what is slow: the race detector, long simulations, every fuzz target for a while
	DAIBAN_LONG=1 $(GO) test -timeout 60m ./...
	$(MAKE) --no-print-directory race
	$(MAKE) --no-print-directory fuzz

lint: $(BIN)/staticcheck
	@bad=$$(find . -name '*.go' -not -path '*/testdata/*' -not -path './$(BIN)/*' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$bad" ]; then echo "gofmt these files:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	$(BIN)/staticcheck ./...

# The tools are pinned in a module of their own, so that the program does not require what they do.
$(BIN)/staticcheck: tools/go.mod tools/go.sum
	$(GO) build -C tools -o ../$@ honnef.co/go/tools/cmd/staticcheck

# The race detector where several goroutines meet.
RACE := ./run/... ./journal ./files ./report ./vault ./queue ./network ./actions/internal/client ./actions/pdf/... ./actions/mail ./actions/http ./actions/chat \
	./actions/sql/... ./actions/web/... ./gpt ./gpt/openai ./gpt/registry ./gpt/grammar
race: ## the race detector, where it pays
	$(GO) test -race -timeout 30m $(RACE)

FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME
	@set -e; for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p; \
	  done; \
	done

KILLS ?= 1000
kill: ## kill -9 at random moments, KILLS times a scenario, and see that nothing is lost or done twice
	$(GO) test -count 1 -timeout 180m -run Kill -v ./cmd/daiban -kills $(KILLS)

planner: ## train the planner's adapter again, from models/base and data/pairs: some hours; it goes on where it was stopped
	$(MAKE) -C models planner

bench: ## the figures of bench/
	$(MAKE) --no-print-directory -C bench

kern-avx512: ## the tests of gpt/kern on AVX-512, in an emulator (Debian: bochs bochs-term isolinux xorriso)
	gpt/kern/_asm/bochs/run.sh avx512

generate: ## what is written by tools: docs/actions, the packed pairs, the import table
	$(GO) generate ./...
	$(GO) test ./internal/archtest -run TestArchitecture -update

clean:
	rm -rf $(BIN)

help:
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 12
