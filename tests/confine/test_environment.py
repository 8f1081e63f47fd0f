from pathlib import Path

import pytest

from pytest_damover.confine.environment import KEPT, scrubbed, unknown
from pytest_damover.detectors import ONE_THREAD

MARKER = "MARKER-9a1e"
SECRETS = """
MODELSCOPE_API_TOKEN MODELSCOPE_SDK_DEBUG HF_TOKEN GITHUB_TOKEN AWS_SECRET_ACCESS_KEY NVIDIA_API_KEY NGC_API_KEY
LC_SECRET CUDA_TOKEN OMP_TOKEN https_proxy HTTP_PROXY ALL_PROXY SSH_AUTH_SOCK DBUS_SESSION_BUS_ADDRESS KUBECONFIG
PYTHONPATH PYTHONSTARTUP PYTHONHOME LD_PRELOAD LD_AUDIT PIP_INDEX_URL TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD
CUDA_MPS_PIPE_DIRECTORY OMP_PROC_BIND
"""
HOME = Path("/own")


@pytest.mark.parametrize("name", SECRETS.split())
def test_t15_a_variable_that_is_not_on_the_list_is_dropped(name):
    kept = scrubbed({name: MARKER, "PATH": "/bin"}, HOME)
    assert name not in kept
    assert MARKER not in kept.values()


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_may_be_kept_is_kept(name):
    assert scrubbed({name: "1"}, HOME)[name] == "1"


def test_what_a_host_process_is_started_with_is_known():
    assert unknown(ONE_THREAD) == ()


def test_every_home_and_cache_is_its_own():
    kept = scrubbed({"HOME": "/home/me", "XDG_CACHE_HOME": "/home/me/.cache", "TMPDIR": "/scratch"}, HOME)
    assert {kept[name] for name in ("HOME", "TMPDIR", "TMP", "TEMP")} == {str(HOME)}
    places = {name for name, value in kept.items() if Path(value).is_relative_to(HOME)}
    assert places == kept.keys()
    assert {"XDG_CACHE_HOME", "MODELSCOPE_CACHE", "TORCH_HOME", "MPLCONFIGDIR"} <= places


def test_packages_of_the_user_are_still_found(tmp_path):
    (tmp_path / ".local/lib").mkdir(parents=True)
    kept = scrubbed({"HOME": str(tmp_path)}, HOME)
    assert kept["PYTHONUSERBASE"] == str(tmp_path / ".local")
    assert scrubbed(kept, Path("/another"))["PYTHONUSERBASE"] == str(tmp_path / ".local")


def test_what_it_lets_through_it_knows():
    environ = scrubbed(dict.fromkeys((*KEPT, *SECRETS.split()), "1"), HOME)
    assert unknown(environ) == ()
    assert unknown([*environ, "HF_TOKEN", "A"]) == ("A", "HF_TOKEN")
