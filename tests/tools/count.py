#!/usr/bin/env python3
"""Prints "PASSED FAILED SKIPPED" of a JUnit file from ctest or pytest, then one line per failed test."""

import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    passed = failed = skipped = 0
    names = []
    for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            group, name = case.get("classname", ""), case.get("name", "")
            names.append(name if group == name else f"{group} {name}".strip())
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    print(passed, failed, skipped)
    for name in names:
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
