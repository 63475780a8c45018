# `make` lists what there is. Everything is set up on the way: only git, make and Python 3.10 or
# newer are needed.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Works with every protobuf runtime that pyproject.toml allows: this is protoc 29.0.
PROTO_TOOLS := grpcio-tools==1.71.2
WIRE := pulumi_tablestore_delivery/wire
LOCK_TOOLS := uv==0.13.9
AUDIT_TOOLS := pip-audit==2.10.1
# What pyproject.toml requires of a package, by the package's name.
REQUIREMENT = $(shell sed -n 's/^.*"\($(1)[<>=][^"]*\)".*$$/\1/p' pyproject.toml | head -n 1)
# Beside the package's own requirements, `make quickstart` needs the official SDK, which writes its
# sample rows, and an editable install needs the build backend.
USER_TOOLS = '$(call REQUIREMENT,tablestore)' '$(call REQUIREMENT,hatchling)'
# More processes than processors, because runs of the Pulumi CLI wait a lot; not more than helps.
WORKERS ?= $$(( $$(getconf _NPROCESSORS_ONLN) * 5 / 2 )) --maxprocesses=8 --dist=loadgroup
# The Node packages that generated SDKs are compiled with, pinned.
NODE := tests/native/sdks/nodejs
# How many inputs `make fuzz` tries a target.
RUNS ?= 1000000
# More arguments for pytest, such as PYTEST_ARGS='-k naming'.
PYTEST_ARGS ?=
# Benchmarks that `make bench` runs, such as BENCH='pulumi_runs scale'; all by default.
BENCH ?=
# More arguments for uv, such as LOCK_ARGS=--upgrade.
LOCK_ARGS ?=
# More arguments for the harness, such as TORTURE_ARGS='--parts kills --kills 20'.
TORTURE_ARGS ?=
# More arguments for the acceptance tests, such as ACCEPTANCE_ARGS='--without-tests'.
ACCEPTANCE_ARGS ?=

PIP = -m pip install --quiet --disable-pip-version-check
# Installs what requirements/$(2).txt locks into the environment $(1), then the package alone.
define install
$(1)/bin/python $(PIP) --require-hashes -r requirements/$(2).txt && \
$(1)/bin/python $(PIP) --no-deps --no-build-isolation -e .
endef

# The environment's programs and the Pulumi CLI's folder come first. The environment leads, because
# Pulumi's language host takes the python that it finds on PATH.
WITH_PATH = PATH="$(CURDIR)/$(BIN):$$(cat $(VENV)/pulumi-cli):$$PATH"
# Behind them, the host that runs YAML programs, for the tests of the native provider.
WITH_YAML = $(WITH_PATH) && PATH="$$PATH:$$(cat $(VENV)/pulumi-yaml)"
# And Pulumi's generators of SDKs.
WITH_EXTRAS = $(WITH_YAML) && PATH="$$PATH:$$(cat $(VENV)/sdk-generator 2>/dev/null)"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup python-setup cli-setup yaml-host quickstart test torture acceptance fuzz lint
.PHONY: format generate sdk-generator sdks spark bench proto test-oldest audit lock build docs-site
.PHONY: clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: PYTHON (to make the environment with), PYTEST_ARGS, WORKERS (for the tests),'
	@echo '           TORTURE_ARGS, ACCEPTANCE_ARGS, BENCH, RUNS, LOCK_ARGS'

setup: python-setup cli-setup ## make .venv and get the Pulumi CLI (the other targets do it too)

python-setup: $(VENV)/installed-dev

# Made again when pyproject.toml or the lock changes. A .venv whose python no longer runs is made anew.
$(VENV)/installed: pyproject.toml requirements/user.txt tools/python.sh
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  python=$$(sh tools/python.sh '$(PYTHON)') && "$$python" -m venv --clear $(VENV); \
	fi
	@echo 'Installing the package and its dependencies into $(VENV) (about a minute the first time)'
	@$(call install,$(VENV),user)
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements/dev.txt
	@echo 'Installing what tests and checks need into $(VENV)'
	@$(BIN)/python $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# The CLI's folder is remembered, for as long as what is in it is there.
cli-setup: $(VENV)/installed
	@folder=$$(cat $(VENV)/pulumi-cli 2>/dev/null); \
	if ! [ -x "$$folder/pulumi" ] || ! [ -x "$$folder/pulumi-language-python" ] || \
	  [ tools/pulumi-cli/cli/go.mod -nt $(VENV)/pulumi-cli ]; then \
	  folder=$$($(BIN)/python tools/pulumi-cli/pulumi_cli.py) && \
	  printf '%s\n' "$$folder" > $(VENV)/pulumi-cli; \
	fi

