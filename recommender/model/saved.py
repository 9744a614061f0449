"""A model as bytes, and back: what was learnt is written down, what the library says is not.

A restored model is the one that was saved, to the last bit of every score.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import Rows
from recommender.guidance import Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Library
from recommender.model.explanations import Teller
from recommender.model.judging import HybridModel, Learnt, content_of
from recommender.model.meanings import Meanings
from recommender.model.own import Own
from recommender.model.packing import packed, unpacked
from recommender.model.parts import PARTS
from recommender.model.readers import Readers
from recommender.model.text import N_COLUMNS, Counts, Weighting
from recommender.papers import Paper

VERSION = 2
"""Of the models: it changes with whatever changes how terms are counted, what is scored, or how a
model is written down."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """What is written down of a model.

    Attributes:
        learnt: With ``idf`` at the space's columns alone, and without what can be worked out again:
            the basis as a whole, ``nears``, and ``cited``.
        ids: The names of each of the world's papers that is not the reader's own.
        references: What each of these cites.
    """

    learnt: Learnt
    ids: tuple[tuple[str, ...], ...]
    references: tuple[tuple[str, ...], ...]


def saved(model: HybridModel) -> bytes:
    """A model as bytes, for ``restored``: some kilobytes for each paper of its world."""
    learnt = model.learnt
    others = [learnt.cited[row] for row in _others(learnt)]
    space = learnt.world.space
    slim = replace(
        space,
        weighting=Weighting(space.weighting.idf[space.columns]),
        basis=replace(space.basis, whole=None),
    )
    place = replace(learnt.world.place, nears=learnt.world.place.near)
    tree = _Saved(
        learnt=replace(learnt, world=replace(learnt.world, space=slim, place=place), cited=()),
        ids=tuple(tuple(map(str, paper.ids)) for paper in others),
        references=tuple(tuple(map(str, paper.references)) for paper in others),
    )
    return packed(tree, VERSION)


def restored(
    payload: bytes,
    library: Library,
    guidance: Guidance,
    counts: Counts,
    meanings: Meanings | None = None,
) -> HybridModel:
    """The model that was saved.

    Args:
        payload: What ``saved`` gave, or was taken for it.
        library: What the model was fitted on.
        guidance: The same.
        counts: How terms are counted.
        meanings: Of the encoder that the model was fitted with.

    Raises:
        ValueError: If the payload is none of this version's, is damaged or holds what does not fit
            together, or the model was fitted on another library.
    """
    tree = unpacked(payload, _Saved, VERSION)
    whole = Own.of(library, guidance)
    papers = [item.paper for item in whole.items]
    if problem := next(_misfits(tree, papers, meanings), None):
        raise ValueError(f"{problem} does not fit")
    slim = tree.learnt
    space = slim.world.space
    idf = np.zeros(N_COLUMNS, np.float32)
    idf[space.columns] = space.weighting.idf
    weighting = Weighting(idf)
    near = slim.world.place.near
    world = replace(
        slim.world,
        space=replace(space, weighting=weighting),
        place=replace(slim.world.place, nears=near.T.tocsr()),
    )
    own = whole[slim.own]
    readers = Readers.of(library, own.items)
    if len(readers.names) != slim.judge.walk.n_readers:
        raise ValueError("the readers' number does not fit")
    learnt = replace(slim, world=world, cited=_cited(tree, papers))
    pulling = np.flatnonzero(slim.judge.starts_at(slim.own))
    named = slim.interests.called(own.items, guidance)
    teller = Teller.of(library, own, named, weighting, readers.names, pulling)
    return HybridModel.of(learnt, counts, teller, meanings)


def _others(learnt: Learnt) -> Rows:
    """The rows of the world's papers that are not the reader's own."""
    return np.setdiff1d(np.arange(len(learnt.contents)), learnt.own)


def _cited(tree: _Saved, papers: Sequence[Paper]) -> tuple[Paper, ...]:
    """The world's papers, as far as citations name them."""
    found = [_NAMELESS] * len(tree.learnt.contents)
    for row in tree.learnt.own:
        found[row] = papers[row]
    for row, ids, references in zip(_others(tree.learnt), tree.ids, tree.references, strict=True):
        if ids or references:
            found[row] = Paper(title="-", ids=_parsed(ids), references=_parsed(references))
    return tuple(found)


