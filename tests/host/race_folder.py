"""A small race folder for the tests of the evening: three straight stages, and recordings run on their plans."""

import math
from pathlib import Path

from holdback.race import init_race, load_race, plan_race
from holdback.recordings.plans import open_plan
from pacing.journal import EV_CUE, EV_END, EV_START, EV_UTC, Journal
from pacing.pacer import Pacer
from pacing.sample import ALT_OK, FIX_GOOD, Odometer, Sample

LENGTH_M = 3000
LAT, LON = 47.0, 11.0
M_PER_DEG = 111_195.0  # along a meridian
DEVICE_ID = bytes.fromhex("24a160c0ffee") + b"\0\0"


def make_race(folder: Path) -> Path:
    """A planned race of three stages of 3 km, each due north on a level plain."""
    folder.mkdir(parents=True, exist_ok=True)
    courses = []
    for stage_no in (1, 2, 3):
        path = folder / f"day{stage_no}.gpx"
        points = "".join(
            f'<trkpt lat="{LAT + i * 50 / M_PER_DEG:.6f}" lon="{LON + stage_no / 100}"><ele>500</ele></trkpt>'
            for i in range(LENGTH_M // 50 + 1)
        )
        path.write_text(f"<gpx><trk><name>Day {stage_no}</name><trkseg>{points}</trkseg></trk></gpx>")
        courses.append(path)
    fields = {"date": "2026-07-03", "timezone": "Europe/Vienna", "start": "08:00", "distance_km": 10, "time": "0:50:00"}
    race = load_race(init_race(folder / "alps", courses, **fields))
    race.write_plans(plan_race(race))
    return race.folder


def run_stage(folder: Path, stage_no: int, speed_ms: float = 3.0, *, seconds: int = 0) -> bytes:
    """The recording of somebody who runs a stage at one speed, on the plan that lies in the folder, cues and all."""
    race = load_race(folder)
    plan = open_plan(race.plan_path(stage_no).read_bytes())
    pacer, odometer, blocks, s = Pacer(plan), Odometer(), [], Sample()
    start_s = int(race.stage(stage_no).start.timestamp())
    journal = Journal(lambda block: blocks.append(bytes(block)), stage_no, plan.crc, DEVICE_ID, start_s, pacer.save)
    journal.event(EV_START, 1, 0)
    journal.event(EV_UTC, start_s, 0)
    for i in range(seconds or math.ceil((LENGTH_M + 30) / speed_ms)):
        s = _sample(i, speed_ms, stage_no)
        odometer.step(s)
        code = pacer.step(s)
        journal.sample(s, odometer.dist_dm)
        if code:
            journal.event(EV_CUE, code | pacer.reason << 4, s.stage_ms)
    journal.event(EV_END, 1 if pacer.finished else 2, s.stage_ms)
    journal.close()
    return b"".join(blocks)


def _sample(i: int, speed_ms: float, stage_no: int) -> Sample:
    s = Sample()
    s.stage_ms = i * 1000
    s.lat_e6 = round((LAT + i * speed_ms / M_PER_DEG) * 1e6)
    s.lon_e6 = round((LON + stage_no / 100) * 1e6)
    s.alt_dm = 5000
    s.speed_cms = round(speed_ms * 100)
    s.hr_bpm = 140
    s.flags = FIX_GOOD | ALT_OK
    return s
