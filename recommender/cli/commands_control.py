"""The commands for what runs by itself, and for what is kept.

They import what they need when they run, as those in ``commands`` do.
"""

from pathlib import Path
from typing import Annotated

import typer

from recommender.cli import configuring
from recommender.cli.options import AsJson, Config, Profile, Yes

_service = typer.Typer(
    name="service", help="Hand the daemon to systemd, launchd or Windows, or take it back."
)


@_service.command()
def install(*, config: Config = None) -> None:
    """Start the daemon now and whenever you log in; again after a change of paths."""
    from recommender.cli import service

    raise typer.Exit(service.install(config))


@_service.command()
def remove() -> None:
    """Stop the daemon, and take the service away again."""
    from recommender.cli import service

    raise typer.Exit(service.remove())


@_service.command("status")
def service_status(*, as_json: AsJson = False, config: Config = None) -> None:
    """Show whether the service is installed, and whether the daemon runs."""
    from recommender.cli import service

    raise typer.Exit(service.status(config, as_json=as_json))


_digest = typer.Typer(
    name="digest", help="How the digest of [mail] and [chat] looks, and whether it arrives."
)


@_digest.command()
def preview(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to write the page; without it, text is shown."),
    ] = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Print the whole message.")] = False,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Show the mail on what was suggested last, and send nothing."""
    from recommender.cli import digest

    raise typer.Exit(digest.preview(config, profile, file=file, is_raw=raw))


@_digest.command("test")
def digest_test(*, profile: Profile = "", config: Config = None) -> None:
    """Send a few words to everybody who is to get the digest."""
    from recommender.cli import digest

    raise typer.Exit(digest.try_out(config, profile))


@_digest.command()
def start(*, profile: Profile = "", config: Config = None) -> None:
    """Send the digest again to those who had stopped it."""
    from recommender.cli import digest

    raise typer.Exit(digest.start(config, profile))


def daemon(*, config: Config = None) -> None:
    """Run whenever a run is due, until it is stopped; shelfwise service hands it to the system."""
    from recommender.cli.daemon import run as run_daemon

    raise typer.Exit(run_daemon(config))


def pause(
    *,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="The day of the next run.", show_default=False)
    ] = "",
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Let no run begin by itself until a day, or until you say so."""
    from recommender.cli import pausing

    raise typer.Exit(pausing.pause(until, config, profile))


def resume(*, profile: Profile = "", config: Config = None) -> None:
    """Let runs begin by themselves again."""
    from recommender.cli import pausing

    raise typer.Exit(pausing.resume(config, profile))


def forget(
    what: Annotated[
        str,
        typer.Argument(
            metavar="PAPER|INTEREST|all",
            help="An interest as the suggestions name it, a paper as elsewhere, or all.",
            show_default=False,
        ),
    ],
    *,
    yes: Yes = False,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Take back what was learnt of a paper, an interest, or you; it does not come again."""
    from recommender.cli import forgetting

    raise typer.Exit(forgetting.run(what, config, profile, agrees=yes))


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to; stdout without it.")
    ] = None,
    *,
    profile: Profile = "",
    config: Config = None,
) -> None:
    """Write everything that is known of you as JSON, but no key."""
    from recommender.cli import exporting

    raise typer.Exit(exporting.run(file, config, profile))


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to (default: beside the store, with the date)."),
    ] = None,
    *,
    config: Config = None,
) -> None:
    """Copy everything that is kept between runs; the copy can take the store's place."""
    from recommender.cli import backup as backing

    raise typer.Exit(backing.run(file, config))


def uninstall(
    *,
    shelf: Annotated[
        bool, typer.Option("--shelf", help="Take off the shelf, too, what nobody changed there.")
    ] = False,
    yes: Yes = False,
    config: Config = None,
) -> None:
    """Say what of Shelfwise is on this computer, and remove it; your library and [outputs] stay."""
    from recommender.cli import uninstalling

    raise typer.Exit(uninstalling.run(config, takes_shelf=shelf, agrees=yes))


def add_to(app: typer.Typer) -> None:
    """Give the program these commands, too."""
    app.add_typer(_service)
    app.add_typer(_digest)
    app.add_typer(configuring.app)
    for command in (daemon, pause, resume, forget, export, backup, uninstall):
        app.command()(command)
