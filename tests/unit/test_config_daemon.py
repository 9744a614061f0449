"""The sections of the config that the daemon goes by."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from recommender import config
from recommender.errors import ConfigError


def checked(text: str) -> config.Settings:
    return config.checked(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "[schedule]\nevery = 'weekday'\nat = '00:00'\nzone = 'Europe/Berlin'\njitter_minutes = 0",
        "[schedule]\nevery = 'week'\nat = '23:59'\non = 'sun'\nzone = 'UTC'",
        "[schedule]\ncron = '30 7 * * mon-fri'\nzone = 'America/Argentina/Buenos_Aires'",
        "[schedule]\ningest = '0 */3 * * *'\nsync = '15 12 * * 1-5'",
        "[daemon]\nheartbeat = 'https://example.org/ping/1?a=b'\nhealth_port = 65535",
        "[daemon]\nalarm_after_failures = 0\nalarm_after_stale_days = 0",
        "[log]\nlevel = 'debug'\nformat = 'json'\nkeep = 0",
        "[keep]\nruns_days = 1\nlisted_days = 1",
    ],
)
def test_what_can_be_meant_is_kept_as_it_is_written(text: str) -> None:
    [(section, said)] = tomllib.loads(text).items()
    found = getattr(checked(text), section).model_dump()
    assert said.items() <= found.items()


@pytest.mark.parametrize(
    ("section", "line", "told"),
    [
        ("schedule", "every = 'month'", "input should be 'day', 'weekday' or 'week'"),
        ("schedule", "at = '7:30'", "has to be a time from 00:00 to 23:59"),
        ("schedule", "at = '24:00'", "has to be a time from 00:00 to 23:59"),
        ("schedule", "at = 07:30:00", "input should be a valid string"),
        ("schedule", "on = 'monday'", "input should be 'mon', 'tue'"),
        ("schedule", "cron = '@daily'", "needs five fields"),
        ("schedule", "cron = '61 7 * * *'", "is no line of cron"),
        ("schedule", "cron = '0 7 31 2 *'", "names a day that never comes"),
        ("schedule", "ingest = '0 3 * *'", "needs five fields"),
        ("schedule", "sync = '0 7 31 2 *'", "names a day that never comes"),
        ("schedule", "zone = 'Europe/Bielefeld'", "has to be a time zone"),
        ("schedule", "zone = 'Europe'", "has to be a time zone"),
        ("schedule", "zone = '../UTC'", "has to be a time zone"),
        ("schedule", "zone = 'a\\u0000b'", "has to be a time zone"),
        ("schedule", "jitter_minutes = -1", "input should be greater than or equal to 0"),
        ("schedule", "time_limit_minutes = 0", "input should be greater than or equal to 1"),
        ("daemon", "heartbeat = 'example.org'", "has to be an address"),
        ("daemon", "heartbeat = 'https://two words'", "has to be an address"),
        ("daemon", "health_port = 65536", "input should be less than or equal to 65535"),
        ("daemon", "alarm_after_failures = true", "input should be a valid integer"),
        ("log", "level = 'INFO'", "input should be 'debug', 'info', 'warning' or 'error'"),
        ("log", "format = 'xml'", "input should be 'plain' or 'json'"),
        ("log", "max_megabytes = 0", "input should be greater than or equal to 1"),
        ("keep", "runs_days = 0", "input should be greater than or equal to 1"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_key(section: str, line: str, told: str) -> None:
    text = f"[{section}]\n" + line.replace("'", '"')
    with pytest.raises(ConfigError) as found:
        checked(text)
    [problem] = found.value.problems
    assert problem.startswith(f"{section}.{line.partition(' ')[0]}: {told}")


def test_who_reads_the_config_alone_loads_no_model() -> None:
    root = Path(__file__).parent.parent.parent
    code = "import sys, recommender.config; print({'numpy', 'apscheduler'} & sys.modules.keys())"
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"
