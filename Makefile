# The marketplace's commands. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO ?= 1
SIZE ?= $(if $(HUGE),--huge)
export HOST PORT DEMO

.DEFAULT_GOAL := help
.PHONY: help run test system check check-types check-rest bench bench-kernel bench-whole bench-online bench-browse bench-map bench-plan bench-cases lock vendor translations clean test-sqlite test-postgresql test-browser format

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(VENV)/product ## start the marketplace (PORT=8000 HOST=127.0.0.1 DEMO=1)
	@bin/run

test: ## run every test: SQLite, PostgreSQL, browser
	@$(MAKE) --no-print-directory --jobs 2 system $(VENV)/development
	@$(MAKE) --no-print-directory test-sqlite test-postgresql test-browser

system:
	@bin/install-system chromium postgresql pango

test-sqlite: $(VENV)/development ## unit and feature tests on SQLite
	$(BIN)/python -m pytest tests -n 3 --dist worksteal --ignore tests/journeys

test-postgresql: $(VENV)/development ## the same on PostgreSQL, in a cluster of its own
	@bin/install-system postgresql
	bin/with-postgresql $(BIN)/python -m pytest tests -n 3 --dist worksteal --ignore tests/journeys --ignore tests/matching --ignore tests/taxonomy --ignore tests/geo

test-browser: $(VENV)/development ## journeys in a real browser
	@bin/install-system chromium
	$(BIN)/python -m pytest tests/journeys -n 2 --maxschedchunk 1

check: $(VENV)/development ## format, lint, types, imports, translations, migrations, vendored files
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-types check-rest

check-types: $(VENV)/development
	$(BIN)/mypy

check-rest: $(VENV)/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python tools/translations.py --check
	$(BIN)/python tools/vendor.py --check
	$(BIN)/python tools/check_migrations.py

format: $(VENV)/development ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: ## the benchmarks at their small sizes, a few minutes
	@$(MAKE) --no-print-directory bench-kernel bench-whole bench-online bench-browse bench-map bench-plan SIZE=--quick

bench-kernel: $(VENV)/benchmarks ## everyone's ten best against cKDTree, BallTree, STRtree, numpy, DuckDB
	$(BIN)/python -m benchmarks.kernel $(SIZE)

bench-whole: $(VENV)/benchmarks ## everything matched, the database read and written, beside the kernel alone
	bin/with-postgresql $(BIN)/python -m benchmarks.whole $(SIZE)

bench-online: $(VENV)/benchmarks ## one against all, against PostGIS and an R*Tree
	bin/with-postgresql $(BIN)/python -m benchmarks.online $(SIZE)

bench-browse: $(VENV)/benchmarks ## the first twenty near a point, against PostGIS, R*Tree and H3
	bin/with-postgresql $(BIN)/python -m benchmarks.browse $(SIZE)

bench-map: $(VENV)/benchmarks ## what the map shows, against GROUP BY
	bin/with-postgresql $(BIN)/python -m benchmarks.map $(SIZE)

bench-plan: $(VENV)/benchmarks ## the region's plan against greedy, first-come and HiGHS
	$(BIN)/python -m benchmarks.plan $(SIZE)

bench-cases: $(VENV)/development ## how often the matcher names the enterprise that did the work
	$(BIN)/python benchmarks/real_cases.py

translations: $(VENV)/development ## gather new messages, then compile the catalogues
	$(BIN)/python tools/translations.py --update

lock: ## write the lock files anew from requirements*.in
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-find-links --no-emit-index-url --no-emit-trusted-host -o requirements-dev.lock requirements-dev.in
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-find-links --no-emit-index-url --no-emit-trusted-host -c requirements-dev.lock -o requirements.lock requirements.in

vendor: $(VENV)/development ## fetch the front-end files anew (needs npm)
	$(BIN)/python tools/vendor.py

clean: ## remove the virtual environment and the development data
	rm -rf $(VENV) instance

$(VENV)/product: requirements.lock $(wildcard marketplace/translations/*/LC_MESSAGES/*.po)
	@bin/install requirements.lock
	@touch $@

$(VENV)/development: requirements-dev.lock $(wildcard marketplace/translations/*/LC_MESSAGES/*.po)
	@bin/install requirements-dev.lock
	@touch $@ $(VENV)/product

$(VENV)/benchmarks: benchmarks/requirements.txt $(VENV)/development
	@bin/install-system postgresql postgis
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
