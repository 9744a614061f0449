"""The commands and their options; what each does is in a module of its own.

They import what they need when they run, so that ``--help`` answers at once. A function that is
long is so because it declares options, one after the other.
"""

from enum import StrEnum
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli import commands_control
from recommender.cli.exits import USAGE
from recommender.cli.options import AsJson, Config, Paper, Profile


class _Said(StrEnum):
    GOOD = "good"
    BAD = "bad"
    UNDO = "undo"


app = typer.Typer(
    name="shelfwise",
    help="Recommends new papers from what you keep in your reference manager, and says why.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    if version:
        print(installed_version("shelfwise"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


@app.command()
def recommend(
    library: Annotated[
        str,
        typer.Argument(
            help="Your library: BibTeX, RIS, EndNote XML, ENW, NBIB, CSL-JSON, Zotero RDF or "
            "zotero.sqlite; a file, a directory, a glob, or - for standard input.",
            show_default=False,
        ),
    ],
    listings: Annotated[
        list[str],
        typer.Argument(
            metavar="LISTING...",
            help="Listed papers: saved pages, feeds, Hugging Face daily papers, JSON Lines, or any "
            "library format; files, directories, globs, or -.",
            show_default=False,
        ),
    ],
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many at the most (default: 10).")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The least score; learnt from your library if not given."),
    ] = None,
    explore: Annotated[
        bool | None,
        typer.Option(
            "--explore/--no-explore",
            help="Keep one place for a good paper away from your main interests (default: yes).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a web page.")] = None,
    bib: Annotated[Path | None, typer.Option(metavar="FILE", help="Write BibTeX.")] = None,
    atom: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an Atom feed.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Settings in TOML.")] = None,
) -> None:
    """Suggest the listed papers that are most for you, each with its reasons."""
    from recommender.cli import one_shot

    files = {kind: path for kind, path in (("html", html), ("bib", bib), ("atom", atom)) if path}
    wanted = one_shot.Wanted(
        limit=limit, threshold=threshold, explore=explore, as_json=as_json, files=files
    )
    raise typer.Exit(one_shot.run(library, listings, wanted, config))


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to keep what the demo writes.")
    ] = Path("shelfwise-demo"),
) -> None:
    """Do the whole job on real papers that come with the program, offline, in seconds."""
    from recommender.cli import demonstration

    raise typer.Exit(demonstration.run(folder))


@app.command()
def init(
    *,
    config: Config = None,
    place: Annotated[
        str | None,
        typer.Option(help="auto, local, web, or the path of a zotero.sqlite (default: auto)."),
    ] = None,
    library: Annotated[
        list[str] | None,
        typer.Option(help="user or group:12345; the first one gets the shelf. Repeatable."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Learn only from this collection. Repeatable."),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Where suggestions are put (default: Shelfwise).")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="PLACE", help="Where papers are listed. Repeatable."),
    ] = None,
    key_from: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="The key is there: env:NAME, file:PATH, keyring:SERVICE/NAME."
        ),
    ] = None,
    colours: Annotated[
        bool | None,
        typer.Option("--colours/--no-colours", help="Give the tags for feedback colours."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take what is usual.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Start afresh; the config that is there is kept as .bak."),
    ] = False,
    web_address: Annotated[str | None, typer.Option(hidden=True)] = None,
    local_address: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Find your Zotero, ask what has to be known, and write the config file.

    One that is there keeps its settings: only the key, or Zotero's permission, and what is named
    here are new.
    """
    from recommender.cli.init import run as run_init
    from recommender.cli.init_given import Given

    addresses = {"web_address": web_address, "local_address": local_address}
    given = Given(
        place=place,
        libraries=library or (),
        include=include or (),
        collection=collection,
        sources=source or (),
        key_from=key_from,
        colours=colours,
        asks_nothing=yes,
        starts_afresh=force,
        addresses={name: address for name, address in addresses.items() if address},
    )
    raise typer.Exit(run_init(given, config))


@app.command()
def run(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be suggested; write nothing.")
    ] = False,
    as_json: AsJson = False,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Read, learn, suggest and deliver once, as the config says."""
    from recommender.cli import running

    raise typer.Exit(running.run(config, is_dry=dry_run, as_json=as_json, profile=profile))


@app.command()
def doctor(*, profile: Profile = "", config: Config = None) -> None:
    """Check everything that the config names, and say how to mend what is wrong."""
    from recommender.cli.doctor import run as run_doctor

    raise typer.Exit(run_doctor(config, profile))


@app.command()
def status(*, as_json: AsJson = False, profile: Profile = "", config: Config = None) -> None:
    """Show what the last runs did, why they were quiet, and how the suggestions stand."""
    from recommender.cli.status import run as run_status

    raise typer.Exit(run_status(config, as_json=as_json, profile=profile))


@app.command()
def explain(paper: Paper, *, profile: Profile = "", config: Config = None) -> None:
    """Show why a listed paper has its score, part by part, and why it was not suggested."""
    from recommender.cli.explain import run as run_explain

    raise typer.Exit(run_explain(paper, config, profile))


@app.command()
def evaluate(
    library: Annotated[
        str | None,
        typer.Argument(
            metavar="LIBRARY", help="Your library, instead of the config's.", show_default=False
        ),
    ] = None,
    listings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="LISTING",
            help="What was listed, as recommend takes it.",
            show_default=False,
        ),
    ] = None,
    *,
    months: Annotated[int, typer.Option(min=1, max=1200, help="How many, at the most.")] = 12,
    as_json: AsJson = False,
    tune: Annotated[
        bool, typer.Option("--tune", help="Look for better weights, for the next runs to use.")
    ] = False,
    forget_tuned: Annotated[
        bool, typer.Option("--forget-tuned", help="Forget such weights, and do nothing else.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it: .svg or .png (extra: plot).")
    ] = None,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Replay your own history: would the suggestions have held what you saved later?"""
    from recommender.cli import evaluate as evaluation

    asked = evaluation.Asked(
        n_months=months,
        tunes=tune,
        forgets=forget_tuned,
        as_json=as_json,
        plot=plot,
        profile=profile,
    )
    raise typer.Exit(evaluation.run(library, listings or (), asked, config))


@app.command()
def feedback(
    paper: Paper,
    said: Annotated[_Said, typer.Argument(metavar="good|bad|undo", help="What you say of it.")],
    *,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Say that a suggestion was good or bad, or take back that it was dismissed."""
    from recommender.cli.feedback import run as run_feedback

    raise typer.Exit(run_feedback(paper, said.value, config, profile))


@app.command()
def page(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Where on this computer (default: as the config says)."
        ),
    ] = None,
    opens: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Show the suggestions, the archive, your interests and the runs as a page in a browser."""
    from recommender.cli.page import run as run_page

    raise typer.Exit(run_page(config, profile, port, opens=opens))


commands_control.add_to(app)
