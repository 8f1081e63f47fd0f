"""What a model's own code would be kept from on this system."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_damover.confine.probing import probe
from pytest_damover.doctor._check import Check
from pytest_damover.domain.confinement import Guard

_ADVICE = {
    Guard.NETWORK: "needs Linux with seccomp, on x86_64 or aarch64",
    Guard.WRITING: "needs Linux 5.13 with Landlock (lsm=landlock,… at boot) and seccomp",
    Guard.READING: "needs Linux 5.13 with Landlock (lsm=landlock,… at boot)",
    Guard.PROCESSES: "needs Linux 5.13 with Landlock (lsm=landlock,… at boot) and seccomp",
    Guard.DRIVER: "needs Linux 5.13 with Landlock (lsm=landlock,… at boot)",
}
_ELSE = "judge revisions that run code in a container or a virtual machine, or convert them: damover convert"
_ON_A_GPU = "; on a GPU any call to its driver stays possible"


def checks() -> Iterator[Check]:
    """One for each guard, as a child that computes on the CPU would have it."""
    state = probe()
    found = dict(state.in_force) | dict(state.not_prevented)
    for guard in Guard:
        good = state.holds(guard)
        told = found[guard] if good else f"not prevented: {found[guard]}"
        more = _ON_A_GPU if good and guard is Guard.DRIVER else ""
        yield Check(f"guard {guard.value}", good, told + more, "; ".join(filter(None, (_ADVICE.get(guard), _ELSE))))
