"""benchmarks/gpu_forward.py: a plain sentence where there is no GPU, figures that agree where there is one."""

import pytest

from benchmarks import gpu_forward

pytestmark = [pytest.mark.modelscope, pytest.mark.usefixtures("shipped_repository")]


@pytest.mark.parametrize(
    ("ours_ms", "events_ms", "same"),
    [(1.1, 1.0, True), (1.3, 1.0, False), (10.4, 10.0, True), (10.6, 10.0, False), (float("nan"), 1.0, False)],
)
def test_the_clocks_agree_within_a_twentieth_or_a_fifth_of_a_millisecond(ours_ms, events_ms, same):
    assert gpu_forward.agree(ours_ms, events_ms) is same


def test_without_a_gpu_it_says_so_and_measures_nothing(monkeypatch, capsys):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr("sys.argv", ["gpu_forward"])
    gpu_forward.main()
    said = capsys.readouterr().out
    assert said == "Nothing was measured: cuda:0 was asked for and torch sees 0 CUDA devices.\n"


@pytest.mark.gpu
def test_on_a_gpu_the_figures_agree(monkeypatch, capsys):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    monkeypatch.setattr("sys.argv", ["gpu_forward", "--calls", "30"])
    gpu_forward.main()
    said = capsys.readouterr().out
    assert "| yes |" in said
    assert "| NO |" not in said
