"""Runs every `test_*` function of the modules named as arguments, on any interpreter; prints one line a test."""

import sys


def run(module_name):
    failed = 0
    module = __import__(module_name)
    for name in sorted(dir(module)):
        if not name.startswith("test_"):
            continue
        try:
            getattr(module, name)()
        except Exception as error:
            failed += 1
            print("FAIL", name)
            sys.print_exception(error)  # pyright: ignore[reportAttributeAccessIssue] (MicroPython has it)
        else:
            print("PASS", name)
    return failed


for argument in sys.argv[1:]:
    if run(argument):
        raise SystemExit(1)
print("DONE")
