"""A stage plan on the device: the header and the caps stay in memory, course and profile come in tiles.

It trusts what `pacing.plan` has checked before: by its CRC-32 the file is the same. Resident: the index (<= 2.0 KB),
the caps (<= 1.3 KB), one course tile (780 B), one stretch of profile (512 B), 8 B for each cut-off, and of the device's
own plan 2 B for each tile and each 128 cells of profile.
"""

import struct
from array import array
from binascii import crc32

from pacing import planformat as form
from pacing.cost import FACTOR_PM
from pacing.planformat import PlanError

_FLAT_S = 200  # window either side of a place over which its grade is taken, dm
_PROFILE_CELLS = 256
HALF_BITS = 7  # stretches of profile begin at each 128th cell


class PlanReader:
    """PlanReader(read, size): `read(offset, buf)` fills `buf` from the file of `size` bytes.

    PlanError if the version, the CRC-32 or the sections are not right. What the core needs of the header are attributes
    (docs/plan-format.md). After `at(s_dm)`: cap_pm, v_cap_cms and flags of
    the place. After `load_tile(i)`: `tile` holds `tile_count` segments (pacing.planformat). A plan without a course
    (`has_course` False) holds caps only. `cutoffs` holds s_dm and seconds after the gun of each station that has a
    cut-off, one after another; eat_every_s is 0 for never; gun_utc_s, unix seconds, is 0 where it is not known.
    `factors` is the table for pacing.cost. `lost`: a piece of course or profile could not be read, or is not what it
    was when `sums` were made (pacing.plansums). Without that piece it goes on; without one of the profile there is no
    grade any more.
    """

    def __init__(self, read, size: int):
        self.read = read
        self.tile = bytearray(form.TILE_SIZE)
        self._check_crc(size)
        self._find_sections(size - form.CRC_SIZE)
        self._read_header()
        self.cap_table = self.section(form.TAG_CAPS, form.MAX_CAPS * form.CAP_SIZE)
        if len(self.cap_table) % form.CAP_SIZE:
            raise PlanError("plan: caps are cut short")
        self._cap_from = 0
        self._cap_to = -1
        self._read_day()
        self._read_guards()
        self._read_course()
        self._read_profile()
        self.at(0)

    # --- the file, once ---

    def _check_crc(self, size: int) -> None:
        if size < len(form.MAGIC) + form.CRC_SIZE:
            raise PlanError("plan: too short")
        view = memoryview(self.tile)
        self.read(0, view[:4])
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
            self.read(at, part)
            crc = crc32(part, crc)
            at += len(part)
        self.read(end, view[:4])
        self.crc = struct.unpack_from("<I", self.tile, 0)[0]
        if crc & 0xFFFFFFFF != self.crc:
            raise PlanError("plan: CRC-32 does not match")

    def _find_sections(self, end: int) -> None:
        """Note where the bodies are; unknown tags are passed over, a repeated one is an error."""
        self.offsets = [0] * (form.LAST_TAG + 1)  # by tag; 0: not there
        self.lengths = [0] * (form.LAST_TAG + 1)
        at = len(form.MAGIC)
        head = memoryview(self.tile)[: form.SECTION_SIZE]
        while at < end:
            if at + form.SECTION_SIZE > end:
                raise PlanError("plan: a section is cut short")
            self.read(at, head)
            tag, length = struct.unpack_from(form.SECTION, self.tile, 0)
            at += form.SECTION_SIZE
            known = tag <= form.LAST_TAG
            if length > end - at or (known and self.offsets[tag]):
                raise PlanError("plan: section %d does not fit" % tag)
            if known:
                self.offsets[tag] = at
                self.lengths[tag] = length
            at += length

    def section(self, tag: int, most: int) -> bytearray:
        """The body of a small section, or b"" where it is missing."""
        length = self.lengths[tag]
        if length > most:
            raise PlanError("plan: section %d is too long" % tag)
        body = bytearray(length)
        if length:
            self.read(self.offsets[tag], body)
        return body

    def _read_header(self) -> None:
        body = self.section(form.TAG_HEADER, 255)
        if len(body) < form.HEADER_SIZE:
            raise PlanError("plan: no header")
        (
            self.race, self.stage_no, self.stage_count, self.role, self.lat0_e6, self.lon0_e6, self.cos_q15,
            self.cs_cms, self.length_dm, self.ecc_cms, self.hr_a_dbpm, self.hr_b_dbpm, self.hr_cap_bpm,
            self.hr_drift_dbpm_h, self.hr_drift_max_dbpm, self.ease_per_h, self.debt_limit, self.head_start,
            self.ease_first_h, self.planned_s,
        ) = struct.unpack_from(form.HEADER, body, 0)  # fmt: skip

    def _read_day(self) -> None:
        """Gun, fuel, and the cut-offs: of other stations, and of names, nothing is kept."""
        body = self.section(form.TAG_DAY, 64)
        self.gun_utc_s = struct.unpack_from(form.DAY, body, 0)[0] if len(body) >= form.DAY_SIZE else 0
        body = self.section(form.TAG_FUEL, 64)
        self.eat_every_s = struct.unpack_from(form.FUEL, body, 0)[1] if len(body) >= 4 else 0
        self.cutoffs = array("I")
        at, left = self.offsets[form.TAG_STATIONS], self.lengths[form.TAG_STATIONS]
        head = memoryview(self.tile)[: form.STATION_SIZE]
        while left >= form.STATION_SIZE:
            self.read(at, head)
            s_dm, cutoff_s, size = struct.unpack_from(form.STATION, self.tile, 0)
            size += form.STATION_SIZE
            at += size
            left -= size
            if s_dm > form.MAX_LENGTH_DM or cutoff_s > form.MAX_CUTOFF_S or len(self.cutoffs) >= 2 * form.MAX_STATIONS:
                raise PlanError("plan: a station is out of range")
            if cutoff_s:
                self.cutoffs.append(s_dm)
                self.cutoffs.append(cutoff_s)
        if left:
            raise PlanError("plan: a station is cut short")

    def _read_guards(self) -> None:
        """What later firmware looks at, too: a plan without it is guarded as before."""
        body = self.section(form.TAG_GUARDS, 64)
        if len(body) < form.GUARDS_SIZE:
            body = bytes(form.GUARDS_SIZE)
        self.after_stage, self.sink_cms, self.ecc_budget_dm, self.eat_every_m = struct.unpack_from(form.GUARDS, body, 0)
        body = self.section(form.TAG_FACTORS, form.FACTORS_SIZE)
        self.factors = struct.unpack(form.FACTORS, body) if len(body) == form.FACTORS_SIZE else FACTOR_PM

    def _read_course(self) -> None:
        self.index = self.section(form.TAG_INDEX, form.MAX_TILES * form.INDEX_SIZE)
        self.tiles = len(self.index) // form.INDEX_SIZE
        self._line = self.offsets[form.TAG_LINE]
        self.segments = (self.lengths[form.TAG_LINE] - self.tiles * form.TILE_HEAD) // form.SEGMENT_SIZE
        self.has_course = self.tiles > 0
        self.tile_no = -1
        self.tile_count = 0
        self.lost = False
        self.sums = b""

    def _read_profile(self) -> None:
        self._profile = self.offsets[form.TAG_PROFILE]
        self._step = self.cells = 0
        if self.lengths[form.TAG_PROFILE] < form.PROFILE_SIZE:
            return
        head = bytearray(form.PROFILE_SIZE)
        self.read(self._profile, head)
        self._step, self.cells, self._base_dm = struct.unpack_from(form.PROFILE, head, 0)
        self._profile += form.PROFILE_SIZE
        self._heights = bytearray(2 * min(self.cells, _PROFILE_CELLS))
        self._from = -1

    # --- each second ---

    def at(self, s_dm: int) -> None:
        """Set cap_pm (0: none), v_cap_cms (0: none) and flags for the place `s_dm`; beyond the last cap it holds on."""
        if self._cap_from <= s_dm < self._cap_to:
            return
        self._cap_from = 0
        self._cap_to = 1 << 30
        self.cap_pm = self.v_cap_cms = self.flags = 0
        offset = 0
        caps = self.cap_table
        while offset < len(caps):
            end, self.cap_pm, self.v_cap_cms, self.flags = struct.unpack_from(form.CAP, caps, offset)
            offset += form.CAP_SIZE
            if s_dm < end and offset < len(caps):
                self._cap_to = end
                break
            if offset < len(caps):
                self._cap_from = end

    def _piece(self, number: int, at: int, view) -> bool:
        """Read piece `number`, a tile or behind them a stretch of profile, from `at`. False if it is lost."""
        try:
            self.read(at, view)
            self.sum = crc32(view) & 0xFFFF
            if not self.sums or self.sum == self.sums[number]:
                return True
        except OSError:
            pass  # the flash: to the runner the same as noise
        self.lost = True
        return False

    def load_tile(self, number: int) -> bool:
        """Bring course tile `number` into `tile`; nothing is read when it is there already. False if it is lost."""
        if number == self.tile_no:
            return True
        count = min(form.TILE_SEGMENTS, self.segments - number * form.TILE_SEGMENTS)
        view = memoryview(self.tile)[: form.TILE_HEAD + count * form.SEGMENT_SIZE]
        there = self._piece(number, self._line + number * form.TILE_SIZE, view)
        self.tile_no = number if there else -1
        self.tile_count = count if there else 0
        return there

    def alt_dm(self, s_dm: int) -> int:
        """Altitude of the course at `s_dm`, linear between the profile's cells, flat beyond its ends; 0 without one."""
        if not self.cells:
            return 0
        s_dm = max(0, min(s_dm, (self.cells - 1) * self._step))
        cell = s_dm // self._step
        low = self._height(cell)
        part = s_dm - cell * self._step
        if not part:
            return low
        return low + (self._height(cell + 1) - low) * part // self._step

    def grade_pm(self, s_dm: int) -> int:
        """Grade of the course at `s_dm`, per mille within +-1000, over 20 m either side; 0 without a profile."""
        back = max(0, s_dm - _FLAT_S)
        ahead = min(s_dm + _FLAT_S, (self.cells - 1) * self._step)
        if ahead - back < _FLAT_S:
            return 0
        grade_pm = (self.alt_dm(ahead) - self.alt_dm(back)) * 1000 // (ahead - back)
        return max(-1000, min(1000, grade_pm)) if self.cells else 0

    def _height(self, cell: int) -> int:
        first = self._from
        if first < 0 or not first <= cell < first + _PROFILE_CELLS:
            # A little behind is kept too: the matcher may step back.
            self.load_heights(max(0, cell - 32) >> HALF_BITS)
        at = (cell - self._from) * 2
        return self._base_dm + (self._heights[at] | self._heights[at + 1] << 8)

    def load_heights(self, block: int) -> None:
        """Bring the profile from the 128th cell on that is number `block`."""
        first = self._from = block << HALF_BITS
        view = memoryview(self._heights)[: 2 * (self.cells - first)]
        if not self._piece(self.tiles + block, self._profile + 2 * first, view):
            self.cells = 0