quickstart: cli-setup ## run a real `pulumi up` with the emulator, and show the delivered files
	@$(WITH_PATH) python -m tools.quickstart

# Where it cannot be had, the tests that need it are skipped, and say so.
yaml-host: cli-setup
	@folder=$$(cat $(VENV)/pulumi-yaml 2>/dev/null); \
	if ! [ -x "$$folder/pulumi-language-yaml" ] || \
	  [ tools/pulumi-cli/yaml-host/go.mod -nt $(VENV)/pulumi-yaml ]; then \
	  folder=$$($(WITH_PATH) python tools/pulumi-cli/pulumi_cli.py --yaml-host) || folder=; \
	  printf '%s\n' "$$folder" > $(VENV)/pulumi-yaml; \
	fi

sdk-generator: cli-setup
	@$(WITH_PATH) python tools/pulumi-cli/pulumi_cli.py --$@ > $(VENV)/$@ || true

# Where the CLI was built with Go, most of the generator's packages are compiled already. Elsewhere
# its build takes a minute or two, and is left to `make sdks`.
test: setup yaml-host ## run the tests
	@! grep -qs 'built with' "$$(cat $(VENV)/pulumi-cli)/complete" || $(MAKE) -s sdk-generator
	@$(BIN)/python -m compileall -q pulumi_tablestore_delivery # hundreds of processes would compile it otherwise
	@$(WITH_EXTRAS) pytest -n $(WORKERS) $(PYTEST_ARGS)

# The hosts of the languages, and what SDKs in TypeScript and Python are compiled and installed with.
# Where one cannot be had, the tests that need it are skipped, and say so.
sdks: setup yaml-host sdk-generator ## compile generated SDKs, run programs in other languages (Go, Node)
	@for host in go-host nodejs-host; do \
	  $(WITH_PATH) python tools/pulumi-cli/pulumi_cli.py --$$host || true; \
	done > $(VENV)/language-hosts
	@cmp -s $(NODE)/package-lock.json $(VENV)-sdks/installed || { \
	  mkdir -p $(VENV)-sdks && cp $(NODE)/package.json $(NODE)/package-lock.json $(VENV)-sdks && \
	  npm ci --prefix $(VENV)-sdks --no-audit --no-fund --ignore-scripts --silent && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
	    --target $(VENV)-sdks/python parver 'setuptools>=61' && \
	  cp $(NODE)/package-lock.json $(VENV)-sdks/installed; \
	} || true
	@$(WITH_EXTRAS) && PATH="$$PATH:$$(paste -s -d : $(VENV)/language-hosts)" \
	  SDK_PACKAGES="$(CURDIR)/$(VENV)-sdks" pytest tests/native/test_sdks.py $(PYTEST_ARGS)

torture: setup ## try faults, kills and races; print tables and write torture.json (some minutes)
	@$(WITH_PATH) PYTHONPATH=tests python -m torture $(TORTURE_ARGS)

acceptance: setup ## check the assumptions and the lifecycle with a real instance (docs/assumptions.md)
	@$(WITH_PATH) PYTHONPATH=tests python -m acceptance $(ACCEPTANCE_ARGS)

lint: python-setup ## check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@for example in $$(dirname examples/*/*.py | sort -u); do $(BIN)/mypy "$$example" || exit 1; done
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.generate --check

format: python-setup ## format the sources, and repair what the linter can
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

generate: python-setup ## write the modules and pages that are made from the model and the rules
	@$(BIN)/python -m tools.generate

# In an environment of its own: atheris has wheels for some versions of Python only.
fuzz: python-setup ## fuzz the emulator with atheris, RUNS inputs a target (1,000,000)
	@[ -x $(VENV)-fuzz/bin/python ] || $(BIN)/python -m venv $(VENV)-fuzz
	@$(call install,$(VENV)-fuzz,user) && $(VENV)-fuzz/bin/python $(PIP) atheris
	@cd tests && ../$(VENV)-fuzz/bin/python -m fuzz --runs $(RUNS)

# In an environment of its own: Spark is large, and needs Java.
spark: python-setup ## run the SQL of external tables in Spark itself (needs Java 17)
	@[ -x $(VENV)-spark/bin/python ] || $(BIN)/python -m venv $(VENV)-spark
	@$(call install,$(VENV)-spark,dev) && $(VENV)-spark/bin/python $(PIP) 'pyspark>=4'
	@$(VENV)-spark/bin/python -m pytest tests/consumers/test_spark.py

