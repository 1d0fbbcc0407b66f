# Commands of this repository. `make demo` runs the shipped case, `make test` checks everything.

SHELL := /bin/bash
# Where an installer of Rust puts cargo, which a shell that was open before does not know.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
CARGO ?= cargo
CASE ?= deals/us-kazakhstan-2025.toml
OUT ?= results/$(basename $(notdir $(CASE)))

.PHONY: help demo test lint bench stress setup book release clean

help:
	@echo "make demo     build the program, run $(CASE), write $(OUT)"
	@echo "make test     formatting, lints, documentation, dependencies, all tests"
	@echo "make lint     formatting and lints only"
	@echo "make bench    how fast each job is, beside other programs, in one table that the book shows"
	@echo "make stress   100,000 random markets, and how each solution ended"
	@echo "make setup    check what building needs and install what is missing, Rust included"
	@echo "make book     build the documentation as a web site (needs mdbook)"
	@echo "make release  an archive of the program for each platform, with checksums, in dist"
	@echo "make clean    remove what was built and the results"

demo:
	@scripts/setup --quiet
	@echo "== Building the program (the first time takes a few minutes)"
	@$(CARGO) build --release --locked
	@echo "== Running $(CASE)"
	@target/release/orecast run "$(CASE)" --out "$(OUT)"
	@echo "== Results: $(OUT)"
	@ls "$(OUT)"

test:
	@scripts/setup --quiet
	@CARGO="$(CARGO)" scripts/test

lint:
	@CARGO="$(CARGO)" scripts/lint

bench:
	@$(CARGO) bench -p orecast --bench jobs -- --write

stress:
	@$(CARGO) bench -p orecast --bench stress

setup:
	@scripts/setup

book:
	@command -v mdbook >/dev/null || { echo "mdbook is missing; install it with: $(CARGO) install mdbook --locked" >&2; exit 1; }
	@mdbook build docs
	@echo "== Documentation: docs/book/index.html"

release:
	@scripts/setup --quiet
	@CARGO="$(CARGO)" scripts/release

clean:
	@$(CARGO) clean
	@rm -rf docs/book results dist
