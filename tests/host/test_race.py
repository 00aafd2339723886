"""The race folder: starting one, reading it, planning it; every complaint names file, field and what is needed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from holdback.errors import ExitCode, HoldbackError, NotFoundError
from holdback.gpx import GpxDocument, GpxPoint, GpxTrack
from holdback.race import RaceError, check_race, init_race, load_race, plan_race
from holdback.race.start import in_order
from pacing import planformat
from pacing.plan import Plan

from host.make_fixtures import hilly, straight, write

FILLED = {
    "date": "2026-09-04", "timezone": "Europe/Vienna", "start": "07:00", "distance_km": 42.2, "time": "3:45:00",
    "hr_max_bpm": 188.0,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A race of three stages, all filled in."""
    files = [write(tmp_path / f"day {n}.gpx", hilly(length)) for n, length in ((1, 12_000), (2, 20_000), (10, 9_000))]
    return init_race(tmp_path / "alps", files[::-1], **FILLED)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_filled_in_race_is_good_at_once_and_in_order(folder: Path):
    race = load_race(folder)
    assert [stage.name for stage in race.stages] == ["day 1", "day 2", "day 10"]
    assert [f"{stage.start:%d %H:%M %z}" for stage in race.stages] == [
        "04 07:00 +0200",
        "05 07:00 +0200",
        "06 07:00 +0200",
    ]
    assert race.athlete.critical_speed_ms == pytest.approx(3.6865, abs=0.001)
    assert race.athlete.threshold_hr_bpm == pytest.approx(0.9 * 188)
    assert not check_race(folder).problems and race.name == "alps"


