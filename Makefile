# The commands of this tree. `make` alone prints them; the work is done in scripts/.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

.PHONY: help build run up down logs setup test test-go test-web test-browser soak bench-compute bench-queue bench-telemetry check lint generate format clean

##@ Use

run: build ## Build, then start everything in one process; ARGS="--listen 127.0.0.1:9000" goes to `numbermill up`
	@scripts/setup-run.sh
	@exec bin/numbermill up $(ARGS)

build: ## Build bin/numbermill with the web app inside, redoing only what changed
	@scripts/build.sh

up: ## Start the whole platform in Docker: http://localhost:8080, Grafana, Kibana; PROFILE=core leaves all that watches out
	@scripts/up.sh $(PROFILE)

down: ## Stop what `make up` started and keep its data; ARGS=--volumes deletes that too
	@scripts/down.sh $(ARGS)

logs: ## Follow what `make up` started; SERVICE=api shows one service
	@scripts/logs.sh $(SERVICE)

##@ Test

test: ## Run every test; installs what they need where it can, and says what is missing elsewhere
	@scripts/test.sh go large e2e web browser

test-go: ## Run the Go tests alone: units with the race detector, large numbers, end to end
	@scripts/test.sh go large e2e

test-web: ## Run the web app's unit tests alone
	@scripts/test.sh web

test-browser: ## Run the tests in a real browser alone
	@scripts/test.sh browser

soak: ## Run the fault runs in full (kills, full Redis, clocks, …) and print their figures, in half an hour; RUN=kills runs one, SEED=N repeats it
	@NUMBERMILL_SEED=$(SEED) scripts/soak.sh $(RUN)

##@ Measure

bench-compute: ## Measure the engine beside GMP, PARI/GP, math/big and Python, and write docs/benchmarks.md; ARGS=--quick takes a minute
	@scripts/bench-compute.sh $(ARGS)

bench-queue: ## Measure how fast small jobs are carried, beside Asynq, BLMOVE, BullMQ and Celery, and write it into docs/benchmarks.md; ARGS=--quick takes two minutes
	@scripts/bench-queue.sh $(ARGS)

bench-telemetry: ## Measure what telemetry costs, everything on beside everything off, and write it into docs/benchmarks.md; ARGS=--quick takes a minute
	@scripts/bench-telemetry.sh $(ARGS)

##@ Check

check: ## Everything but the tests that a change must pass: lint, format, boundaries, types, generated files, builds without the workspace
	@scripts/check.sh

lint: ## Lint Go and TypeScript; part of check
	@scripts/lint.sh

##@ Change

format: ## Format Go and TypeScript
	@scripts/format.sh

generate: ## Write the generated files anew
	@scripts/generate.sh

setup: ## Fetch ahead what build, test and check need
	@scripts/setup.sh

clean: ## Remove what make made; npm packages go too, package caches stay
	@scripts/clean.sh

##@ Help

help: ## Print this
	@awk 'BEGIN { FS = ":.*## "; print "Usage: make TARGET" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
