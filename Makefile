# Short names for dev.py, which works without make too. Arguments: make test ARGS="-k agreement"
PYTHON ?= python3
ARGS ?=

.PHONY: run test oracles readers setup messages lock

run test oracles readers setup messages lock:
	@$(PYTHON) dev.py $@ $(ARGS)
