"""How a person is asked something."""

import sys
from collections.abc import Callable, Sequence
from getpass import getpass

from recommender.cli.telling import on_one_line


def is_possible() -> bool:
    """Whether a person is there to answer."""
    asks = getattr(sys.stdin, "isatty", None)
    return bool(asks and asks())


def line(question: str, otherwise: str = "") -> str:
    """A line of text; ``otherwise`` where the answer is empty."""
    shown = f" [{otherwise}]" if otherwise else ""
    return _answer(lambda: input(on_one_line(f"{question}{shown}: "))) or otherwise


def hidden(question: str) -> str:
    """A line that is not shown while it is typed."""
    return _answer(lambda: getpass(on_one_line(f"{question}: ")))


def yes(question: str, *, otherwise: bool) -> bool:
    """Whether the answer is yes."""
    while True:
        said = line(f"{question} ({'Y/n' if otherwise else 'y/N'})").lower()
        if not said:
            return otherwise
        if said in {"y", "yes", "n", "no"}:
            return said.startswith("y")
        print("Please answer y or n.")


def several(question: str, offered: Sequence[str]) -> tuple[int, ...]:
    """Which of what is offered, from 0; none where the answer is empty."""
    for number, one in enumerate(offered, 1):
        print(on_one_line(f"  {number:>3}  {one}"))
    while True:
        said = line(f"{question} (numbers, such as 1 3)").replace(",", " ").split()
        numbers = [int(word) - 1 for word in said if word.isdecimal()]
        if len(numbers) == len(said) and all(0 <= n < len(offered) for n in numbers):
            return tuple(dict.fromkeys(numbers))
        print(f"Please give numbers from 1 to {len(offered)}, or nothing.")


def one_of(question: str, offered: Sequence[str]) -> int:
    """Which one of what is offered, from 0; the first where the answer is empty."""
    while True:
        chosen = several(question, offered)
        if len(chosen) <= 1:
            return chosen[0] if chosen else 0
        print("Please give one number.")


def _answer(asked: Callable[[], str]) -> str:
    try:
        return asked().strip()
    except EOFError:
        # Ctrl-D, or the terminal is gone: whoever answers no question wants none of it.
        raise KeyboardInterrupt from None
