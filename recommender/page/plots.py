"""Plots of an evaluation: where each bar, line and figure lies. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# All in units of the plot; a phone shows it at two thirds of them.
_WIDTH = 480
_ROW = 18  # height of a ranking
_LEFT = 146  # for the names of rankings
_BELOW = 22  # for the figures below
_RIGHT = 10
_DEEP = 200


@dataclass(frozen=True, slots=True)
class Bar:
    """A ranking's mean, in units of the plot; ``range`` is its interval, None without one."""

    name: str
    ours: bool
    y: int
    length: float
    range: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Bars:
    """How each ranking did."""

    title: str
    width: int
    height: int
    left: int
    ticks: Sequence[tuple[float, str]]
    bars: Sequence[Bar]


def bars(means: Mapping[str, Mapping[str, float | None]], ours: str, measure: str) -> Bars:
    """A bar for each ranking.

    Args:
        means: By ranking its ``mean``, and the ``low`` and ``high`` of its interval; in [0, 1], and
            None where nobody knows.
        ours: The ranking that is ours.
        measure: What is drawn.
    """
    whole = _WIDTH - _LEFT - _RIGHT

    def bar(row: int, name: str, one: Mapping[str, float | None]) -> Bar:
        low, high = one["low"], one["high"]
        between = None
        if low is not None and high is not None:
            between = _LEFT + _round(whole * max(low, 0)), _LEFT + _round(whole * min(high, 1))
        return Bar(name, name == ours, row * _ROW, _round(whole * (one["mean"] or 0)), between)

    told = ", ".join(f"{name} {figure(one['mean'])}" for name, one in means.items())
    return Bars(
        title=f"{measure} by ranking: {told}",
        width=_WIDTH,
        height=len(means) * _ROW + _BELOW,
        left=_LEFT,
        ticks=[(_LEFT + _round(whole * at / 4), f"{at / 4:g}") for at in range(5)],
        bars=[bar(row, name, one) for row, (name, one) in enumerate(means.items())],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A ranking's months, in units of the plot."""

    name: str
    ours: bool
    path: str
    dots: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Lines:
    """How rankings did month by month."""

    title: str
    width: int
    height: int
    left: int
    ticks: Sequence[tuple[float, str]]
    months: Sequence[tuple[float, str]]
    lines: Sequence[Line]


_MARGIN = 34  # for the figures on the left
_ABOVE = 28  # for the names
_MOST_NAMES = 6  # of months, side by side


def lines(
    months: Sequence[str], values: Mapping[str, Sequence[float | None]], ours: str, measure: str
) -> Lines:
    """A line for each ranking.

    Args:
        months: In their order, none twice.
        values: By ranking the value in each month; in [0, 1], and None where there is none.
        ours: The ranking that is ours.
        measure: What is drawn.
    """
    step = (_WIDTH - _MARGIN - 2 * _RIGHT) / max(len(months) - 1, 1)
    xs = [_round(_MARGIN + _RIGHT + step * at) for at in range(len(months))]

    def y(value: float) -> float:
        return _round(_ABOVE + (_DEEP - _ABOVE - _BELOW) * (1 - value))

    def line(name: str, of: Sequence[float | None]) -> Line:
        dots = {x: y(value) for x, value in zip(xs, of, strict=True) if value is not None}
        # No line over a month of which nothing is known.
        befores = zip([None, *xs], xs, strict=False)
        path = "".join(
            f"{'L' if before in dots else 'M'}{x} {dots[x]}" for before, x in befores if x in dots
        )
        return Line(name, name == ours, path or "M0 0", [*dots.items()])

    every = -(-len(months) // _MOST_NAMES)
    return Lines(
        title=f"{measure} month by month, {' and '.join(values)}; the table below has the figures",
        width=_WIDTH,
        height=_DEEP,
        left=_MARGIN,
        ticks=[(y(at / 4), f"{at / 4:g}") for at in range(5)],
        months=[pair for at, pair in enumerate(zip(xs, months, strict=True)) if not at % every],
        lines=[line(name, of) for name, of in values.items()],
    )


def _round(length: float) -> float:
    return round(length, 1)


def figure(value: float | None) -> str:
    """A figure as it is shown."""
    return "–" if value is None else f"{value:.2f}"
