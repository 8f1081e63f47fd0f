from pytest_damover.doctor import _confinement
from pytest_damover.domain.confinement import Confinement, Guard


def test_t16_a_guard_that_is_not_there_is_named_with_its_reason(examine, monkeypatch):
    others = tuple((guard, "held") for guard in Guard if guard is not Guard.NETWORK)
    monkeypatch.setattr(_confinement, "probe", lambda: Confinement(others, ((Guard.NETWORK, "no seccomp"),)))
    checks = examine(damover_detector="modelscope")
    assert not checks["guard network"].good
    assert checks["guard network"].found == "not prevented: no seccomp"
    assert "container" in checks["guard network"].advice
    assert checks["guard reading"].good
    assert "GPU" in checks["guard driver"].found
