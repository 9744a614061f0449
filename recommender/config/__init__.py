"""The config file: TOML in, frozen and validated settings out, with every problem at once."""

from recommender.config.checking import checked, keys
from recommender.config.meaning import following, scope, signs, wishes
from recommender.config.places import config_file, placed, store_file
from recommender.config.reading import own_file, read, read_all, read_own, said, tables
from recommender.config.sections import Schedule, Source
from recommender.config.settings import DEFAULT, Daemon, Keep, Log, ProfileSettings, Settings

__all__ = [
    "DEFAULT",
    "Daemon",
    "Keep",
    "Log",
    "ProfileSettings",
    "Schedule",
    "Settings",
    "Source",
    "checked",
    "config_file",
    "following",
    "keys",
    "own_file",
    "placed",
    "read",
    "read_all",
    "read_own",
    "said",
    "scope",
    "signs",
    "store_file",
    "tables",
    "wishes",
]
