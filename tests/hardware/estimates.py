"""What docs/ and boards/ estimate of a board, each with the page where it stands, and how to measure it. The one place.

A test looks whether `words` stand on the page. Who changes an estimate changes it there and here.
"""

from holdback.board import KEPT_BACK, Board

from bench import estimates as assumed
from hardware.comparing import Estimate, Found, plain, ratio

RUNNING_KB = 74  # of heap, on 32-bit words: `make bench ARGS=heap`
BYTECODES_A_TURN = 14  # of the loop in probes/work.py, as MicroPython's compiler makes it

UNMEASURED = "not measured by this kit"


def estimates(board: Board) -> list[Estimate]:
    """All that is estimated of this board."""
    return [
        *_memory(board),
        *_receiver(board),
        *_chips(board),
        *_flash(),
        *_radio(),
        *_work(),
        *_power(board),
        *_unmeasured(board),
    ]


def _memory(board: Board) -> list[Estimate]:
    if "SPIRAM" in board.fact("IMAGE"):
        return []  # the figures are of boards without
    return [
        Estimate(
            "heap free before the radio, without PSRAM",
            f"{assumed.BOOT_KB.value:g} kB",
            "boards/README.md",
            f"{assumed.BOOT_KB.value:g} kB before the radio (reported)",
            "memory",
            plain("memory", "free_before_radio", 1000),
            low=0.9 * assumed.BOOT_KB.value,
            high=1.1 * assumed.BOOT_KB.value,
            unit="kB",
        ),
        Estimate(
            "heap free with the radio on, without PSRAM",
            f"{RUNNING_KB} kB are taken on a stage",
            "boards/README.md",
            f"{RUNNING_KB} kB (partly estimated)",
            "memory",
            plain("memory", "free_with_radio", 1000),
            low=RUNNING_KB,
            unit="kB",
        ),
    ]


def _receiver(board: Board) -> list[Estimate]:
    baud = board.fact("GNSS_BAUD")
    page = f"boards/{board.name}/board.py"
    found = [
        Estimate(
            "receiver's baud",
            str(baud),
            page,
            f"GNSS_BAUD = {baud}",
            "receiver",
            plain("receiver", "baud"),
            low=baud,
            high=baud,
        ),
        Estimate(
            "epochs in 5 s once it is set up",
            "5",
            "boards/README.md",
            "sets 1 Hz, RMC and GGA alone",
            "receiver",
            plain("receiver", "epochs_in_5_s"),
            low=4,
            high=6,
        ),
        Estimate(
            "sentences in 5 s once it is set up, RMC and GGA",
            "10",
            "boards/README.md",
            "sets 1 Hz, RMC and GGA alone",
            "receiver",
            plain("receiver", "sentences_in_5_s"),
            low=8,
            high=12,
        ),
    ]
    if board.fact("GNSS_ON"):
        words = "a cold start of half a minute or more under the open sky (estimated)"
        page = f"boards/{board.name}/README.md"
        measure = plain("receiver", "fix_ms", 1000)
        found.append(Estimate("first fix", "30 s or more", page, words, "receiver", measure, low=30, unit="s"))
    return found


def _chips(board: Board) -> list[Estimate]:
    found = [
        Estimate(
            "the button's longest bounce",
            "30 ms at most",
            "boards/README.md",
            "30 ms of debouncing",
            "button",
            plain("button", "bounce_ms"),
            high=30,
            unit="ms",
        ),
    ]
    power = board.fact("POWER")
    if power != "divider":
        words, page = f'POWER = "{power}"', f"boards/{board.name}/board.py"
        found.append(
            Estimate("power management", power.upper(), page, words, "chips", plain("chips", "power"), wanted="found")
        )
    if board.fact("MOTOR") < 0:
        words = "-1 for a DRV2605L on the I2C bus"
        measure = plain("chips", "haptic")
        found.append(Estimate("haptic driver", "DRV2605L", "boards/README.md", words, "chips", measure, wanted="found"))
    return found


def _flash() -> list[Estimate]:
    return [
        Estimate(
            "longest block with its flush",
            "80 to 200 ms",
            "docs/architecture.md",
            f"stalls everything for 80 to {assumed.FLUSH_MS.value:g} ms",
            "storage",
            plain("storage", "longest_stall_us", 1000),
            low=80,
            high=assumed.FLUSH_MS.value,
            unit="ms",
        ),
        Estimate(
            "reading with a checksum",
            "200 kB/s",
            "docs/sync-protocol.md",
            "about a second for each 200 kB (estimated)",
            "storage",
            ratio("storage", "written_b", "read_us", 1000),
            low=100,
            high=400,
            unit="kB/s",
        ),
    ]


