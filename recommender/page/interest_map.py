"""A map of the reader's interests, as it is drawn and told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import ClassVar

from recommender.guidance import Guidance
from recommender.page.mapped import Picture
from recommender.page.rendering import anchor
from recommender.papers import plain
from recommender.wording import visible

CHOICES = ((0.0, "Mute"), (0.5, "Less"), (1.0, "As ever"), (2.0, "More"))
"""How much an interest can be made to pull, 1 as ever, and what the button says that does it."""

WIDTH, HEIGHT = 800, 640
"""Of the map, in units of its own."""

_EDGE = 44  # around the map, for labels
_LINE = 19  # height of a line of a label
_BASE = 15  # of it, above the line that letters stand on
_MARK = 14  # half of what a suggestion takes
_MOVED = (0, -18, 18, -32, 32)  # so far up or down a landmark may be from its papers
_LETTER = 8.4  # width of a letter of one, about
_LEAST_LABEL, _N_LINES = 22, 2  # letters of a line, however small the interest; lines
_UNTITLED = "(without a title)"


@dataclass(frozen=True, slots=True)
class Dot:
    """A paper of the library on the map; ``number`` is that of its interest."""

    x: float
    y: float
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A suggestion on the map.

    Attributes:
        number: Of the interest that it serves; 0 for none.
        anchor: What its place among the suggestions is called.
    """

    x: float
    y: float
    number: int
    rank: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Label:
    """Some lines in the middle of the map's columns, the first at ``y``."""

    x: float
    y: float
    lines: tuple[str, ...]

    @property
    def box(self) -> "_Box":
        """What it covers, about."""
        top = self.y - _BASE
        half = _LETTER * max(map(len, self.lines), default=0) / 2
        return self.x - half, top, self.x + half, top + _LINE * len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedInterest:
    """One of the reader's interests.

    Attributes:
        number: From 1, the largest first.
        name: What it is called, by which it is meant everywhere here.
        own_name: What the model calls it.
        terms: That its papers share, strongest first.
        n_papers: Of the library.
        marks: What was suggested for it last.
        factor: How much the reader made it pull on this page, 1 as ever.
        by_config: How much the config makes it pull beside that.
        is_excluded: The config excludes it, so nothing is suggested for it.
        x: Of its middle on the map.
        y: Of its middle, from the top.
        across: How far it reaches to each side.
        down: How far it reaches up and down.
        label: Its number and name.
    """

    number: int
    name: str
    own_name: str
    terms: tuple[str, ...]
    n_papers: int
    marks: tuple[Mark, ...]
    factor: float
    by_config: float
    is_excluded: bool
    x: float
    y: float
    across: float
    down: float
    label: Label = Label(0, 0, ())

    @property
    def pull(self) -> float:
        """How much its papers pull in all, 1 as ever."""
        return self.factor * self.by_config


@dataclass(frozen=True, slots=True)
class InterestMap:
    """All that the page shows of the reader's interests.

    Attributes:
        interests: The largest first.
        dots: The library's papers.
        marks: What was suggested last, by rank.
        landmarks: What the papers around are about.
        n_hidden: How many more papers the library has, which are not drawn.
    """

    width: ClassVar = WIDTH
    height: ClassVar = HEIGHT
    choices: ClassVar = CHOICES

    interests: tuple[MappedInterest, ...]
    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]
    landmarks: tuple[Label, ...]
    n_hidden: int

    @classmethod
    def of(cls, picture: Picture, guidance: Guidance) -> "InterestMap":
        """The map of a picture, with what the reader asks of interests now."""
        marks, dots = tuple(_marks(picture)), tuple(_dots(picture))
        interests = _labelled(tuple(_interests(picture, guidance, marks)), marks)
        n_papers = sum(interest.n_papers for interest in interests)
        landmarks = tuple(_landmarks(picture, interests, marks))
        return cls(interests, dots, marks, landmarks, n_papers - len(dots))


def _marks(picture: Picture) -> Iterator[Mark]:
    places = zip(picture.suggested_at.tolist(), picture.serves.tolist(), strict=True)
    for one, (place, serves) in zip(picture.suggested, places, strict=True):
        yield Mark(
            *_on_map(place),
            number=serves + 1,
            rank=one.rank,
            title=_titled(one.paper.title),
            anchor=anchor(one.suggestion_id),
        )


def _dots(picture: Picture) -> Iterator[Dot]:
    for row in picture.drawn.tolist():
        number = int(picture.interests.members[row]) + 1
        title = _titled(picture.items[row].paper.title)
        yield Dot(*_on_map(picture.places[row].tolist()), number, title)