def test_every_commented_field_of_the_template_is_a_real_one_with_a_good_default(folder: Path):
    for name in ("race.toml", "athlete.toml"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        opened = [line[2:] if line.startswith("# ") and " = " in line else line for line in lines]
        (folder / name).write_text("\n".join(opened), encoding="utf-8")
    edit(folder / "race.toml", "date = 2026-09-05", "# 1")  # a race's second day is no date for its first stage's line
    edit(folder / "race.toml", "date = 2026-09-05", "# 2")
    edit(folder / "race.toml", "date = 2026-09-05", "# 3")
    text = (folder / "race.toml").read_text(encoding="utf-8").replace("km = 12.5", "km = 2.5")
    (folder / "race.toml").write_text(text, encoding="utf-8")
    assert check_race(folder).problems == []


def test_plans_are_written_read_back_and_held_on_day_1(folder: Path):
    race = load_race(folder)
    plans = plan_race(race)
    paths = race.write_plans(plans)
    assert [path.name for path in paths] == ["stage-01.hbp", "stage-02.hbp", "stage-03.hbp"]
    assert 0.90 <= plans[0].effort <= 0.95
    assert [plan.role for plan in plans] == ["hold", "push", "survive"]
    for plan, path in zip(plans, paths, strict=True):
        data = path.read_bytes()

        def read(offset, buffer, data=data):
            buffer[:] = data[offset : offset + len(buffer)]

        device = Plan(read, len(data))
        assert (device.stage_no, device.stage_count, device.crc) == (plan.stage_no, 3, plan.crc)
        assert device.length_dm == round(plan.length_m * 10) and device.hr_cap_bpm == plan.pace.hr.cap_bpm > 100


def test_plans_after_a_stage_are_those_of_the_whole_race(folder: Path):
    race = load_race(folder)
    assert [plan.data for plan in plan_race(race, after=1)] == [plan.data for plan in plan_race(race)[1:]]


def test_roles_and_efforts_by_hand_bound_the_day(folder: Path):
    edit(folder / "race.toml", 'gpx = "stages/day 1.gpx"', 'gpx = "stages/day 1.gpx"\nrole = "push"')
    edit(folder / "race.toml", 'gpx = "stages/day 2.gpx"', 'gpx = "stages/day 2.gpx"\neffort = 0.81')
    plans = plan_race(load_race(folder))
    assert plans[0].role == "push" and plans[0].effort >= 0.95 and plans[1].effort == 0.81


def test_a_cancelled_stage_needs_no_file_is_not_planned_and_tires_nobody(folder: Path):
    race = load_race(folder)
    race.write_plans(plan_race(race))
    edit(folder / "race.toml", 'gpx = "stages/day 2.gpx"', 'gpx = "stages/gone.gpx"\ncancelled = true')
    race = load_race(folder)
    plans = plan_race(race)
    race.write_plans(plans)
    assert [plan.stage_no for plan in plans] == [1, 3]
    assert sorted(path.name for path in (folder / "plans").iterdir()) == ["stage-01.hbp", "stage-03.hbp"]
    hours = plans[0].planned_s / 3600
    assert plans[0].course
    damage = 0.25 * hours / 6 * plans[0].effort ** 10 + 0.015 * plans[0].course.descent_m / 1000
    assert plans[1].day.fatigue == pytest.approx(0.6 * 0.6 * damage, rel=2e-3)


def test_gun_cues_fuel_and_cut_offs_reach_the_device(folder: Path):
    day = 'cutoff = "12:00"\nneutral_until_km = 1.0\nstations = [{ km = 3, name = "hut", cutoff = "08:00" }]\n'
    edit(folder / "race.toml", 'gpx = "stages/day 1', day + 'gpx = "stages/day 1')

    def device() -> Plan:
        plan = plan_race(load_race(folder))[0]
        return Plan(
            lambda offset, buffer: memoryview(buffer).__setitem__(
                slice(None), plan.data[offset : offset + len(buffer)]
            ),
            len(plan.data),
        )

    plan = device()
    assert plan.gun_utc_s == datetime.fromisoformat("2026-09-04T07:00:00+02:00").timestamp()
    assert (plan.ease_per_h, plan.ease_first_h, plan.eat_every_s) == (4, 6, 2000)
    assert [plan.cutoffs[i] for i in range(4)] == [30_000, 3600, plan.length_dm, 5 * 3600]
    plan.at(9_000)
    assert plan.flags & planformat.NEUTRAL
    edit(folder / "race.toml", "# eat = 45", "ease_per_hour = 2\neat = 90\n#")
    plan = device()
    assert (plan.ease_per_h, plan.ease_first_h, plan.eat_every_s) == (2, 3, 1000)
    edit(folder / "race.toml", "# quiet = false", "quiet = true  #")
    plan = device()
    assert (plan.ease_per_h, plan.ease_first_h, plan.eat_every_s) == (0, 0, 0)


def test_a_training_day_of_hours(folder: Path):
    edit(folder / "race.toml", 'gpx = "stages/day 2.gpx"', 'hours = 2.0\nrole = "train"')
    plan = plan_race(load_race(folder))[1]
    assert plan.planned_s == 7200 and plan.course is None and plan.role == "train"


def test_cut_offs_run_from_the_gun_and_late_arrivals_are_said(folder: Path):
    stations = (
        'stations = [{ km = 2.0, name = "hut", cutoff = "07:30" }, { km = 11.0, name = "top", cutoff = "07:50" }]'
    )
    edit(folder / "race.toml", 'gpx = "stages/day 1.gpx"', f'gpx = "stages/day 1.gpx"\n{stations}')
    found = check_race(folder)
    assert found.race and [at.cutoff_s for at in found.race.stages[0].stations] == [1800, 1200 + 1800]
    assert any("top: the plan arrives" in text for text in found.odd)
    assert not any("hut: the plan" in text for text in found.odd)


RACE, ATHLETE = "race.toml", "athlete.toml"


def complaints(folder: Path) -> list[str]:
    """What a check says; nothing may be planned then."""
    found = check_race(folder)
    assert found.race is None and found.plans == []
    return [str(problem) for problem in found.problems]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("date = 2026-09-04", "", "race.toml: date: missing; needed: the day of the first stage"),
        ("date = 2026-09-04", 'date = ""', "race.toml: date: not filled in yet; needed: the day"),
        ("date = 2026-09-04", "date = 4", "race.toml: date: 4 will not do; needed: the day"),
        ("timezone", "timezon", 'race.toml: timezon: there is no such field; did you mean "timezone"?'),
        ("Europe/Vienna", "Europe/Wienna", '"Europe/Wienna" is not known; did you mean "Europe/Vienna"?'),
        ('"07:00"', '"25:00"', 'race.toml: start: "25:00" will not do; needed: a time of day'),
        ("name = ", "zzz = ", "race.toml: zzz: there is no such field; there are: date, timezone"),
        ("[[stages]]", "stages = [", "race.toml: not TOML"),
        ('gpx = "stages/day 2.gpx"', "", "race.toml: stage 2, gpx: missing; needed: a file under stages/"),
        ("stages/day 2.gpx", "stages/day 3.gpx", "stage 2, gpx: stages/day 3.gpx: no such file"),
        ("stages/day 2.gpx", "x" * 300, "no such file"),
        ("date = 2026-09-04", "date = 1969-07-20", "date: stage 1 would be run on 1969-07-20; needed: a day from 2000"),
        ("date = 2026-09-04", "date = 9999-12-31", "stage 1 would be run on 9999-12-31"),
        ("date = 2026-09-04", "date = 2099-12-31", "date: stage 2 would be run on 2100-01-01"),
        ("date = 2026-09-04", "date = " + "9" * 5000, "race.toml: not TOML that can be read"),
        ("date = 2026-09-04", "date = " + "[" * 5000, "race.toml: not TOML that can be read"),
    ],
)
def test_what_is_wrong_in_race_toml_is_named(folder: Path, old: str, new: str, says: str):
    edit(folder / RACE, old, new)
    assert any(says in line for line in complaints(folder)), complaints(folder)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('role = "hodl"', 'stage 2, role: "hodl" will not do; needed: "hold", "push", "survive" or "train"'),
        ("effort = 9", "stage 2, effort: 9 will not do; needed: a number from 0.5 to 1"),
        ('rolle = "hold"', 'stage 2, rolle: there is no such field; did you mean "role"?'),
        ("hours = 2.0", "stage 2, gpx: gpx and hours exclude each other"),
        ("date = 2026-09-04", "stage 2, date: 2026-09-04 07:00 is not after stage 1"),
        ("stations = [{ km = 99 }]", "stage 2, station 1, km: station at km 99 is beyond the finish at km 20.0"),
        ("stations = [{ km = -1 }]", "stage 2, station 1, km: -1 will not do; needed: a number from 0 to 300"),
        ("stations = 3", "stage 2, stations: 3 will not do; needed: at most 64 stations"),
    ],
)
def test_what_is_wrong_in_a_stage_is_named_with_its_number(folder: Path, line: str, says: str):
    edit(folder / RACE, 'gpx = "stages/day 2', f'{line}\ngpx = "stages/day 2')
    assert any(says in complaint for complaint in complaints(folder)), complaints(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("= 42.2", "= 4220", "result.distance_km: 4220 will not do; needed: a number from 1 to 300 (km)"),
        ("3:45:00", "0:45:00", "result: 42.2 km in 0:45:00 gives a critical speed of 15.9"),
        ("3:45:00", "quick", 'result.time: "quick" will not do; needed: hours, minutes, seconds'),
        ("_bpm = 188", "_bpm = 1880", "hr_max_bpm: 1880 will not do; needed: a number from 120 to 230 (bpm)"),
        ("_bpm = 188", "_bpm = nan", "hr_max_bpm: nan will not do"),
        ("# threshold_hr_bpm = 170", "threshold_hr_bpm = 200", "threshold_hr_bpm: 200 is above hr_max_bpm"),
        ("\n[result]", "\n[reslt]", 'athlete.toml: reslt: there is no such field; did you mean "result"?'),
    ],
)
def test_what_is_wrong_in_athlete_toml_is_named(folder: Path, old: str, new: str, says: str):
    edit(folder / ATHLETE, old, new)
    assert any(says in line for line in complaints(folder)), complaints(folder)


