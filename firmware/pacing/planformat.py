"""The plan file's layout, shared by its reader and its writer; docs/plan-format.md is the table of bytes.

Little-endian. MAGIC, then sections of (tag u16, length u32, body), then a CRC-32 of all that came before.
"""

MAGIC = b"HBP\x01"  # the last byte is the version
VERSION = 1
SECTION = "<HI"
SECTION_SIZE = 6
CRC_SIZE = 4

TAG_HEADER = 1  # 2 is no more: gains of a filter
TAG_INDEX = 3
TAG_LINE = 4
TAG_PROFILE = 5
TAG_CAPS = 6
TAG_STATIONS = 7
TAG_FUEL = 8
TAG_DAY = 9
TAG_FACTORS = 10
TAG_GUARDS = 11
LAST_TAG = 11

# race, then planfields.HEADER_FIELDS
HEADER = "<16sBBBxiiHHIHhhBBBBHHHI"
HEADER_SIZE = 56

# Polyline: tiles of a corner (x, y, s: i32) and up to TILE_SEGMENTS segments (dx i16, dy i16, ds u16), decimetres.
# The last corner of a tile is the first of the next, so each segment is whole in one tile.
TILE_SEGMENTS = 128
TILE_HEAD = 12
SEGMENT_SIZE = 6
TILE_SIZE = TILE_HEAD + TILE_SEGMENTS * SEGMENT_SIZE
MAX_TILES = 100
# Longer segments are split by the writer: squares and cross products of a segment must stay within 30 bits.
MAX_DELTA_DM = 10000
MAX_DS_DM = 20000
# An entry of the index: the tile's box (x least, y least, x greatest, y greatest) and its first s, all i32.
INDEX = "<iiiii"
INDEX_SIZE = 20
MAX_XY_DM = 5000000

# Profile: step u16, count u16, base i32, then the altitudes above base, u16 each, decimetres.
PROFILE = "<HHi"
PROFILE_SIZE = 8
MIN_STEP_DM = 50
MAX_STEP_DM = 2000
MAX_PROFILE = 16000

CAP = "<IHHBx"  # end_dm, cap_pm, v_cap_cms, flags
CAP_SIZE = 10
MAX_CAPS = 128
HIKE = 1
TECHNICAL = 2
NEUTRAL = 4
DESCENT = 8
MIN_CAP_PM = 200  # a cap is 0 (none) or in this range
MAX_CAP_PM = 1500

STATION = "<IIB"  # s_dm, cutoff_s (0: none), length of the name that follows
STATION_SIZE = 9
MAX_STATIONS = 64
MAX_LENGTH_DM = 1 << 23
MAX_CUTOFF_S = 1 << 20
FUEL = "<HH"  # g_per_h, every_s (0: never)
MIN_EVERY_S = 300
DAY = "<I"  # gun_utc_s (0: unknown)
DAY_SIZE = 4
FACTORS = "<19H"  # pacing.cost's table, of the athlete's own
FACTORS_SIZE = 38
MIN_FACTOR_PM = 300
MAX_FACTOR_PM = 9999
GUARDS = "<BxHHH"  # planfields.GUARD_FIELDS
GUARDS_SIZE = 8
MIN_EVERY_M = 500


class PlanError(ValueError):
    """A plan that cannot be read or written; the message names the section or key."""
