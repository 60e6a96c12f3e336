# Qinglan 青蓝: see README.md. `make demo` sets everything up and serves; `make test` proves it.
PYTHON ?= python3
UV_VERSION := 0.13.8
UV := .tools/bin/uv
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,11))' || { echo "需要 Python 3.11 或更新 / Python >= 3.11 needed"; exit 1; }
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 && .tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) \
	 || { rm -rf .tools; $(PYTHON) -m pip install -q --disable-pip-version-check --target .tools/lib uv==$(UV_VERSION) && mkdir -p .tools/bin && ln -sf ../lib/bin/uv .tools/bin/uv; } \
	 || { rm -rf .tools; echo "没有 venv 与 pip：请先 apt-get install python3-venv / No venv+pip: apt-get install python3-venv"; exit 1; }
