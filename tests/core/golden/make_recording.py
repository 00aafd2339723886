"""Makes recording-v1.hbr and prints its digest. A released version's file is never made again: readers must read it.

    python tests/core/golden/make_recording.py

The samples come from `golden_rows` in test_golden_recording.py, so the test knows every value that must come out.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[2] / "firmware")]

from test_golden_recording import golden_file  # noqa: E402 - the path has to be set first


def main() -> None:
    """Write the file, unless it exists and would change."""
    path = HERE / "recording-v1.hbr"
    data = bytes(golden_file())
    if path.exists() and path.read_bytes() != data:
        raise SystemExit(f"{path.name} is released and would change: raise the version and add a new golden file")
    path.write_bytes(data)
    print(path.name, len(data), "bytes")


if __name__ == "__main__":
    main()
