import subprocess
import sys

from pytest_damover.domain.confinement import Guard


def test_a_project_in_order_has_no_complaint(examine):
    checks = examine()
    assert list(checks) == ["python", "pytest", "pillow", "filelock", "locks", "hub", "lock"]
    assert all(check.good for check in checks.values())
    assert "v1" in checks["hub"].found


def test_real_models_need_more(examine):
    more = {
        "torch",
        "modelscope",
        "modelscope-hub",
        "weights only",
        "gpu",
        *(f"guard {guard.value}" for guard in Guard),
    }
    checks = examine(damover_detector="modelscope")
    assert more <= checks.keys()
    assert all(check.good for check in checks.values())


def test_nothing_heavy_is_imported(tmp_path):
    code = """
import sys
from pathlib import Path
from pytest_damover import doctor
from pytest_damover.settings import Settings
keys = {"damover_hub": "modelscope:http://127.0.0.1:9", "damover_model": "acme/phones"}
doctor.examine(Settings(Path("."), keys))
print([name for name in ("torch", "modelscope", "pytest", "numpy", "PIL") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
