"""The options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings in TOML (default: where shelfwise init put them)."),
]
Profile = Annotated[
    str, typer.Option(metavar="NAME", help="Which [[profile]] of the config.", show_default=False)
]
Paper = Annotated[
    str,
    typer.Argument(
        help="A suggestion's id or its beginning, a DOI, an arXiv id, or words of the title.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
