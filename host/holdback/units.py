"""Numbers as a runner reads them: kilometres or miles, paces, clocks."""

from dataclasses import dataclass

M_PER_MILE = 1609.344
FT_PER_M = 3.28084


@dataclass(frozen=True)
class Units:
    """What `units` in race.toml stands for."""

    per_m: float  # metres in one
    far: str  # the word for it
    up: str
    up_per_m: float

    def distance(self, metres: float) -> str:
        """Without its unit, one decimal."""
        return f"{metres / self.per_m:.1f}"

    def away(self, metres: float, digits: int = 1) -> str:
        """With its unit behind it, for a sentence."""
        return f"{metres / self.per_m:.{digits}f} {self.far}"

    def mark(self, metres: float, digits: int = 1) -> str:
        """A place on the way: its unit in front, as on a milestone."""
        return f"{self.far} {metres / self.per_m:.{digits}f}"

    def climb(self, metres: float) -> str:
        """Without its unit, whole."""
        return f"{metres * self.up_per_m:.0f}"

    def pace(self, speed_ms: float) -> str:
        """Minutes and seconds for one of them, without the unit."""
        seconds = round(self.per_m / speed_ms)
        return f"{seconds // 60}:{seconds % 60:02}"


KM = Units(1000.0, "km", "m", 1.0)
MILES = Units(M_PER_MILE, "mi", "ft", FT_PER_M)


def units_of(name: str) -> Units:
    """KM, or MILES for "miles"."""
    return MILES if name == "miles" else KM


def duration(seconds: float) -> str:
    """h:mm."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def margin(seconds: float) -> str:
    """+h:mm or -h:mm."""
    return ("-" if seconds < 0 else "+") + duration(abs(seconds))


def clock(seconds: float) -> str:
    """h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def megabytes(count: int) -> str:
    """Bytes in megabytes, without the unit."""
    return f"{count / 1e6:.2f}"


def kilobytes(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1000:.1f} kB"
