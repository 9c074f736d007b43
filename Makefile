# Two commands for people: `make demo` and `make test`. Both set up what they need and say so.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
DEMO_ARGS ?=
CRASH_ARGS ?=

.PHONY: help setup console demo test check fmt lint doc unit fuzz bench crash clean

help:
	@echo "make demo    build and watch a good release go live and a bad one taken back   (DEMO_ARGS="--fault latency --exit")"
	@echo "make test    everything that CI runs"
	@echo "make console build the web console, which cargo then puts into the binary"
	@echo "make clients real browsers, and the published client libraries, against the real server"
	@echo "make check   format, lints, docs and the quick tests"
	@echo "make fuzz    try hostile bytes on every decoder   (FUZZ_SECONDS=60 for each target, FUZZ_TARGETS=policy)"
	@echo "make bench   measure (see bench/README.md)"
	@echo "make crash   kill, freeze and starve it for 20 minutes (see docs/guide/crash.md; CRASH_ARGS="--seed 7")"

setup:
	@tools/setup

console: setup
	@console/make

demo: console
	@echo "== building (release profile; the first time takes some minutes)"
	cargo build --release --locked -p tidegate
	target="$${CARGO_TARGET_DIR:-target}"; exec "$$target/release/tidegate" demo $(DEMO_ARGS)

test: console fmt lint doc
	@echo "== tests"
	cargo test --locked --workspace
	@$(MAKE) --no-print-directory clients

# Real browsers and the published client libraries against the real server.
clients: setup
	console/test
	tools/clients

check: setup fmt lint doc unit

fmt:
	@echo "== format"
	cargo fmt --all --check

lint:
	@echo "== lints"
	cargo clippy --locked --workspace --all-targets -- -D warnings

doc:
	@echo "== docs"
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

unit:
	@echo "== quick tests"
	cargo test --locked -p judge -p flags -p engine -p policy -p journal
	cargo test --locked -p tidegate --test tidy

fuzz:
	@tools/fuzz $(FUZZ_TARGETS)

bench: setup
	@echo "== benchmarks; results with machine and date in bench/results"
	bench/run

crash: setup
	@echo "== 200 blows in 20 minutes; the report is at the end"
	cargo run --release --locked -p tidegate --example crash -- --kills 200 --minutes 20 $(CRASH_ARGS)

clean:
	cargo clean
