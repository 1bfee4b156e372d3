"""Who a server runs as. PostgreSQL refuses to be root; Redis does not mind.

Root has two ways to be nobody (uid and gid 65534):

- *drop* to it, where nobody can reach the programs and the data;
- else, as below a home directory that is closed to others, a *user namespace* in which root itself is called 65534 and
  has lost root's rights. Files then stay root's.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from weathertrigger.embedded.error import EmbeddedServerError

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class RunsAs:
    """A way to start a program.

    Attributes:
        prefix: goes before the program's own command line.
        drop_to: uid and gid to drop to before anything is executed, or None.
        owner: uid that must own the data, as seen from here.
    """

    prefix: tuple[str, ...]
    drop_to: int | None
    owner: int


def myself() -> RunsAs:
    """As the user who runs this process."""
    return RunsAs((), None, os.geteuid())


def nobody_if_root(reached: Sequence[Path]) -> RunsAs:
    """As the user who runs this process, or as nobody where that is root.

    Args:
        reached: every file and directory that the program must reach.

    Raises:
        EmbeddedServerError: root, and neither way is open.
    """
    if os.geteuid() != 0:
        return myself()
    if all(open_to_others(path) for path in reached):
        return RunsAs((), _NOBODY, _NOBODY)
    unshare = shutil.which("unshare")
    if sys.platform.startswith("linux") and unshare:
        return RunsAs((unshare, "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"), None, 0)
    closed = next(path for path in reached if not open_to_others(path))
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root, and {closed} is closed to every other user: start as an ordinary user, "
        "or set DATABASE_URL."
    )


def open_to_others(path: Path) -> bool:
    """Whether a stranger can pass through every directory above `path`. What is at `path` is not looked at."""
    above = {*path.absolute().parents, *path.resolve().parents}
    return all(parent.stat().st_mode & 0o001 for parent in above)


def give_to(owner: int, tree: Path) -> None:
    """Makes `owner` own a file or a whole tree (a server that ran as somebody else left it). Seldom there is need."""
    if tree.stat().st_uid == owner or os.geteuid() != 0:
        return
    os.chown(tree, owner, owner)
    for folder, _, files in os.walk(tree):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:  # noqa: PTH118  thousands of files
            os.chown(path, owner, owner, follow_symlinks=False)
