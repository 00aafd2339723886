"""A stage plan, read through a callable: the header and the caps stay in memory, course and profile come in tiles.

Resident: the index (<= 2.0 KB), the caps (<= 1.3 KB), one course tile (780 B) and one stretch of profile (512 B).
"""

import binascii
import struct

from pacing import planformat as form
from pacing.planformat import PlanError

_FLAT_S = 200  # window either side of a place over which its grade is taken, dm
_PROFILE_CELLS = 256


class Plan:
    """Plan(read, size): `read(offset, buf)` fills `buf` from the file of `size` bytes.

    The whole file is read once and checked: version, CRC-32, every count, every range, every segment. PlanError says
    what is wrong. Header fields are attributes (docs/plan-format.md); `gains` are eight integers (pacing.effort).
    After `at(s_dm)`: cap_pm, v_cap_cms and flags of the place. After `load_tile(i)`: `tile` holds `tile_count`
    segments (pacing.planformat). A plan without a course (`has_course` False) holds caps only.
    """

    def __init__(self, read, size: int):
        self._read = read
        self.tile = bytearray(form.TILE_SIZE)
        self._check_crc(size)
        self._found = self._sections(size - form.CRC_SIZE)
        self._read_header()
        self._read_gains()
        self._read_caps()
        self._read_course()
        self._read_profile()
        self._check_lists()

    # --- the file, once ---

    def _check_crc(self, size: int) -> None:
        if size < len(form.MAGIC) + form.CRC_SIZE:
            raise PlanError("plan: too short")
        view = memoryview(self.tile)
        self._read(0, view[:4])
        if bytes(view[:3]) != form.MAGIC[:3]:
            raise PlanError("plan: not a plan file")
        self.version = self.tile[3]
        if self.version != form.VERSION:
            raise PlanError("plan: version %d, this firmware reads %d" % (self.version, form.VERSION))
        crc = 0
        at = 0
        end = size - form.CRC_SIZE
        while at < end:
            part = view[: min(form.TILE_SIZE, end - at)]
            self._read(at, part)
            crc = binascii.crc32(part, crc)
            at += len(part)
        self._read(end, view[:4])
        self.crc = struct.unpack_from("<I", self.tile, 0)[0]
        if crc & 0xFFFFFFFF != self.crc:
            raise PlanError("plan: CRC-32 does not match")

    def _sections(self, end: int) -> dict:
        """{tag: (offset, length)} of the bodies; unknown tags are kept out of sight, a repeated one is an error."""
        found = {}
        at = len(form.MAGIC)
        head = memoryview(self.tile)[: form.SECTION_SIZE]
        while at < end:
            if at + form.SECTION_SIZE > end:
                raise PlanError("plan: a section is cut short")
            self._read(at, head)
            tag, length = struct.unpack_from(form.SECTION, self.tile, 0)
            at += form.SECTION_SIZE
            if length > end - at or tag in found:
                raise PlanError("plan: section %d does not fit" % tag)
            if tag <= form.TAG_FUEL:
                found[tag] = (at, length)
            at += length
        return found

    def _body(self, tag: int, most: int) -> bytearray:
        """The body of a small section, or b"" where it is missing."""
        offset, length = self._found.get(tag, (0, 0))
        if length > most:
            raise PlanError("plan: section %d is too long" % tag)
        body = bytearray(length)
        if length:
            self._read(offset, body)
        return body

    def _read_header(self) -> None:
        self.stage_no = self.stage_count = self.role = self.planned_s = self.length_dm = 0
        self.lat0_e6 = self.lon0_e6 = self.cos_q15 = 0
        self.cs_cms = self.ecc_cms = self.hr_a_dbpm = self.hr_b_dbpm = 0
        self.hr_cap_bpm = self.hr_drift_dbpm_h = self.hr_drift_max_dbpm = 0
        self.debt_limit = self.head_start = self.ease_per_h = self.ease_first_h = 0
        body = self._body(form.TAG_HEADER, 255)
        if len(body) < form.HEADER_SIZE:
            raise PlanError("plan: no header")
        values = struct.unpack_from(form.HEADER, body, 0)
        try:
            self.race = str(bytes(values[0]).rstrip(b"\0"), "utf-8")
        except UnicodeError:
            raise PlanError("plan: race is not UTF-8")
        for (name, least, most, _), value in zip(form.HEADER_FIELDS, values[1:]):  # noqa: B905 (MicroPython's zip)
            if not least <= value <= most:
                raise PlanError("plan: %s = %d, allowed %d to %d" % (name, value, least, most))
            setattr(self, name, value)

    def _read_gains(self) -> None:
        body = self._body(form.TAG_GAINS, 64)
        self.gains = form.DEFAULT_GAINS
        if body:
            if len(body) != 32:
                raise PlanError("plan: gains are not eight")
            self.gains = struct.unpack_from("<8i", body, 0)
        if max(self.gains) > form.MAX_GAIN or min(self.gains) < -form.MAX_GAIN:
            raise PlanError("plan: gains are out of range")

    def _read_caps(self) -> None:
        self._caps = self._body(form.TAG_CAPS, form.MAX_CAPS * form.CAP_SIZE)
        if len(self._caps) % form.CAP_SIZE:
            raise PlanError("plan: caps are cut short")
        self._cap_from = 0
        self._cap_to = -1
        last = 0
        for offset in range(0, len(self._caps), form.CAP_SIZE):
            end, cap_pm = struct.unpack_from(form.CAP, self._caps, offset)[:2]
            if not last < end <= 1 << 29 or not (cap_pm == 0 or form.MIN_CAP_PM <= cap_pm <= form.MAX_CAP_PM):
                raise PlanError("plan: cap %d is out of order or range" % (offset // form.CAP_SIZE))
            last = end
        self.at(0)

    def _read_course(self) -> None:
        self.index = self._body(form.TAG_INDEX, form.MAX_TILES * form.INDEX_SIZE)
        self.tiles = len(self.index) // form.INDEX_SIZE
        self._line, length = self._found.get(form.TAG_LINE, (0, 0))
        self._segments = (length - self.tiles * form.TILE_HEAD) // form.SEGMENT_SIZE
        self.has_course = self.tiles > 0
        self.tile_no = -1
        self.tile_count = 0
        whole = length == self.tiles * form.TILE_HEAD + self._segments * form.SEGMENT_SIZE
        full = (self.tiles - 1) * form.TILE_SEGMENTS
        if len(self.index) % form.INDEX_SIZE or not whole:
            raise PlanError("plan: the course is cut short")
        if self.has_course and not full < self._segments <= full + form.TILE_SEGMENTS:
            raise PlanError("plan: the course and its index disagree")
        if not self.has_course and length:
            raise PlanError("plan: a course without an index")
        self._check_course()

    def _check_course(self) -> None:
        """Walk every segment: ranges, order along the course, boxes, and that each tile starts where one ended."""
        x = y = s = 0
        for number in range(self.tiles):
            self.load_tile(number)
            start = struct.unpack_from("<iii", self.tile, 0)
            if (number and start != (x, y, s)) or (number == 0 and start[2] != 0):
                raise PlanError("plan: course tile %d does not join" % number)
            x, y, s = start
            box = struct.unpack_from(form.INDEX, self.index, number * form.INDEX_SIZE)
            inside = box[0] <= x <= box[2] and box[1] <= y <= box[3] and box[4] == s
            for i in range(self.tile_count):
                dx, dy, ds = struct.unpack_from("<hhH", self.tile, form.TILE_HEAD + i * form.SEGMENT_SIZE)
                x += dx
                y += dy
                s += ds
                if abs(dx) > form.MAX_DELTA_DM or abs(dy) > form.MAX_DELTA_DM or ds > form.MAX_DS_DM:
                    raise PlanError("plan: course tile %d has a long segment" % number)
                inside = inside and box[0] <= x <= box[2] and box[1] <= y <= box[3]
            if not inside or min(box[:2]) < -form.MAX_XY_DM or max(box[2:4]) > form.MAX_XY_DM:
                raise PlanError("plan: course tile %d leaves its box" % number)
        if s != (self.length_dm if self.has_course else 0):
            raise PlanError("plan: the course is not length_dm long")

    def _read_profile(self) -> None:
        self._profile, length = self._found.get(form.TAG_PROFILE, (0, 0))
        self._step = 0
        self._cells = 0
        if not length:
            return
        head = bytearray(form.PROFILE_SIZE)
        if length >= form.PROFILE_SIZE:
            self._read(self._profile, head)
        self._step, self._cells, self._base_dm = struct.unpack_from(form.PROFILE, head, 0)
        good = form.MIN_STEP_DM <= self._step <= form.MAX_STEP_DM and 2 <= self._cells <= form.MAX_PROFILE
        if not good or abs(self._base_dm) > 90000 or length != form.PROFILE_SIZE + 2 * self._cells:
            raise PlanError("plan: the profile is cut short or out of range")
        self._profile += form.PROFILE_SIZE
        self._heights = bytearray(2 * min(self._cells, _PROFILE_CELLS))
        self._from = -1

    def _check_lists(self) -> None:
        """Stations and fuel are the host's and a later cue's: only checked here, not kept."""
        body = self._body(form.TAG_STATIONS, form.MAX_STATIONS * (form.STATION_SIZE + 32))
        at = 0
        while at < len(body):
            if at + form.STATION_SIZE > len(body) or at + form.STATION_SIZE + body[at + 8] > len(body):
                raise PlanError("plan: a station is cut short")
            at += form.STATION_SIZE + body[at + 8]
        if len(self._body(form.TAG_FUEL, 4)) not in (0, 4):
            raise PlanError("plan: fuel is cut short")

    # --- each second ---

    def at(self, s_dm: int) -> None:
        """Set cap_pm (0: none), v_cap_cms (0: none) and flags for the place `s_dm`; beyond the last cap it holds on."""
        if self._cap_from <= s_dm < self._cap_to:
            return
        self._cap_from = 0
        self._cap_to = 1 << 30
        self.cap_pm = self.v_cap_cms = self.flags = 0
        offset = 0
        caps = self._caps
        while offset < len(caps):
            end, self.cap_pm, self.v_cap_cms, self.flags = struct.unpack_from(form.CAP, caps, offset)
            offset += form.CAP_SIZE
            if s_dm < end and offset < len(caps):
                self._cap_to = end
                break
            if offset < len(caps):
                self._cap_from = end

    def load_tile(self, number: int) -> None:
        """Bring course tile `number` into `tile`; nothing is read when it is there already."""
        if number == self.tile_no:
            return
        count = min(form.TILE_SEGMENTS, self._segments - number * form.TILE_SEGMENTS)
        view = memoryview(self.tile)[: form.TILE_HEAD + count * form.SEGMENT_SIZE]
        self._read(self._line + number * form.TILE_SIZE, view)
        self.tile_no = number
        self.tile_count = count

    def alt_dm(self, s_dm: int) -> int:
        """Altitude of the course at `s_dm`, linear between the profile's cells, flat beyond its ends; 0 without one."""
        if not self._cells:
            return 0
        s_dm = max(0, min(s_dm, (self._cells - 1) * self._step))
        cell = s_dm // self._step
        low = self._height(cell)
        part = s_dm - cell * self._step
        if not part:
            return low
        return low + (self._height(cell + 1) - low) * part // self._step

    def grade_pm(self, s_dm: int) -> int:
        """Grade of the course at `s_dm`, per mille within +-1000, over 20 m either side; 0 without a profile."""
        back = max(0, s_dm - _FLAT_S)
        ahead = min(s_dm + _FLAT_S, (self._cells - 1) * self._step)
        if ahead - back < _FLAT_S:
            return 0
        return max(-1000, min(1000, (self.alt_dm(ahead) - self.alt_dm(back)) * 1000 // (ahead - back)))

    def _height(self, cell: int) -> int:
        first = self._from
        size = len(self._heights) >> 1
        if first < 0 or not first <= cell < first + size:
            # A little behind is kept too: the matcher may step back.
            first = self._from = max(0, min(cell - 32, self._cells - size))
            self._read(self._profile + 2 * first, self._heights)
        at = (cell - first) * 2
        return self._base_dm + (self._heights[at] | self._heights[at + 1] << 8)
