"""Notifications captured from real straps, and vectors by others: the decoder agrees with each."""

import csv
import os
import re
from pathlib import Path

import pytest
from pacing.heartrate import CONTACT_LOST, CONTACT_ON, CONTACT_UNKNOWN, HeartRate

DATA = os.environ.get("HOLDBACK_DATA")
CONTACT = {"yes": CONTACT_ON, "no": CONTACT_LOST, "n/a": CONTACT_UNKNOWN}


def payloads() -> list[dict[str, str]]:
    """The rows of the table; one without a name to say that there is none."""
    if not DATA:
        return [{"hex": "no HOLDBACK_DATA"}]
    with (Path(DATA) / "ble_hr" / "hr_2a37_payloads.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: no payloads of real straps")
@pytest.mark.parametrize("row", payloads(), ids=lambda row: row["hex"])
def test_payload(row):
    hr = HeartRate()
    data = bytes.fromhex("" if row["hex"] == "(empty)" else row["hex"])
    assert hr.parse(data) == bool(row["exp_hr"])
    if not row["exp_hr"]:
        return
    expected = int(row["exp_hr"])
    assert hr.hr_bpm == (expected if expected < 256 else 0)
    assert hr.contact == CONTACT[row["exp_contact"]]
    intervals = [float(text) for text in re.findall(r"\(([\d.]+)ms\)", row["exp_rr_1024ths"] or "")]
    assert [hr.rr_ms(i) for i in range(hr.rr_count)] == [pytest.approx(ms, abs=0.56) for ms in intervals]
