"""scipy, imported without what it does not need of numpy.

``scipy.sparse`` takes over every name that numpy has, and with that it imports what numpy leaves
alone until somebody asks for it: what compiles Fortran, and what tests. Both together take as long
as all the rest of scipy, on each start.
"""

import numpy as np

_UNUSED = ("f2py", "testing")


def _imported() -> None:
    away = [name for name in _UNUSED if name not in vars(np)]
    for name in away:
        setattr(np, name, None)
    try:
        import scipy.sparse  # noqa: F401
    finally:
        # From now on numpy imports them for whoever asks.
        for name in away:
            if vars(np)[name] is None:
                delattr(np, name)


_imported()
