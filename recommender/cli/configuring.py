"""``shelfwise config check | show | path``: what the config file says, and where it is."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli import telling

app = typer.Typer(
    name="config", help="Check the config file, show what it says, or say where it is."
)

_Config = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Another than the one in the usual place.")
]


@app.command()
def check(*, config: _Config = None) -> None:
    """Tell every problem of every profile, each with its key; exit code 2 where there is one."""
    from recommender.config import own_file, read_all

    profiles = read_all(config)
    names = ", ".join(one.name for one in profiles)
    several = f", with the profiles {names}" if len(profiles) > 1 else ""
    print(telling.on_one_line(f"{own_file(config)} is in order{several}."))


@app.command()
def show(*, config: _Config = None) -> None:
    """Show all settings in force, for each profile and with the defaults, as a config file."""
    from recommender.config import read_all, writing

    print(writing.toml_in_full(read_all(config)), end="")


@app.command()
def path(*, config: _Config = None) -> None:
    """Show where the config file is, or would be."""
    from recommender.config import config_file

    file = (config or config_file()).expanduser().absolute()
    print(file)
    if not file.exists():
        print("It is not there yet; shelfwise init makes it.", file=sys.stderr)