def test_all_problems_are_found_at_once(folder: Path):
    edit(folder / RACE, "date = 2026-09-04", "")
    edit(folder / RACE, "stages/day 2.gpx", "x")
    edit(folder / ATHLETE, "3:45:00", "")
    with pytest.raises(RaceError) as caught:
        load_race(folder)
    assert len(caught.value.problems) == 3 and caught.value.exit_code == ExitCode.DOMAIN
    assert "and 2 more problems" in caught.value.why and "race check" in caught.value.next_step


def test_no_race_no_athlete_no_stages(folder: Path, tmp_path: Path):
    with pytest.raises(NotFoundError, match="no such file") as caught:
        load_race(tmp_path)
    assert "race init" in caught.value.next_step
    (folder / ATHLETE).unlink()
    assert "athlete.toml: no such file" in str(check_race(folder).problems[0])
    empty = init_race(tmp_path / "empty", [], **FILLED)
    assert "race.toml: stages: missing; needed: 1 to 64 [[stages]]" in [str(p) for p in check_race(empty).problems]


def test_init_changes_nothing_when_it_cannot_finish(folder: Path, tmp_path: Path):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(HoldbackError, match="there is a race here already"):
        init_race(folder, [write(tmp_path / "new.gpx", straight(500))])
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    bad = tmp_path / "bad.gpx"
    bad.write_text("<gpx>", encoding="utf-8")
    with pytest.raises(HoldbackError, match=r"bad\.gpx, line 1"):
        init_race(tmp_path / "other", [bad])
    assert not (tmp_path / "other").exists()
    with pytest.raises(HoldbackError, match="cannot be written"):
        init_race(bad / "inside", [])


