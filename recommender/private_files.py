"""Files that only their owner may read, written whole or not at all."""

import os
import tempfile
from pathlib import Path


def replace_privately(path: Path, content: bytes) -> None:
    """Write a file beside its name, and give it the name once it is on the disk.

    Whatever happens, there is the earlier file or the whole new one, and nothing beside it.

    Raises:
        OSError: If it cannot be written there.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(number)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
