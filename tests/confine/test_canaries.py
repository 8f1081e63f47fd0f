"""A model's code tries to get out: each attempt works in a free child, which proves it, and in no confined one.

That holds for root and for an ordinary user, and wherever a system offers less, for every guard that is reported as in
force.
"""

import os
import sys

import pytest

from pytest_damover.domain.confinement import Confinement, Guard

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel's guards are Linux's; elsewhere none is claimed"
)

ME = os.getuid()
NOBODY = 65_534
USERS = [ME, NOBODY] if ME == 0 else [ME]
REFUSED_BY_SOME_SYSTEMS = (
    "core_dump",
    "device_node",
    "extended_attribute",
    "flag_of_a_file",
    "higher_limits",
    "io_uring",
    "memory_by_a_call",
    "memory_by_a_file",
    "mount",
    "new_view_of_the_files",
    "open_file_of_a_process",
    "open_files",
    "ptrace",
    "setting_of_the_kernel",
)
LESS = ("container", "landlock-1", "landlock-3", "landlock-4", "no-landlock", "no-seccomp", "threads", "gpu")


def _state(found):
    return Confinement.from_json(next(iter(found.values()))["confinement"])


@pytest.mark.parametrize("user", USERS)
def test_t12_the_attempt_works_in_a_free_child(outbreak, user, canary):
    found = outbreak(user, "free").get(canary)
    if found is None:
        pytest.skip("only root can try this")
    assert not found["said"].startswith("broken"), found["said"]
    if not found["escaped"] and canary in REFUSED_BY_SOME_SYSTEMS:
        pytest.skip(f"this machine prevents it without us: {found['said']}")
    assert found["escaped"]


@pytest.mark.parametrize("user", USERS)
def test_t12_the_attempt_fails_in_a_confined_child(outbreak, user, canary):
    everything = outbreak(user, "confined")
    found = everything.get(canary)
    if found is None:
        pytest.skip("only root can try this")
    guard = Guard(found["guard"])
    state = _state(everything)
    if not state.holds(guard):
        pytest.skip(f"NOT PREVENTED on this machine: {guard.value}: {dict(state.not_prevented)[guard]}")
    assert not found["said"].startswith("broken"), found["said"]
    assert not found["escaped"]


@pytest.mark.parametrize("mode", ["confined", *LESS])
def test_no_guard_is_claimed_that_lets_something_out(outbreak, mode):
    found = outbreak(ME, mode)
    state = _state(found)
    assert {guard for guard, _ in (*state.in_force, *state.not_prevented)} == set(Guard)
    out = {name: result for name, result in found.items() if result["escaped"]}
    assert not [name for name, result in out.items() if state.holds(Guard(result["guard"]))]


@pytest.mark.parametrize(
    ("mode", "missing"),
    [
        ("container", set()),
        ("landlock-1", set()),
        ("landlock-4", set()),
        ("no-landlock", {Guard.READING, Guard.WRITING, Guard.PROCESSES, Guard.DRIVER}),
        ("no-seccomp", {Guard.NETWORK, Guard.WRITING, Guard.PROCESSES}),
        ("threads", {Guard.READING, Guard.WRITING, Guard.PROCESSES, Guard.DRIVER}),
        ("gpu", {Guard.LIMITS, Guard.DRIVER}),
    ],
)
def test_what_a_system_lacks_is_said_with_the_reason(outbreak, mode, missing):
    whole, state = _state(outbreak(ME, "confined")), _state(outbreak(ME, mode))
    if whole.not_prevented:
        pytest.skip(f"this machine itself lacks {whole.not_prevented}")
    assert dict(state.not_prevented).keys() == missing
    assert all(why for _, why in state.not_prevented)


def test_what_is_said_to_be_missing_is_missing(outbreak):
    found = outbreak(ME, "no-landlock")
    out = {Guard(result["guard"]) for result in found.values() if result["escaped"]}
    assert {Guard.READING, Guard.WRITING} <= out
