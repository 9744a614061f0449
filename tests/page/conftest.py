"""What the tests of the page start from."""

from pathlib import Path

import pytest

from tests.page.worlds import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
