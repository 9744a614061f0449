"""The config file: TOML in, frozen and validated settings out, with every problem at once."""

from recommender.config.meaning import scope, signs, wishes
from recommender.config.places import config_file, store_file
from recommender.config.reading import checked, keys, read, read_own
from recommender.config.settings import ProfileSettings, Settings

__all__ = [
    "ProfileSettings",
    "Settings",
    "checked",
    "config_file",
    "keys",
    "read",
    "read_own",
    "scope",
    "signs",
    "store_file",
    "wishes",
]
