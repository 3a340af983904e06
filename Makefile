# `make demo` opens the app, `make test` runs every check. Both install what they need into .venv, once: about 510 MB,
# of which 60 are published weights (the last lines of requirements.txt; without them all else runs).
# GNU make 3.81 (macOS) and later, or any POSIX make.

VENV = .venv
PY = $(VENV)/bin/python
# The interpreter to make .venv from; empty takes the first Python >= 3.11 found.
PYTHON =
# Where Linux gets torch from; TORCH_INDEX= takes the default wheels, which bring several GB of CUDA.
TORCH_INDEX = https://download.pytorch.org/whl/cpu
# Processes that share the tests, one of them the browser's at first; those that measure time run alone afterwards.
JOBS = 2

.PHONY: demo test install clean

demo: $(VENV)/.installed
	@screen="$$DISPLAY$$WAYLAND_DISPLAY"; [ "$$(uname -s)" != Darwin ] || screen=yes; set -x; \
	exec $(PY) -m streamlit run app/main.py --server.showEmailPrompt false $${screen:+--server.headless false}

test: $(VENV)/.test-installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pytest -m "not alone" -n $(JOBS) --dist loadgroup --no-loadscope-reorder
	$(PY) -m pytest -m alone

install: $(VENV)/.installed

clean:
	rm -rf $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml
	@set -e; \
	python=; \
	for name in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "dynviz needs Python 3.11 or later: https://www.python.org/downloads/" >&2; exit 1; fi; \
	if [ ! -x $(PY) ] && ! "$$python" -m venv $(VENV); then \
	    rm -rf $(VENV); echo "on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
	fi; \
	index=; \
	if [ -n "$(TORCH_INDEX)" ] && [ "$$(uname -s)" = Linux ]; then \
	    if $(PY) -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1] + "/torch/", timeout=10)' $(TORCH_INDEX) \
	        2>/dev/null; then index="--extra-index-url $(TORCH_INDEX)"; \
	    else echo "$(TORCH_INDEX) cannot be reached: taking torch from where pip is set up to look" >&2; fi; \
	fi; \
	set -x; $(PY) -m pip install --disable-pip-version-check $$index \
	    $$(grep -E '^torch(vision)?==' requirements.txt)
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt
	$(PY) -m pip install --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.test-installed: $(VENV)/.installed
	$(PY) -m pip install --disable-pip-version-check -e ".[test]"
	@touch $@
