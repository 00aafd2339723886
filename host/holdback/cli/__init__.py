"""The command line: one module a noun. Functions below this package never print and never exit."""

INTERRUPTED = 4  # ExitCode.INTERRUPTED, before there is anything that could be imported


def main() -> None:
    """Entry point of the console script: loads the rest where Ctrl-C is already no traceback."""
    try:
        from holdback.cli.app import main as run
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    run()
