import os
import stat
from pathlib import Path

import pytest

from recommender.private_files import replace_privately


def test_what_is_written_is_whole_and_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"earlier")
    path.chmod(0o644)
    replace_privately(path, b"secret")
    assert path.read_bytes() == b"secret"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()])
def test_cut_off_the_earlier_file_stays_and_nothing_is_left_beside_it(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"earlier")

    def full(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(type(error)):
        replace_privately(path, b"secret")
    assert path.read_bytes() == b"earlier"
    assert [*tmp_path.iterdir()] == [path]
