# The thin front: each target is one script or one preset. `make help` lists them.
MAKEFLAGS += --no-print-directory
CTEST = ctest --output-on-failure --no-tests=error -j $(shell expr 2 '*' $$(nproc)) $(CTEST_FLAGS) # an entry weighs two: cmake/test_costs.cmake
LINT = changed# make has a LINT of its own, which says "lint"
export UBSAN_OPTIONS ?= print_stacktrace=1

.PHONY: all setup dev release demo test asan tsan fuzz nightly lint format clean help
.DEFAULT_GOAL := all

all: dev ## install what is missing, then the development build (build/dev/bin)

setup: ## install what this machine lacks (Debian packages, the agent's Python, PostgreSQL)
	@scripts/setup

dev release: setup ## (release: the optimised build, build/release/bin)
	@scripts/build $@

demo: ## a real change to a small project, pushed; REPO=… TASK="…" for a project of yours
	@scripts/setup packages
	@scripts/setup run & build=0; scripts/build dev persais || build=$$?; wait $$! && exit $$build # one waits for the network
	@scripts/demo $(if $(REPO),--repo "$(REPO)") $(if $(TASK),--task "$(TASK)")

test: dev ## every test, on the development build
	@$(CTEST) --test-dir build/dev

asan tsan: setup ## build and test under AddressSanitizer and UBSan, or ThreadSanitizer
	@scripts/build $@
	@$(CTEST) --test-dir build/$@

fuzz: setup ## what must hold of any bytes, under libFuzzer, 2 minutes each; SECONDS=… for longer
	@for target in tests/fuzz/*.cpp; do tests/fuzz/run $$(basename $$target .cpp) $(or $(SECONDS),120) || exit 1; done

nightly: setup ## the long checks in parts that can be continued (new machine, image), and the user's checklist; PART="fresh.demo …"
	@scripts/nightly $(PART)

lint: dev ## formatting, clang-tidy on changed files (LINT=all: on all), shell scripts
	@scripts/lint $(LINT)

format: setup ## rewrite our sources in the house format
	@scripts/lint --format

clean: ## drop the builds, keep what setup installed
	@rm -rf build/dev build/release build/asan build/tsan

help: ## this list
	@sed -n 's/^\([a-z ]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done