# In an environment of its own: where pulumi-alicloud is installed, every run looks for its plugin.
bench: setup ## run the benchmarks, or those of BENCH
	@[ -x $(VENV)-bench/bin/python ] || $(BIN)/python -m venv $(VENV)-bench
	@$(call install,$(VENV)-bench,user)
	@$(VENV)-bench/bin/python -m compileall -q pulumi_tablestore_delivery # as pip does for an installed package
	@PATH="$(CURDIR)/$(VENV)-bench/bin:$$(cat $(VENV)/pulumi-cli):$$PATH" python benchmarks $(BENCH)

proto: ## generate the wire's messages again from the .proto files
	@[ -x $(VENV)-proto/bin/python ] || { \
	  python=$$(sh tools/python.sh '$(PYTHON)') && "$$python" -m venv $(VENV)-proto; }
	@$(VENV)-proto/bin/python $(PIP) '$(PROTO_TOOLS)'
	@$(VENV)-proto/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. \
	  $(WIRE)/delivery.proto $(WIRE)/row.proto $(WIRE)/table.proto

# In an environment of its own, whose python may be older: old versions lack wheels for a new one.
test-oldest: python-setup ## run the tests without the Pulumi CLI, with the oldest versions allowed
	@[ -x $(VENV)-oldest/bin/python ] || $(BIN)/python -m venv $(VENV)-oldest
	@$(call install,$(VENV)-oldest,dev)
	@$(VENV)-oldest/bin/python $(PIP) --require-hashes -r requirements/oldest.txt
	@PATH="$(CURDIR)/$(VENV)-oldest/bin:$$PATH" pytest -n $(WORKERS) -m 'not pulumi' $(PYTEST_ARGS)

# Asks the advisory service of PyPI about each locked package. Accepted advisories are listed, with
# a reason each, in SECURITY.md.
audit: python-setup ## compare the locked packages with PyPI's list of known vulnerabilities
	@[ -x $(VENV)-audit/bin/python ] || $(BIN)/python -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python $(PIP) '$(AUDIT_TOOLS)'
	@for lock in dev credentials docs; do \
	  $(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	    -r requirements/$$lock.txt || exit 1; \
	done

# In an environment of its own: no test needs it. Links and anchors within the site are checked. Not
# --quiet: it would drop the warnings that --strict counts.
docs-site: ## build the documentation's site into site/; a broken link is an error
	@[ -x $(VENV)-docs/bin/python ] || { \
	  python=$$(sh tools/python.sh '$(PYTHON)') && "$$python" -m venv $(VENV)-docs; }
	@$(VENV)-docs/bin/python $(PIP) --require-hashes -r requirements/docs.txt
	@NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/python -m mkdocs build --strict
	@echo 'Open site/index.html, or look at it with: python3 -m http.server --directory site'

# The extras of the tests' environment. `credentials` is not among them: with it, a test without keys
# would look for them on the network.
EXTRAS := alicloud cli emulator metrics oss
# uv reads the certificates that the system trusts, as pip does.
LOCK = UV_SYSTEM_CERTS=1 $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.10 \
  --generate-hashes --custom-compile-command 'make lock' $(LOCK_ARGS) pyproject.toml

lock: ## write requirements/ again; LOCK_ARGS=--upgrade takes the newest versions
	@[ -x $(VENV)-lock/bin/python ] || { \
	  python=$$(sh tools/python.sh '$(PYTHON)') && "$$python" -m venv $(VENV)-lock; }
	@$(VENV)-lock/bin/python $(PIP) '$(LOCK_TOOLS)'
	@$(LOCK) $(EXTRAS:%=--extra %) --extra dev -o requirements/dev.txt
	@printf '%s\n' $(USER_TOOLS) | $(LOCK) - --extra cli --extra emulator --extra oss \
	  --constraint requirements/dev.txt -o requirements/user.txt
	@$(LOCK) --resolution lowest-direct $(EXTRAS:%=--extra %) -o requirements/oldest.txt
	@$(LOCK) --extra credentials --constraint requirements/dev.txt -o requirements/credentials.txt
	@$(LOCK:pyproject.toml=) requirements/docs.in -o requirements/docs.txt

build: python-setup ## build the wheel and the source distribution into dist/
	@$(BIN)/python -m build --no-isolation

clean: ## stop the quickstart's emulator; remove .venv, caches, build output and quickstart state
	@if [ -e .quickstart ]; then \
	  python=$$(sh tools/python.sh '$(PYTHON)') && "$$python" -m tools.quickstart stop; \
	fi
	@rm -rf .quickstart dist site $(VENV) $(VENV)-proto $(VENV)-fuzz $(VENV)-bench $(VENV)-spark
	@rm -rf $(VENV)-sdks $(VENV)-audit $(VENV)-docs $(VENV)-lock $(VENV)-oldest
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
	@echo 'Kept: the Pulumi CLI in your cache folder (~/.cache/pulumi-tablestore-delivery), ~/.pulumi'
