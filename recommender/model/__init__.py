"""The hybrid model: from papers to scores and the reasons for them."""

from recommender.model import lean  # noqa: F401 -- before anything here imports scipy
