"""How much room the tables of a cycle will take, told before anything is read."""

from __future__ import annotations

import contextlib

from lianzheng.config import CycleConfig
from lianzheng.intake.places import list_received
from lianzheng.intake.received import is_material

_LEAST = 20_000_000


def tables_bytes(config: CycleConfig) -> int:
    """Bytes that an intake may need: as much as the received forms have (a fifth of it was measured), and some more.

    Materials are left out: nothing of them but their names and hashes is stored.
    """
    root, n_bytes = config.data_raw, _LEAST
    for path in list_received(root) if root.is_dir() else []:
        if not is_material(path, config.cycle.materials_folders):
            with contextlib.suppress(OSError):
                n_bytes += (root / path).stat().st_size
    return n_bytes
