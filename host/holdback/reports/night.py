"""What the evening changed, and why: two sentences, and the figures behind them."""

from typing import Any

from holdback.planning import StagePlan
from holdback.planning.refit import Run
from holdback.race import Race
from holdback.race.replan import MOST_HIGHER, MOST_LOWER, SAME, Night, Replanned
from holdback.units import units_of

MORE = 0.02  # of effort: less is no reason to name


def sentences(race: Race, done: Replanned) -> tuple[str, str]:
    """What changed for the next stage and why; two empty texts where no stage is left."""
    if not done.plans:
        return "", ""
    return _what(race, done.plans[0], done.night), _why(done)


def _what(race: Race, plan: StagePlan, night: Night) -> str:
    units = units_of(race.units)
    number = plan.stage_no
    change = night.ledgers.get(number, 1.0) / night.was.get(number, 1.0) - 1.0
    after = f"{units.pace(plan.pace.flat_ms)} /{units.far} on the level"
    if abs(change) < SAME:
        return f"The caps of stage {number} stay as they were: {after}."
    word = "lower" if change < 0 else "higher"
    before = units.pace(plan.pace.flat_ms / (1.0 + change))
    return f"The caps of stage {number} are {abs(change):.0%} {word}: {before} becomes {after}."


def _why(done: Replanned) -> str:
    """The strongest reason that the last stage gives."""
    night, run = done.night, done.runs[-1]
    number, next_no = run.stage_no, done.plans[0].stage_no
    was, wanted = night.was.get(next_no, 1.0), night.wanted.get(next_no, 1.0)
    effort = night.fitted.efforts[-1] if night.fitted.efforts else run.planned
    if not run.km:
        return f"Stage {number} was not run, which a rested night says nothing of."
    if not run.hours and not run.rating:
        return f"Of stage {number} there is neither a recording nor a rating, so it counts as run to plan."
    now = night.ledgers.get(next_no, 1.0)
    if wanted > was + SAME and now < was + SAME:
        return f"Stage {number} would allow more, but {_no_backing(run)}, so nothing is raised."
    return f"{_cause(run, effort, now < was)}{_bound(wanted / was - 1.0)}."


def _bound(change: float) -> str:
    most = MOST_LOWER if change < 0 else MOST_HIGHER
    way = "lowers" if change < 0 else "raises"
    return f"; one night {way} by {most:.0%} at most" if abs(change) > most + SAME else ""


def _no_backing(run: Run) -> str:
    if not run.rating:
        return "nobody rated how hard it was"
    return f"its {run.rating} of 10 is as hard as it was meant to be, or harder"


def _cause(run: Run, effort: float, lower: bool) -> str:
    stage = f"Stage {run.stage_no}"
    rated = f" and felt like {run.rating} of 10" if run.rating else ""
    if effort > run.planned + MORE:
        uneven = ", unevenly spent," if run.unevenness > 1.0 + MORE else ""
        took = f"{stage} took {effort:.0%} of all out{uneven} where {run.planned:.0%} were planned{rated}"
        return f"{took}, and the legs pay for it tomorrow" if lower else took
    if run.rating and lower:
        return f"{stage} felt like {run.rating} of 10, harder than its speed says"
    if lower:
        return f"{stage} was slower than planned, and nobody said that it was easy"
    if effort < run.planned - MORE:
        return f"{stage} took {effort:.0%} of all out where {run.planned:.0%} were planned{rated}"
    return f"{stage} was run as planned{rated}"


def as_dict(race: Race, done: Replanned) -> dict[str, Any]:
    """For programs: SI units, fractions."""
    fitted = done.night.fitted
    what, why = sentences(race, done)
    return {
        "after": done.night.after,
        "what": what,
        "why": why,
        "ledgers": {str(plan.stage_no): round(plan.day.ledger, 4) for plan in done.plans},
        "fitted": {
            "critical_speed_ms": round(fitted.critical_kmh / 3.6, 4),
            "kappa": round(fitted.wear.kappa, 4),
            "rho": round(fitted.wear.rho, 4),
            "fatigue": round(fitted.fatigue, 4),
        },
        "runs": [_run(run, effort) for run, effort in zip(done.runs, fitted.efforts, strict=False)],
        "notes": done.notes,
    }  # fmt: skip


def _run(run: Run, effort: float) -> dict[str, Any]:
    return {
        "stage": run.stage_no,
        "moving_s": round(run.hours * 3600) if run.hours else None,
        "effort": round(effort, 4),
        "planned_effort": round(run.planned, 4),
        "unevenness": round(run.unevenness, 4),
        "rating": run.rating,
    }
