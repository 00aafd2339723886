"""docs/evidence.md: its prose is written by hand, its tables and pictures by the command, each between two marks."""

import re
from collections.abc import Sequence
from pathlib import Path

from bench.pacing.tables import Table


def write(tables: Sequence[Table], docs: Path) -> None:
    """Renew the pictures in `docs`/evidence, and in `docs`/evidence.md what stands between a table's marks.

    ValueError for a table with a slug that the page has no place for: it would be lost in silence.
    """
    page = docs / "evidence.md"
    text = page.read_text(encoding="utf-8")
    for table in tables:
        if table.slug:
            text = renewed(text, table)
    folder = docs / "evidence"
    folder.mkdir(exist_ok=True)
    for table in tables:
        if table.chart:
            (folder / f"{table.slug}.svg").write_text(table.chart, encoding="utf-8")
    page.write_text(text, encoding="utf-8")


def renewed(text: str, table: Table) -> str:
    """The page with this table in its place."""
    begin, end = f"<!-- {table.slug} -->", f"<!-- /{table.slug} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"docs/evidence.md has no place for {table.slug}: it needs {begin} and {end}")
    picture = f"![{table.title}](evidence/{table.slug}.svg)\n\n" if table.chart else ""
    body = f"{begin}\n{picture}{table.markdown()}\n{end}"
    return re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: body, text, flags=re.DOTALL)
