"""`automation-cli` with a person at the keyboard."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def typed(
    answer: str, *arguments: str, environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Runs the command with a terminal as its standard input, on which the answer is typed."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, answer.encode())
        command = [sys.executable, "-m", "services.automation_cli", *arguments]
        return subprocess.run(
            command, env=environment, cwd=folder, stdin=terminal, capture_output=True, text=True, check=False
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
