"""The owner at the keyboard, or nobody."""

from collections.abc import Callable


class Owner:
    """Tells and asks. With `ask` None nobody is there: every question is left open."""

    def __init__(self, ask: Callable[[str], str] | None, tell: Callable[[str], object]) -> None:
        self._ask = ask
        self.tell = tell

    @property
    def there(self) -> bool:
        """Whether anybody can be asked."""
        return self._ask is not None

    def ready(self, what: str) -> None:
        """Ask for something to be done, and wait until it is."""
        self._answer(f"{what}; then Enter: ")

    def number(self, question: str, most: int) -> int | None:
        """A whole number from 0 to `most`; None if it is not known, or nobody is there."""
        while self._ask:
            answer = self._answer(f"{question} (0 to {most}, Enter: not known): ")
            if not answer:
                return None
            if answer.isascii() and answer.isdigit() and int(answer) <= most:
                return int(answer)
            self.tell(f"{answer[:20]!r} is no number from 0 to {most}")
        return None

    def _answer(self, question: str) -> str:
        if not self._ask:
            return ""
        try:
            return self._ask(question).strip()
        except EOFError:  # no terminal: as if nobody were there
            self._ask = None
            return ""
