"""A stage plan, checked: what the device accepts from a host, and what the host believes."""

import struct

from pacing import planformat as form
from pacing.planfields import GUARD_FIELDS, HEADER_FIELDS
from pacing.planformat import PlanError
from pacing.planreader import PlanReader


class Plan(PlanReader):
    """Plan(read, size): a PlanReader with the whole file checked: every count, every range, every segment.

    PlanError says what is wrong. Nothing is kept for these checks, so that a device which has made them once may go
    on with a PlanReader.
    """

    def __init__(self, read, size: int):
        super().__init__(read, size)
        _check_header(self)
        _check_caps(self)
        _check_course(self)
        _check_profile(self)
        _check_day(self)
        _check_guards(self)


def _check_header(plan) -> None:
    try:
        plan.race = str(bytes(plan.race).rstrip(b"\0"), "utf-8")
    except UnicodeError:
        raise PlanError("plan: race is not UTF-8")
    for field in HEADER_FIELDS:
        _check_field(plan, *field[:3])


def _check_field(plan, name: str, least: int, most: int) -> None:
    value = getattr(plan, name)
    if not least <= value <= most:
        raise PlanError("plan: %s = %d, allowed %d to %d" % (name, value, least, most))


def _check_caps(plan) -> None:
    last = 0
    for offset in range(0, len(plan.cap_table), form.CAP_SIZE):
        end, cap_pm = struct.unpack_from(form.CAP, plan.cap_table, offset)[:2]
        if not last < end <= 1 << 29 or not (cap_pm == 0 or form.MIN_CAP_PM <= cap_pm <= form.MAX_CAP_PM):
            raise PlanError("plan: cap %d is out of order or range" % (offset // form.CAP_SIZE))
        last = end


def _check_course(plan) -> None:
    length = plan.lengths[form.TAG_LINE]
    whole = length == plan.tiles * form.TILE_HEAD + plan.segments * form.SEGMENT_SIZE
    full = (plan.tiles - 1) * form.TILE_SEGMENTS
    if len(plan.index) % form.INDEX_SIZE or not whole:
        raise PlanError("plan: the course is cut short")
    if plan.has_course and not full < plan.segments <= full + form.TILE_SEGMENTS:
        raise PlanError("plan: the course and its index disagree")
    if not plan.has_course and length:
        raise PlanError("plan: a course without an index")
    _check_segments(plan)


def _check_segments(plan) -> None:
    """Walk every segment: ranges, order along the course, boxes, and that each tile starts where one ended."""
    x = y = s = 0
    for number in range(plan.tiles):
        if not plan.load_tile(number):
            raise PlanError("plan: course tile %d cannot be read" % number)
        start = struct.unpack_from("<iii", plan.tile, 0)
        if (number and start != (x, y, s)) or (number == 0 and start[2] != 0):
            raise PlanError("plan: course tile %d does not join" % number)
        x, y, s = start
        box = struct.unpack_from(form.INDEX, plan.index, number * form.INDEX_SIZE)
        inside = box[0] <= x <= box[2] and box[1] <= y <= box[3] and box[4] == s
        for i in range(plan.tile_count):
            dx, dy, ds = struct.unpack_from("<hhH", plan.tile, form.TILE_HEAD + i * form.SEGMENT_SIZE)
            x += dx
            y += dy
            s += ds
            if abs(dx) > form.MAX_DELTA_DM or abs(dy) > form.MAX_DELTA_DM or ds > form.MAX_DS_DM:
                raise PlanError("plan: course tile %d has a long segment" % number)
            inside = inside and box[0] <= x <= box[2] and box[1] <= y <= box[3]
        if not inside or min(box[:2]) < -form.MAX_XY_DM or max(box[2:4]) > form.MAX_XY_DM:
            raise PlanError("plan: course tile %d leaves its box" % number)
    if s != (plan.length_dm if plan.has_course else 0):
        raise PlanError("plan: the course is not length_dm long")


def _check_profile(plan) -> None:
    length = plan.lengths[form.TAG_PROFILE]
    if not length:
        return
    head = bytearray(form.PROFILE_SIZE)
    if length >= form.PROFILE_SIZE:
        plan.read(plan.offsets[form.TAG_PROFILE], head)
    step, cells, base_dm = struct.unpack_from(form.PROFILE, head, 0)
    good = form.MIN_STEP_DM <= step <= form.MAX_STEP_DM and 2 <= cells <= form.MAX_PROFILE
    if not good or abs(base_dm) > 90000 or length != form.PROFILE_SIZE + 2 * cells:
        raise PlanError("plan: the profile is cut short or out of range")


def _check_day(plan) -> None:
    if len(plan.section(form.TAG_FUEL, 64)) not in (0, 4) or 0 < plan.eat_every_s < form.MIN_EVERY_S:
        raise PlanError("plan: fuel is cut short or out of range")
    if 0 < len(plan.section(form.TAG_DAY, 64)) < form.DAY_SIZE:
        raise PlanError("plan: the day is cut short")


def _check_guards(plan) -> None:
    if 0 < len(plan.section(form.TAG_GUARDS, 64)) < form.GUARDS_SIZE:
        raise PlanError("plan: the guards are cut short")
    for field in GUARD_FIELDS:
        _check_field(plan, *field)
    if plan.eat_every_m and not (plan.eat_every_s and plan.eat_every_m >= form.MIN_EVERY_M):
        raise PlanError("plan: eat_every_m = %d is too little, or without fuel" % plan.eat_every_m)
    factors = plan.factors
    if plan.lengths[form.TAG_FACTORS] not in (0, form.FACTORS_SIZE) or factors[9] != 1000:
        raise PlanError("plan: factors are not 19, or level ground is not 1000")
    if min(factors) < form.MIN_FACTOR_PM or max(factors) > form.MAX_FACTOR_PM:
        raise PlanError("plan: factors are out of range")
