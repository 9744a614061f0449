"""The config file: TOML in, frozen and validated settings out, with every problem at once."""

from recommender.config.meaning import following, scope, signs, wishes
from recommender.config.places import config_file, placed, store_file
from recommender.config.reading import checked, keys, read, read_own, said
from recommender.config.settings import ProfileSettings, Settings, Source

__all__ = [
    "ProfileSettings",
    "Settings",
    "Source",
    "checked",
    "config_file",
    "following",
    "keys",
    "placed",
    "read",
    "read_own",
    "said",
    "scope",
    "signs",
    "store_file",
    "wishes",
]
