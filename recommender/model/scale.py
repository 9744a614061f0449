"""From sums of parts to scores, and the score from which a paper is like the reader's own."""

from dataclasses import dataclass

import numpy as np

from recommender.arrays import Scores

_FALL_BELOW = 10  # percent of the reader's own papers that would not have been suggested
_OF_OWN = 0.6  # papers gathered by one person lie closer to each other than new ones do to them
_LEAST = 5  # of the reader's own papers, to learn it from
_BEST_LISTED = 99  # percent; where there are fewer, what is listed must do
_LEAST_HALF = 1.0  # a sum; the papers of somebody who reads all sorts are like any that is listed
_LEAST_SUM = 0.1  # of a suggestion
_FEW_LEAST_SUM = 1.5  # of one to a reader of so few papers that these tell no threshold


@dataclass(frozen=True, slots=True)
class Scale:
    """Makes a score in [0, 1) of a sum of parts.

    Attributes:
        half: The sum that is scored 0.5: what half of the reader's own papers would have reached,
            had each been new.
        threshold: The score that a suggestion should have.
    """

    half: float
    threshold: float

    @classmethod
    def of(cls, own: Scores, listed: Scores) -> "Scale":
        """The scale for a reader.

        Args:
            own: The sum of each of their papers, as if it were new; NaN where nothing is known.
            listed: The sums of what is listed.
        """
        own, listed = own[~np.isnan(own)], listed[~np.isnan(listed)]
        if len(own) >= _LEAST:
            least = max(_LEAST_SUM, _OF_OWN * float(np.percentile(own, _FALL_BELOW)))
            half = max(_LEAST_HALF, float(np.median(own)))
            return cls(half, least / (least + half))
        best = float(np.percentile(listed, _BEST_LISTED)) if len(listed) else 0.0
        half = max(_LEAST_HALF, best)
        return cls(half, _FEW_LEAST_SUM / (_FEW_LEAST_SUM + half))

    def scores(self, sums: Scores) -> Scores:
        """``(n,)`` float32 in [0, 1); NaN stays."""
        return np.asarray(sums / (sums + self.half), np.float32)