_NAMELESS = Paper(title="-")


def _parsed(names: Iterable[str]) -> tuple[PaperId, ...]:
    parts = (name.partition(":") for name in names)
    return tuple(PaperId(Scheme(scheme), value) for scheme, _, value in parts)


def _misfits(tree: _Saved, papers: Sequence[Paper], meanings: Meanings | None) -> Iterator[str]:
    """What of a saved model does not fit to the rest, or to the papers of the library."""
    learnt = tree.learnt
    n, n_own = len(learnt.contents), len(learnt.own)
    is_there = n_own and _ascending(learnt.own, len(papers))
    if not is_there or learnt.contents[: len(papers)] != tuple(map(content_of, papers)):
        yield "the library"
    if (_n_meant(learnt) > 0) != (meanings is not None):
        yield "the encoder"
    if not _ascending(learnt.world.space.columns, N_COLUMNS):
        yield "a column of terms"
    if not len(tree.ids) == len(tree.references) == n - n_own:
        yield "what cites what"
    yield from (name for name, found, wanted in _shapes(learnt) if found != wanted)
    members, names = learnt.interests.members, learnt.interests.names
    if members.min() < 0 or members.max() >= len(names):
        yield "an interest"


def _n_meant(learnt: Learnt) -> int:
    """How long an encoder's rows are; 0 without one."""
    world = learnt.world
    return int(world.place.said.topics.shape[-1] - len(world.space.basis.lengths))


def _ascending(rows: Rows, n: int) -> bool:
    """Whether these are some of ``n`` rows, each once and in their order."""
    inside = not len(rows) or bool(rows[0] >= 0 and rows[-1] < n)
    return inside and bool((np.diff(rows) > 0).all())


def _shapes(learnt: Learnt) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """The name and the shape of each array, and the shape that it should have."""
    world, judge = learnt.world, learnt.judge
    space, place, walk = world.space, world.place, judge.walk
    n, n_own, n_terms = len(learnt.contents), len(learnt.own), len(space.columns)
    (k,), (d,) = space.basis.lengths.shape, place.vectors.shape[1:]
    t = k + max(_n_meant(learnt), 0)
    n_holders, n_starts = walk.n_readers + n, len(learnt.interests.names)
    yield "idf", space.weighting.idf.shape, (n_terms,)
    yield "corpus", space.basis.terms.shape, (n, n_terms)
    yield "mixture", space.basis.mixture.shape, (n, k)
    yield "terms", place.said.terms.shape, (n, n_terms)
    yield "topics", place.said.topics.shape, (n, t)
    yield "vectors", place.vectors.shape, (n, 3 * t)  # its topics, its nearest's, and theirs
    yield "near", place.near.shape, (n, n)
    yield "links", place.links.shape, (n, n)
    yield "around", world.around.shape, (n, t)
    yield "bound", world.bound.shape, (n,)
    yield "telling", world.telling.shape, (n_terms, n)
    yield "up", walk.up.shape, (n, n_holders)
    yield "down", walk.down.shape, (n_holders, n)
    for name, sums in (("held", walk.held), ("kin", walk.kin), ("holds", walk.holds)):
        yield name, sums.shape, (n,)
    yield "starts", judge.starts.shape, (n_starts, n)
    yield "papers reached", judge.reached.papers.shape, (n, n_starts)
    yield "holders reached", judge.reached.holders.shape, (n_holders, n_starts)
    yield "profile", judge.profile.shape, (1, n_terms)
    yield "speakers", judge.speakers.vectors.shape, (len(judge.speakers.papers), d)
    yield "unwanted", judge.unwanted.vectors.shape[1:], (d,)
    yield "what is usual", learnt.usual.deviations.shape, (len(PARTS),)
    yield "interests", learnt.interests.members.shape, (n_own,)
    if judge.contrast:
        yield "contrast", judge.contrast.direction.shape, (d,)
    if judge.tastes:
        f = len(judge.taste)
        yield "tastes", judge.tastes.readers.shape, (walk.n_readers + 1, f)
        yield "factors", judge.tastes.papers.shape, (n, f)
        yield "map to factors", judge.tastes.to_factors.shape, (d, f)
