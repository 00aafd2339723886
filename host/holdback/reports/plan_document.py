"""A stage's plan for programs: everything that the plan table says and what it rounds away. SI units, fractions."""

from collections.abc import Sequence
from typing import Any

from holdback.planning import StagePlan
from holdback.race import Race
from holdback.race.timetable import (
    DAY_1_MORE,
    Arrival,
    Hike,
    all_out_ms,
    all_out_share,
    arrivals,
    day_1_price,
    deductions,
    hikes,
)


def as_dict(race: Race, plan: StagePlan) -> dict[str, Any]:
    """Times with a zone are ISO 8601; None where the runner has not said or nothing bounds."""
    gun = race.stage(plan.stage_no).start
    stops = arrivals(plan, gun)
    return {
        "stage": plan.stage_no,
        "name": plan.name,
        "role": plan.role,
        "start": gun.isoformat(),
        "finish": stops[-1].clock.isoformat(timespec="seconds"),
        "length_m": round(plan.length_m),
        "climb_m": round(plan.climb_m),
        "planned_s": round(plan.planned_s),
        **_effort(plan),
        "neutral_m": plan.day.neutral_m,
        "segments": len(plan.segments),
        "caps": _caps(plan),
        "hikes": [_hike(walk) for walk in hikes(plan)],
        "stations": [_station(stop) for stop in stops],
        "cues": {
            "per_hour": plan.day.cues.per_h,
            "first_hour": plan.day.cues.in_first_hour(plan.stage_no),
            "eat_g_per_hour": plan.day.cues.eat_g_h,
        },
        "bytes": len(plan.data),
        "crc": f"{plan.crc:08x}",
        "notes": plan.notes,
    }


def _effort(plan: StagePlan) -> dict[str, Any]:
    return {
        "flat_speed_ms": round(plan.pace.flat_ms, 3),
        "intensity": round(plan.pace.intensity, 4),
        "all_out_intensity": round(all_out_share(plan), 4),
        "all_out_speed_ms": round(all_out_ms(plan), 3),
        "effort": plan.effort,
        "fatigue": round(plan.day.fatigue, 4),
        "deductions": [
            {"what": step.what, "share": round(step.share, 4), "level_speed_ms": round(step.speed_ms, 3)}
            for step in deductions(plan)
        ],
        "hr_cap_bpm": plan.pace.hr.cap_bpm or None,
        "hr_drift_bpm_h": plan.pace.hr.drift_bpm_h,
        "hr_drift_max_bpm": round(plan.pace.hr.drift_max_bpm, 1),
        "descent_limit_ms": round(plan.pace.descent_ms, 2),
        "effort_where_descents_are_held_back": round(plan.pace.intensity * plan.pace.elsewhere, 4),
        "warm_up_s": round(plan.pace.warm_up_s),
        "equivalent_m": round(plan.pace.equivalent_m),
        "energy_kj_kg": round(plan.energy_kj_kg, 1),
        "conditions": {what: round(cost, 4) for what, cost in plan.pace.costs.items()},
        "ledger": round(plan.day.ledger, 4),
        "after_stage": plan.day.after_stage,
    }


def race_dict(race: Race, plans: Sequence[StagePlan]) -> dict[str, Any]:
    """What is said of the whole race: moving seconds, and what day 1 at +10 % would cost on the day and in the end."""
    price = day_1_price(race, plans)
    cost = {"change": DAY_1_MORE, "that_day_s": round(price[0]), "in_all_s": round(price[1])} if price else None
    return {"total_s": round(sum(plan.planned_s for plan in plans)), "day_1_harder": cost}


def _caps(plan: StagePlan) -> list[dict[str, Any]]:
    """Each segment's caps: effort, speed, what the device compares, descent limit, heart-rate bound when it begins."""
    caps, elapsed_s, bound = [], 0.0, plan.pace.hr
    for part in plan.segments:
        rise = min(bound.drift_max_bpm, bound.drift_bpm_h * elapsed_s / 3600)
        caps.append({
            "end_m": round(part.end_m),
            "effort": round(part.effort, 4),
            "speed_ms": round(part.speed_ms, 3),
            "cap_pm": part.cap_pm,
            "descent_limit_ms": round(plan.pace.descent_ms, 2) if part.grade < 0 else None,
            "hr_bound_bpm": round(bound.cap_bpm + rise) if bound.cap_bpm else None,
            "hike": part.hike,
        })  # fmt: skip
        elapsed_s += part.time_s
    return caps


def _hike(walk: Hike) -> dict[str, Any]:
    return {
        "start_m": round(walk.start_m),
        "end_m": round(walk.end_m),
        "climb_m": round(walk.climb_m),
        "planned_s": round(walk.time_s),
    }


def _station(stop: Arrival) -> dict[str, Any]:
    return {
        "name": stop.name,
        "at_m": round(stop.at_m),
        "after_s": round(stop.after_s),
        "clock": stop.clock.isoformat(timespec="seconds"),
        "cutoff": stop.cutoff.isoformat(timespec="seconds") if stop.cutoff else None,
        "margin_s": None if stop.margin_s is None else round(stop.margin_s),
        "stop_s": stop.stop_s,
    }
