# Each target is what CI runs; `make help` prints them below the headings (##@).
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := kube store link webhook scaler agent
COMPILE := pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --strip-extras --allow-unsafe

.PHONY: help
help: # Print the targets by group
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { print "\n" substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# CLUSTER=current: the current kubectl context in the place of the embedded cluster.
ifeq ($(CLUSTER),current)
RUN := env
else
RUN := tests/cluster/run
endif

# Decision 20: what fails is tried once more, at most three tests of a suite, and reported with its first failure.
# The slowest ones are named: a suite is only as short as what it waits for.
ONCE_MORE := --reruns 1 --max-suite-reruns 3 --rerun-show-tracebacks --durations 12

##@ Setup

$(VENV)/ready: requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

.PHONY: setup
setup: $(VENV)/ready ## Make the virtual environment (.venv) from the hash-locked requirements

.PHONY: lock
lock: ## Pin the requirements again
	$(BIN)/$(COMPILE) -o requirements.txt requirements.in
	$(BIN)/$(COMPILE) -o requirements-dev.txt requirements-dev.in

##@ Checks

T ?= tests/unit

.PHONY: unit
unit: setup ## The unit tests alone, in seconds; T=tests/unit/scaler/sizing for some of them
	$(BIN)/pytest -q -n 3 --dist worksteal $(T)

.PHONY: check
check: setup ## Format, lint, types, import contracts, unit tests; no cluster
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/python -m tests.words
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir build/import-linter
	$(BIN)/pytest -q -n 3 --dist worksteal -m "not e2e and not chart and not image and not soak and not browser"

.PHONY: format
format: setup ## Format the code, and let ruff fix what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: golden
golden: setup ## Are 60 simulated clusters still the same, step by step? For changes of shape alone
	$(BIN)/python -m tests.simulation.golden

.PHONY: page
page: setup ## Test the page in a headless Chromium, which it installs where root on Debian may
	$(BIN)/pytest -q -s -m browser tests/page

.PHONY: screenshots
screenshots: setup ## Write docs/page-overview.png and docs/page-workload.png, as README.md shows them
	$(BIN)/python -m tests.page

.PHONY: chart
chart: setup ## Test the chart: lint, both Helms, unit tests, refusals, the API server's opinion
	$(BIN)/pytest -q -m chart tests/chart

.PHONY: installed
installed: cluster image ## Install, upgrade, break and remove the chart on the real cluster, by both Helms
	$(BIN)/pytest -q $(ONCE_MORE) -m e2e tests/chart

.PHONY: e2e e2e-programs e2e-elsewhere e2e-policies e2e-faults e2e-installed
e2e: e2e-programs e2e-elsewhere e2e-policies e2e-faults e2e-installed ## End-to-end tests on the real cluster: both programs alone, then installed

POLICIES := tests/e2e/test_policies.py
ELSEWHERE := tests/e2e/test_usage_sources.py

e2e-programs: cluster
	$(RUN) $(BIN)/pytest $(ONCE_MORE) -m e2e --ignore $(POLICIES) --ignore $(ELSEWHERE) tests/e2e

# In a cluster that it starts itself, so beside all others.
e2e-elsewhere: tools
	$(BIN)/pytest $(ONCE_MORE) -m e2e $(ELSEWHERE)

# Alone, so that its pods reach their limits.
e2e-policies: cluster
	$(RUN) $(BIN)/pytest $(ONCE_MORE) -m e2e $(POLICIES)

e2e-faults: cluster
	$(RUN) $(BIN)/pytest $(ONCE_MORE) -m "e2e and not beyond" tests/faults

e2e-installed: cluster image tools
	$(RUN) $(BIN)/pytest $(ONCE_MORE) -m e2e tests/installed

.PHONY: e2e-v2 v2
e2e-v2: v2 ## On a node with cgroup v2, in a virtual machine
	@$(RUN) $(BIN)/pytest $(ONCE_MORE) -m e2e tests/nodes; failed=$$?; \
	tests/cluster/down --node v2; exit $$failed

# Where the packages for it cannot be had (77) its tests are skipped, and say so. The image comes after
# it, so that the node has it, too.
v2: cluster
	tests/cluster/up --node v2 || [ $$? = 77 ]
	@$(MAKE) --no-print-directory image

# Inside the cluster's network nothing can be fetched.
.PHONY: tools
tools: setup # What single tests need beside the cluster, built once
	$(BIN)/python -m tests.chart.tools prometheus victoria-metrics metrics-server

IN_TURN := $(MAKE) -j1 --keep-going --no-print-directory

.PHONY: test suites
test: check suites ## Everything: check, page, chart, e2e on the real cluster, also on cgroup v2

# Most of their time the suites wait for a minute's usage: in clusters side by side they take half of it.
# Which goes with which: docs/development.md.
ifeq ($(CLUSTER),current)
suites: page chart e2e installed
else
suites: cluster tools
	@lane() { PODTAILOR_CLUSTER=$$1 $(IN_TURN) "$${@:3}" 2>&1 | sed -u "s/^/$$2 | /"; }; \
	set -o pipefail; \
	lane second second e2e-installed & second=$$!; \
	lane third "third " e2e-elsewhere page installed chart e2e-v2 & third=$$!; \
	lane "$$PODTAILOR_CLUSTER" "first " e2e-programs e2e-faults; first=$$?; \
	wait $$second; second=$$?; \
	wait $$third; third=$$?; \
	for name in second third; do PODTAILOR_CLUSTER=$$name tests/cluster/down; done; \
	$(IN_TURN) e2e-policies; last=$$?; [ $$first$$second$$third$$last = 0000 ]
endif

##@ Cluster

.PHONY: cluster
cluster: setup ## Start the embedded cluster (idempotent)
	@[ "$(CLUSTER)" = current ] || tests/cluster/up

.PHONY: install
install: cluster ## Install the chart as release podtailor in namespace podtailor-system
	$(RUN) helm upgrade --install podtailor charts/podtailor --namespace podtailor-system \
		--create-namespace --wait --timeout 120s $(HELM_FLAGS)

.PHONY: demo
demo: cluster image install ## The thesis's experiment with the installed system, from nothing
	$(RUN) $(BIN)/python -m tests.demo

.PHONY: demo-unlike
# This machine's image comes before the machines: into one of them it takes minutes, and only the board
# needs one. Without the packages for them (77) there is nothing to show.
demo-unlike: cluster image install ## Sizes by kind of node: this machine's, cgroup v2 and an emulated Raspberry Pi
	tests/cluster/up --node v2 --node pi
	$(PYTHON) -m image --architecture arm64
	@$(RUN) $(BIN)/python -m tests.demo.unlike; failed=$$?; \
	for name in v2 pi; do tests/cluster/down --node $$name; done; exit $$failed

.PHONY: show
show: setup ## Show the page of the installed release in a browser, while this runs
	@$(BIN)/python -m tests.demo.page

.PHONY: down
down: setup ## Stop it; nothing is left behind
	@failed=0; for name in "" second third; do PODTAILOR_CLUSTER=$$name tests/cluster/down || failed=1; done; exit $$failed

##@ Measuring

.PHONY: bench
bench: cluster image ## Measure on the real cluster: bench/results/*.json, docs/surge.svg and a table
	$(RUN) $(BIN)/python -m tests.bench

.PHONY: bench-v2
bench-v2: v2 ## The load step with the node agent on a node with cgroup v2, in a virtual machine
	@$(RUN) $(BIN)/python -m tests.bench burst_v2; failed=$$?; \
	tests/cluster/down --node v2; exit $$failed

PODS ?= 1000 3000 10000
IDLE ?= 600

.PHONY: bench-scale
bench-scale: setup ## A large cluster of simulated nodes, VPA beside: PODS="1000 3000" IDLE=120 for less
	$(BIN)/python -m tests.bench.scale.parts
	tests/cluster/up --large --metrics-server
	PODS="$(PODS)" IDLE=$(IDLE) $(RUN) $(BIN)/python -m tests.bench scale

.PHONY: bench-webhook
bench-webhook: cluster ## Both admission webhooks in turn, ours and VPA's, with 1,000 workloads: ten minutes
	$(BIN)/python -m tests.bench.scale.parts
	$(RUN) $(BIN)/python -m tests.bench beside_vpa

RUNS ?= 100000

.PHONY: simulation
simulation: setup ## 100,000 simulated clusters on all cores, and what they held; RUNS=1000 for fewer
	$(BIN)/python -m tests.simulation --runs $(RUNS)

ROOMS ?=

.PHONY: mutation
mutation: setup ## Are the modules that decide held by their tests? Hours; ROOMS="scaler.policies*" for some of them
	PATH=$(abspath $(BIN)):$$PATH $(BIN)/python -m tests.mutation $(ROOMS)

.PHONY: soak
soak: simulation cluster image tools ## 100,000 simulated clusters, faults in full and an hour at random, renewals, a real cert-manager
	$(BIN)/python -m tests.chart.tools cert-manager kinds
	PODTAILOR_FAULTS=full $(RUN) $(BIN)/pytest -s -m e2e tests/faults
	$(RUN) $(BIN)/pytest -s -m soak tests
	$(BIN)/python -m tests.faults

##@ Image

.PHONY: image
image: ## Build the image for this machine and load it into the embedded cluster
	$(PYTHON) -m image

.PHONY: image-all
image-all: setup ## Build it for all three architectures and try each, under emulation where it must
	$(PYTHON) -m image --all
	$(BIN)/pytest -q -m image tests/image
