"""``shelfwise service``: hands the daemon to systemd, launchd or Windows, and takes it back."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from recommender.cli import output
from recommender.cli.services import finding, speaking
from recommender.cli.services.supervisors import Command, Standing, Supervisor, is_ours
from recommender.cli.telling import on_one_line
from recommender.errors import ConfigError
from recommender.private_files import replace_privately


def install(config_file: Path | None) -> int:
    """Write the service's file, start the daemon, and say what was done.

    Installed again, it is as it would be the first time: the daemon starts anew.

    Raises:
        RecommenderError: If there is no config or it has an error, a file of another's is in the
            way, or the daemon cannot be started.
    """
    supervisor = finding.supervisor()
    service = finding.wanted(config_file)
    was_there = is_installed(supervisor)
    can_speak = speaking.answers(supervisor)
    if was_there and can_speak:
        speaking.end(supervisor)
    # In its sandbox the daemon itself could not make them.
    for folder in (supervisor.file.parent, *service.folders):
        folder.mkdir(parents=True, exist_ok=True)
    replace_privately(supervisor.file, supervisor.content(service))
    _say(f"Wrote {supervisor.file}.")
    if can_speak:
        speaking.do(supervisor.commands.begin)
        _say(f"{supervisor.name} has started the daemon, and does so whenever you log in.")
    else:
        _say_by_hand(supervisor, supervisor.commands.begin)
    for note in supervisor.notes(service):
        _say(note)
    return 0


def remove() -> int:
    """Stop the daemon and take the service's file away.

    Raises:
        RecommenderError: If the file in its place is not ours, or the daemon cannot be stopped.
    """
    supervisor = finding.supervisor()
    if not is_installed(supervisor):
        _say(f"There is nothing to remove: no {supervisor.file}.")
        return 0
    can_speak = speaking.answers(supervisor)
    if can_speak:
        speaking.end(supervisor)
    supervisor.file.unlink()
    _say(f"Removed {supervisor.file}.")
    if can_speak:
        speaking.do(supervisor.commands.forget)
    else:
        _say_by_hand(supervisor, [*supervisor.commands.end, *supervisor.commands.forget])
    return 0


def status(config_file: Path | None, *, as_json: bool) -> int:
    """Say whether the service is installed, and how the daemon is.

    Raises:
        ConfigError: If the file in its place is not ours.
    """
    supervisor = finding.supervisor()
    there = is_installed(supervisor)
    stands = speaking.standing(supervisor) if there else None
    is_current = _is_current(supervisor, config_file) if there else None
    if as_json:
        output.json_text(
            {
                "supervisor": supervisor.name,
                "file": str(supervisor.file),
                "installed": there,
                "current": is_current,
                "running": bool(stands and stands.is_running),
                "since": (stands and stands.since) or None,
                "says": stands.says if stands else None,
            }
        )
        return 0
    for line in _lines(supervisor, stands, is_current=is_current):
        _say(line)
    return 0


def is_installed(supervisor: Supervisor) -> bool:
    """Whether the service's file is there.

    Raises:
        ConfigError: If something else is in its place.
    """
    file = supervisor.file
    if not file.exists() and not file.is_symlink():
        return False
    if not file.is_file() or not is_ours(file.read_bytes()):
        raise ConfigError(f"{file}: is not Shelfwise's, and stays as it is; move it away first")
    return True


def _is_current(supervisor: Supervisor, config_file: Path | None) -> bool | None:
    """Whether the file is as it would be written now; None where the config cannot be used."""
    try:
        service = finding.wanted(config_file)
    except ConfigError:
        return None
    return supervisor.content(service) == supervisor.file.read_bytes()


def _lines(
    supervisor: Supervisor, stands: Standing | None, *, is_current: bool | None
) -> Iterator[str]:
    if not stands:
        yield "Not installed: shelfwise service install does it."
        return
    yield f"Installed: {supervisor.file} ({supervisor.name})."
    since = f" since {stands.since}" if stands.since else ""
    yield f"{'Running' if stands.is_running else 'Not running'}{since}: {stands.says}."
    if is_current is None:
        yield "The config cannot be used as it is: shelfwise doctor says why."
    elif not is_current:
        yield "It is for another config or version: shelfwise service install renews it."


def _say_by_hand(supervisor: Supervisor, commands: Sequence[Command]) -> None:
    _say(f"{supervisor.name} does not answer here. Where it does, run:")
    for command in commands:
        print(f"    {on_one_line(speaking.shown(command))}")


def _say(text: str) -> None:
    print(on_one_line(text))
