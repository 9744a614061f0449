"""The command line: the composition root, and the only place that prints.

Commands import what they need when they run, so that ``--help`` answers at once.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer

from recommender.cli import telling
from recommender.errors import ConfigError, RecommenderError, TransientError

FAILED, USAGE, TRANSIENT, INTERRUPTED = 1, 2, 75, 130

app = typer.Typer(
    name="shelfwise",
    help="Recommends new papers from what you keep in your reference manager, and says why.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command that the command line names, and end the program with its exit code."""
    telling.prepare_streams()
    # The report says all that is logged; without this, Python would print it a second time.
    logging.getLogger().addHandler(logging.NullHandler())
    with _told_to_people():
        sys.exit(_code_of(sys.argv[1:]))


def _code_of(arguments: list[str]) -> int:
    """Do what the arguments say, and give the exit code."""
    command = typer.main.get_command(app)
    try:
        # Typer's own way to run a command would tell of mistakes in its own words.
        with command.make_context("shelfwise", arguments) as context:
            command.invoke(context)
    except typer.Exit as done:
        return int(done.exit_code)
    finally:
        # Here a full disk or a closed pipe can still be told of.
        sys.stdout.flush()
    return 0


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
            help="Your library: BibTeX, RIS, CSL-JSON, Zotero RDF or zotero.sqlite; "
            "a file, a directory, a glob, or - for standard input.",
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


@contextmanager
def _told_to_people() -> Iterator[None]:
    """Ends the program with one line and the right exit code for what is not a bug."""
    try:
        yield
    except RecommenderError as error:
        for line in error.problems if isinstance(error, ConfigError) else [str(error)]:
            telling.problem(line)
        sys.exit(exit_code(error))
    except _UsageError as error:
        telling.problem(_usage(error))
        sys.exit(USAGE)
    except KeyboardInterrupt:
        telling.problem("stopped")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        telling.let_go_of_stdout()
        sys.exit(FAILED)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        telling.problem(f"{place}{error.strerror or error}")
        telling.let_go_of_stdout()
        sys.exit(FAILED)
    except MemoryError:
        telling.problem("there is not enough memory for this; give fewer or smaller files")
        sys.exit(FAILED)


def _usage(error: Any) -> str:
    """What is wrong with the command line, and where to read how it should be."""
    said = error.format_message().rstrip(".")
    path = error.ctx.command_path if error.ctx else "shelfwise"
    return f"{said[:1].lower()}{said[1:]}; see {path} --help"


# Typer shows this one's children only, and keeps its name to itself.
_UsageError: Any = typer.BadParameter.__base__


def exit_code(error: RecommenderError) -> int:
    """The exit code that tells a calling program what sort of error it was."""
    if isinstance(error, ConfigError):
        return USAGE
    return TRANSIENT if isinstance(error, TransientError) else FAILED
