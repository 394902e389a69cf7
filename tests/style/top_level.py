#!/usr/bin/env python3
"""The top level holds only what a newcomer should see first. Usage: top_level.py SOURCE_DIR"""

import subprocess
import sys
from pathlib import Path

ALLOWED = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md",
    "bench", "bindings", "docs", "examples", "include", "lib", "tests",
}  # fmt: skip


def main() -> int:
    root = Path(sys.argv[1]).resolve()
    listed = subprocess.run(
        ["git", "-C", str(root), "-c", f"safe.directory={root}", "ls-files"], capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    else:  # an unpacked archive
        names = {path.name for path in root.iterdir()} - {"build"}
    extra = sorted(name for name in names - ALLOWED if not name.startswith("."))
    for name in extra:
        print(f"{name}: does not belong on the top level; it holds {', '.join(sorted(ALLOWED))} and dot files")
    return 1 if extra else 0


if __name__ == "__main__":
    sys.exit(main())
