"""``python -m koble.lab.waits STUDY``: scores the usual estimators on a study's days."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from ...errors import KobleError
from ..study import Study
from . import compare, usual


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m koble.lab.waits", description="Scores forecasts of waits on a study's days.")
    parser.add_argument("study", type=Path, help="the study, a JSON file (docs/studies.md)")
    parser.add_argument("--train", type=int, default=20, help="replications to learn from, the first ones")
    parser.add_argument("--test", type=int, default=40, help="replications to judge by, those that follow")
    parser.add_argument("--method", default="auto", help="of virtual waits: auto, exact or counterfactual")
    parser.add_argument("--sample", type=int, help="arrivals of each day at most")
    parser.add_argument("--workers", type=int, default=1, help="processes for counterfactuals")
    given = parser.parse_args()
    split, end = given.train, given.train + given.test
    try:
        with ProcessPoolExecutor(given.workers) if given.workers > 1 else nullcontext() as pool:
            found = compare(
                Study(given.study), usual(), train=range(split), test=range(split, end), method=given.method, sample=given.sample,
                executor=pool,
            )  # fmt: skip
    except KobleError as error:
        print(error, file=sys.stderr)
        return 2
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