def _interests(
    picture: Picture, guidance: Guidance, marks: Sequence[Mark]
) -> Iterator[MappedInterest]:
    found, items = picture.interests, picture.items
    pins = found.pins(items, guidance)
    names = found.called(items, guidance).names
    n_papers = [0] * len(names)
    for interest, item in zip(found.members.tolist(), items, strict=True):
        n_papers[interest] += bool(item.key)
    for at, (name, own_name, pin) in enumerate(zip(names, found.names, pins, strict=True)):
        x, y = _on_map(picture.centres[at].tolist())
        radius = float(picture.radii[at])
        yield MappedInterest(
            number=at + 1,
            name=name,
            own_name=own_name,
            terms=picture.terms[at],
            n_papers=n_papers[at],
            marks=tuple(mark for mark in marks if mark.number == at + 1),
            factor=pin.factor if pin else 1.0,
            by_config=guidance.factor((own_name, pin.called) if pin else (own_name,)),
            is_excluded=guidance.excludes((name, own_name)),
            x=x,
            y=y,
            across=round(radius * (WIDTH - 2 * _EDGE), 1),
            down=round(radius * (HEIGHT - 2 * _EDGE), 1),
        )


def _on_map(place: Sequence[float]) -> tuple[float, float]:
    x, y = place
    return round(_EDGE + x * (WIDTH - 2 * _EDGE), 1), round(_EDGE + y * (HEIGHT - 2 * _EDGE), 1)


def _titled(title: str) -> str:
    return visible(plain(title) or title) or _UNTITLED


def _labelled(
    interests: Sequence[MappedInterest], marks: Sequence[Mark]
) -> tuple[MappedInterest, ...]:
    """The same interests, with labels that hide neither each other nor marks if there is room."""
    taken: list[_Box] = [_of_mark(mark) for mark in marks]
    found = []
    for one in interests:
        n_letters = max(_LEAST_LABEL, int(2 * one.across / _LETTER))
        text = f"{one.number} {visible(one.name)}"
        lines = tuple(wrap(text, n_letters, max_lines=_N_LINES, placeholder="…"))
        others = [_around(other) for other in interests if other is not one]
        boxes = list(_boxes(one, lines))
        # Where two are as good, the first one: above the disc.
        best = min(boxes, key=lambda box: _trouble(box, taken, others))
        taken.append(best)
        left, top, right, _ = best
        label = Label(round((left + right) / 2, 1), round(top + _BASE, 1), lines)
        found.append(replace(one, label=label))
    return tuple(found)


_Box = tuple[float, float, float, float]  # left, top, right, bottom


def _boxes(one: MappedInterest, lines: Sequence[str]) -> Iterator[_Box]:
    """Where the label of an interest could be: above it, below it, and moved from there."""
    width, height = _LETTER * max(map(len, lines)), _LINE * len(lines)
    least, most = width / 2 + 4, WIDTH - width / 2 - 4
    for top in (one.y - one.down - height - 2, one.y + one.down + 4, one.y - height / 2):
        for moved in (0.0, -one.across / 2, one.across / 2):
            x = min(max(one.x + moved, least), most)
            y = min(max(top, 2), HEIGHT - height - 2)
            yield x - width / 2, y, x + width / 2, y + height


def _landmarks(
    picture: Picture, interests: Sequence[MappedInterest], marks: Sequence[Mark]
) -> Iterator[Label]:
    """The landmarks for which there is room between all else that is to be read."""
    taken: list[_Box] = [one.label.box for one in interests]
    taken += [_of_mark(mark) for mark in marks]
    for one in picture.landmarks:
        x, y = _on_map((one.x, one.y))
        labels = (Label(x, round(y + moved, 1), (visible(one.term),)) for moved in _MOVED)
        free = (label for label in labels if not _trouble(label.box, taken, ()))
        if label := next(free, None):
            taken.append(label.box)
            yield label


def _around(one: MappedInterest) -> _Box:
    return one.x - one.across, one.y - one.down, one.x + one.across, one.y + one.down


def _of_mark(mark: Mark) -> _Box:
    return mark.x - _MARK, mark.y - _MARK, mark.x + _MARK, mark.y + _MARK


def _trouble(box: _Box, taken: Sequence[_Box], others: Sequence[_Box]) -> float:
    """How much a label hides of other labels and of other interests."""
    return sum(100 * _shared(box, other) for other in taken) + sum(
        _shared(box, other) for other in others
    )


def _shared(one: _Box, other: _Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)
