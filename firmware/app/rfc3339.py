"""Dates as hosts write them."""

from app.clock import unix_s_of


def parse(text: str) -> int:
    """Unix seconds of an RFC 3339 date and time, with or without an offset. ValueError if it is none."""
    day = int(text[:4]), int(text[5:7]), int(text[8:10])
    unix_s = unix_s_of(day, int(text[11:13]), int(text[14:16]), int(text[17:19]))
    if not unix_s or text[4] + text[7] + text[13] + text[16] != "--::":
        raise ValueError("not a date")
    if len(text) >= 25 and text[-6] in "+-":
        offset_s = int(text[-5:-3]) * 3600 + int(text[-2:]) * 60
        unix_s += offset_s if text[-6] == "-" else -offset_s
    return unix_s
