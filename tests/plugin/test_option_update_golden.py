from __future__ import annotations

GOLDEN = "def test_it(golden, detector, cases):\n    golden(detector(cases.image('one')), 'one')\n"


def test_such_a_run_writes_goldens_and_never_passes(toy):
    toy.test_file(GOLDEN)
    assert toy.compare("--damover-update-golden").ret == 20
    assert toy.verdict["counts"]["skipped"] == 2
    assert (toy.root / "golden/toy/v1/tests/one.cpu.fp32.json").is_file()


def test_without_it_nothing_is_written(toy):
    toy.test_file(GOLDEN)
    assert toy.compare().ret == 20
    assert not (toy.root / "golden").exists()


def test_there_is_no_ini_key_that_would_leave_it_on(toy):
    toy.test_file(GOLDEN)
    toy.compare("-o", "damover_update_golden=true")
    assert not (toy.root / "golden").exists()
