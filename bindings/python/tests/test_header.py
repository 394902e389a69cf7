"""The package follows the C API: every function is bound, every number is the same."""

from __future__ import annotations

import re
from enum import IntEnum, IntFlag

import koble
import pytest
from koble import _core, arrays, enums, errors, times
from koble.transcripts import Rebuild
from support import ROOT, header

HEADERS = sorted(path.name for path in (ROOT / "include" / "koble").glob("*.h"))
IMPLEMENTED = [name for name in HEADERS if name == "koble.h" or (ROOT / "bindings" / "c" / f"{name[6:-2]}.cc").exists()]

# Deliberately not bound, and why.
NOT_BOUND = {
    "koble_choice_queue": "the contact that is shown has its queue",
    "koble_events_take": "as koble_events_view",
    "koble_events_view": "what it lends is gone with the next command, and any finaliser may give one; events are copied into objects or arrays",
    "koble_prefetch": "what it saves is less than a call from Python takes",
    "koble_plan_retain": "references are counted by the handle class, which takes and releases one each",
}


def functions(name: str) -> list[str]:
    return re.findall(r"^KOBLE_API\b[^;(]*?\b(koble_\w+)\s*\(", header(name), flags=re.MULTILINE)


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_every_function_is_bound(name: str) -> None:
    native = ROOT / "bindings" / "python" / "native"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(native.iterdir()))
    missing = [f for f in functions(name) if not re.search(rf"\b{f}\b", text) and f not in NOT_BOUND]
    assert missing == [], "bind these in bindings/python/native, or say in NOT_BOUND why not"


def test_functions_are_found() -> None:
    assert "koble_contact_arrive" in functions("koble.h")
    assert len(functions("koble.h")) > 60


def constants(prefix: str) -> dict[str, int]:
    found = re.findall(rf"\b{prefix}([A-Z_]+)\s*=\s*(-?\d+)", header())
    return {name: int(value) for name, value in found if not name.endswith("_") or name == ""}


@pytest.mark.parametrize(
    ("prefix", "members"),
    [
        ("KOBLE_KIND_", enums.IdKind),
        ("KOBLE_JOURNAL_", enums.Journal),
        ("KOBLE_CMD_", enums.CommandKind),
        ("KOBLE_PRESENCE_", enums.Presence),
        ("KOBLE_BY_", enums.By),
        ("KOBLE_OUTCOME_", enums.Outcome),
        ("KOBLE_CAUSE_", enums.Cause),
        ("KOBLE_CHANGE_", enums.Change),
        ("KOBLE_EVENT_", enums.EventKind),
        ("KOBLE_CONNECT_", enums.ConnectFailure),
        ("KOBLE_WRAPUP_", enums.WrapUpEnd),
        ("KOBLE_EXIT_", enums.Exit),
        ("KOBLE_OFFERED_", enums.Offered),
        ("KOBLE_ACCEPTED_", enums.Accepted),
        ("KOBLE_REQUEST_", enums.RequestEnd),
        ("KOBLE_POLICY_", enums.PolicyFault),
        ("KOBLE_CONTACT_", enums.ContactState),
        ("KOBLE_ENGAGEMENT_", enums.EngagementState),
    ],
)
def test_enumerations(prefix: str, members: type[IntEnum] | type[IntFlag]) -> None:
    assert {member.name: int(member) for member in members} == constants(prefix)


def test_rebuilds() -> None:
    found = re.findall(r"KOBLE_TRANSCRIPT_([A-Z_]+)\s*=\s*(\d+)", header("koble_transcript.h"))
    assert {member.name: int(member) for member in Rebuild} == {name: int(value) for name, value in found}


def test_errors() -> None:
    codes = constants("KOBLE_ERR_")
    assert {cls.code for cls in errors.BY_CODE.values()} == set(codes.values())
    for cls in errors.BY_CODE.values():
        assert codes[cls.name.upper()] == cls.code
        assert _core.error_name(cls.code) == cls.name
        assert issubclass(cls, koble.KobleError)
        assert _core.error_text(cls.code)


def test_names_of_the_library() -> None:
    for kind in enums.EventKind:
        assert _core.event_name(kind) == str(kind)
    for command in enums.CommandKind:
        assert _core.command_name(command) == str(command)
    for kind, members in enums.REASONS.items():
        for member in members:
            assert _core.reason_name(kind, member) in (str(member), None)
    for change in enums.Change:
        assert _core.change_name(change) == str(change)
    assert _core.change_name(3) is None
    assert _core.event_name(0) is None
    assert _core.command_name(999) is None


def test_constants() -> None:
    text = header()
    assert times.TIME_MAX == int(re.search(r"KOBLE_TIME_MAX INT64_C\((\d+)\)", text)[1])  # type: ignore[index]
    assert times.POINT == int(re.search(r"KOBLE_POINT INT64_C\((\d+)\)", text)[1])  # type: ignore[index]
    assert koble.NEVER == 2**63 - 1
    assert koble.QUEUE_NONE == 2**32 - 1
    assert koble.RULES_VERSION == int(re.search(r"KOBLE_RULES_VERSION (\d+)", text)[1])  # type: ignore[index]
    assert _core.abi_version() == int(re.search(r"KOBLE_ABI_VERSION (\d+)", text)[1])  # type: ignore[index]


SIZES = {"uint64_t": "<u8", "int64_t": "<i8", "uint32_t": "<u4", "int32_t": "<i4", "koble_id": "<u8"}


@pytest.mark.parametrize(
    ("struct", "dtype", "size"),
    [
        ("koble_event", arrays.EVENT_DTYPE, _core.EVENT_SIZE),
        ("koble_command", arrays.COMMAND_DTYPE, _core.COMMAND_SIZE),
        ("koble_attribute", arrays.ATTRIBUTE_DTYPE, 16),
    ],
)
def test_dtypes_mirror_the_structs(struct: str, dtype: object, size: int) -> None:
    import numpy as np

    assert isinstance(dtype, np.dtype)
    body = re.search(rf"typedef struct {struct} \{{(.*?)\}}", header(), flags=re.DOTALL)[1]  # type: ignore[index]
    members = [(name, SIZES[kind]) for kind, name in re.findall(r"(\w+)\s+(\w+)\s*;", body)]
    assert [(name, dtype[name].str) for name in dtype.names or ()] == members
    assert dtype.itemsize == size


def test_version() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert koble.__version__ == re.search(r"project\(koble VERSION ([\d.]+)", cmake)[1]  # type: ignore[index]
    from importlib.metadata import version

    assert version("koble") == koble.__version__