def test_init_keeps_files_of_one_name_apart_and_replaces_none(tmp_path: Path):
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
    one, two = write(tmp_path / "a/day.gpx", straight(500)), write(tmp_path / "b/day.gpx", straight(900))
    race = init_race(tmp_path / "race", [one, two])
    assert sorted(path.name for path in (race / "stages").iterdir()) == ["2-day.gpx", "day.gpx"]
    taken = tmp_path / "taken"
    write((taken / "stages").mkdir(parents=True) or taken / "stages/day.gpx", straight(700))
    with pytest.raises(HoldbackError, match="another file has this name"):
        init_race(taken, [one])


def test_order_by_day_only_where_each_file_has_its_own():
    def document(name: str, moment: datetime | None) -> GpxDocument:
        time_s = moment.timestamp() if moment else None
        return GpxDocument(name, tracks=[GpxTrack(segments=[[GpxPoint(47, 11, time_s=time_s)]])])

    day = datetime.fromisoformat("2026-06-05T06:00:00+00:00")
    dated = [
        document("z.gpx", day),
        document("b2.gpx", day + timedelta(days=1)),
        document("a.gpx", day + timedelta(days=2)),
    ]
    assert [d.name for d in in_order(dated[::-1])] == ["z.gpx", "b2.gpx", "a.gpx"]
    same = [document("stage 10.gpx", day), document("stage 9.gpx", day), document("stage 1b.gpx", None)]
    assert [d.name for d in in_order(same)] == ["stage 1b.gpx", "stage 9.gpx", "stage 10.gpx"]


def test_names_with_quotes_and_newlines_survive_the_template(tmp_path: Path):
    file = write(tmp_path / "x.gpx", straight(500))
    file.write_text(file.read_text().replace("<trk>", '<trk><name>The "Big"\n\x7fOne \\ é</name>'), encoding="utf-8")
    race = load_race(init_race(tmp_path / "race", [file], **FILLED | {"name": 'A "race"'}))
    assert race.name == 'A "race"' and race.stages[0].name == 'The "Big" One \\ é'