def _radio() -> list[Estimate]:
    page = "docs/hardware-test.md"
    return [
        Estimate(
            "notifications to a computer",
            "3 to 8 kB/s",
            page,
            "3 to 8 kB/s",
            "notify",
            ratio("notify", "arrived_b", "arrived_ms"),
            low=3,
            high=8,
            unit="kB/s",
        ),
        Estimate(
            "a strap's first notification",
            "within 20 s",
            page,
            "within 20 s",
            "straps",
            plain("straps", "first_ms", 1000),
            high=20,
            unit="s",
        ),
        Estimate(
            "the RTC's memory outlives a watchdog's reset",
            "yes",
            "docs/architecture.md",
            "in the RTC's memory, which a reset",
            "watchdog",
            plain("watchdog", "memory"),
            wanted="yes",
        ),
    ]


def _work() -> list[Estimate]:
    def cycles(found: Found) -> float | None:
        a_turn = ratio("work", "loop_us", "loops")(found)
        hz = found["work"].get("hz")
        return a_turn * hz / 1e6 / BYTECODES_A_TURN if a_turn and isinstance(hz, int) else None

    core_ms = assumed.SECOND_MS.value / assumed.GLUE.value
    return [
        Estimate(
            "the core's work for a second of a stage, half of all",
            f"{core_ms:g} ms at most",
            "boards/README.md",
            f"{assumed.SECOND_MS.value:g} ms of work at most",
            "work",
            plain("work", "second_us", 1000),
            high=core_ms,
            unit="ms",
        ),
        Estimate(
            "cycles a bytecode",
            f"{assumed.CYCLES_A_BYTECODE.value:g}",
            "boards/README.md",
            f"80 MHz / {assumed.CYCLES_A_BYTECODE.value:g} cycles (assumed)",
            "work",
            cycles,
            low=0.8 * assumed.CYCLES_A_BYTECODE.value,
            high=1.2 * assumed.CYCLES_A_BYTECODE.value,
        ),
        Estimate(
            "a collection with the radio on",
            "22 to 70 ms",
            "docs/hardware-test.md",
            "22 to 70 ms",
            "memory",
            plain("memory", "collect_us_with_radio", 1000),
            low=22,
            high=70,
            unit="ms",
        ),
    ]


def _power(board: Board) -> list[Estimate]:
    ma, mah = board.fact("CURRENT_MA"), board.fact("BATTERY_MAH")
    usable_mah = mah * (100 - KEPT_BACK) / 100

    def hours(found: Found) -> float | None:
        running = found["current"].get("running_ma")
        return usable_mah / running if isinstance(running, int) and running else None

    page = f"boards/{board.name}/board.py"
    return [
        Estimate(
            "current on a stage",
            f"{ma} mA",
            page,
            f"CURRENT_MA = {ma}",
            "current",
            plain("current", "running_ma"),
            low=0.8 * ma,
            high=1.2 * ma,
            unit="mA",
        ),
        Estimate(
            f"hours of a charge of {mah} mAh",
            f"{board.battery_hours} h",
            "boards/README.md",
            f"| {board.battery_hours} |",
            "current",
            hours,
            low=0.8 * board.battery_hours,
            high=1.2 * board.battery_hours,
            unit="h",
        ),
    ]


def _unmeasured(board: Board) -> list[Estimate]:
    """What takes longer than ten minutes, the cold, or a soldering iron."""
    page = "boards/README.md"
    mah = board.fact("BATTERY_MAH")
    facts = f"boards/{board.name}/board.py"
    left = [
        ("copying the firmware", "about a minute", "docs/flashing.md", "about a minute", "see `make flash`"),
        ("erases until a block is worn", "100 000", page, "100 000 erases each (data sheets)", UNMEASURED),
        ("all of the firmware's work", "twice the core's", page, "twice that in all (assumed)", UNMEASURED),
        ("what the battery holds", f"{mah} mAh", facts, f"BATTERY_MAH = {mah}", UNMEASURED),
        ("a cell's loss in the cold", "a third and more", page, "lose a third and more in the cold", UNMEASURED),
    ]
    if board.fact("MOTOR") >= 0 and board.name != "virtual":
        left.append(("the motor's current", "80 to 100 mA", f"boards/{board.name}/README.md", "80–100 mA", UNMEASURED))
    return [Estimate(what, figure, where, words, why=why) for what, figure, where, words, why in left]
