# Every target is a task of tasks.py, which also works without make; more words go in ARGS.
PYTHON ?= python3
TASKS := demo test check lab bench pictures soak clean lock help

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: $(TASKS)

$(TASKS):
	@$(PYTHON) tasks.py $@ $(ARGS)
