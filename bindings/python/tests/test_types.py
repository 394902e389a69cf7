"""The types that users see: mypy --strict over the package, stubs that do not lag, a host that type-checks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import koble
import pytest
from support import ROOT

PACKAGE = ROOT / "bindings" / "python"
STUB = PACKAGE / "src" / "koble" / "_core.pyi"


def run(*arguments: str, cwd: Path | None = None) -> str:
    answer = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=cwd, timeout=300
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_stub_is_current(tmp_path: Path) -> None:
    made = tmp_path / "_core.pyi"
    run("-m", "nanobind.stubgen", "-q", "-m", "koble._core", "-P", "-o", str(made), cwd=tmp_path)
    if os.environ.get("KOBLE_REWRITE") == "1":
        STUB.write_text(made.read_text(encoding="utf-8"), encoding="utf-8")
    assert made.read_text(encoding="utf-8") == STUB.read_text(encoding="utf-8"), (
        "the extension module has changed; write the stub: KOBLE_REWRITE=1 pytest bindings/python/tests/test_types.py"
    )


def test_package_is_strictly_typed() -> None:
    run(
        "-m",
        "mypy",
        "--no-error-summary",
        "--config-file",
        str(PACKAGE / "pyproject.toml"),
        str(PACKAGE / "src" / "koble"),
    )


def test_package_is_marked_as_typed() -> None:
    assert (Path(koble.__file__).parent / "py.typed").exists()
    assert (Path(koble.__file__).parent / "_core.pyi").exists()


HOST = """
import asyncio
from datetime import datetime, timedelta, timezone

import koble


def serve(engine: koble.Engine) -> None:
    contact: koble.ContactId = engine.arrive(["support"], at=datetime.now(timezone.utc), credit=timedelta(seconds=9))
    for event in engine.events():
        if event.kind is koble.EventKind.OFFERED:
            engagement: koble.EngagementId = engine.accept(event.offer, at=event.time_ns)
            engine.hold(engagement)
    engine.gone(contact, by="agent")
    state: koble.ContactState = engine.contact(contact).state
    print(state, engine.next_deadline or 0 + 1)


async def host(plan: koble.Plan) -> None:
    async with koble.aio.Engine(plan) as engine:
        engine.presence("Anna", "available")
        async for event in engine.events():
            print(event.time_ns + 1, event.agent_name)


asyncio.run(host(koble.Plan({})))
"""


def test_a_host_type_checks(tmp_path: Path) -> None:
    (tmp_path / "host.py").write_text(HOST, encoding="utf-8")
    run("-m", "mypy", "--strict", "--no-error-summary", "host.py", cwd=tmp_path)


def test_a_wrong_host_does_not(tmp_path: Path) -> None:
    (tmp_path / "host.py").write_text(
        "import koble\nkoble.Engine(koble.Plan({})).arrive(3.5, att=1)\n", encoding="utf-8"
    )
    with pytest.raises(AssertionError, match="att"):
        run("-m", "mypy", "--strict", "host.py", cwd=tmp_path)


def test_every_public_name_is_there() -> None:
    for name in koble.__all__:
        assert getattr(koble, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = koble.nothing
