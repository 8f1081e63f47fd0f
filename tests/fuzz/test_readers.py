"""Whatever bytes lie where a document of ours should: only our own error comes out, and soon."""

from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_damover import remake, store, suites
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.golden_file import StoredGolden
from pytest_damover.plugin.goldens import read_golden
from tests.fuzz.conftest import GOLDEN_PATH
from tests.fuzz.mutations import mutants

INPUTS = int(os.environ.get("DAMOVER_FUZZ", "2000")) // 4
"""For each reader."""
LONGEST_S = 1.0
SETTINGS = settings(
    max_examples=INPUTS,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Readers:
    """Each kind of document read as the package reads it, from a file; what is refused is told in words."""

    def __init__(self, folder, good):
        self.folder, self.good = folder, good
        self.suite = suites.Suite("toy", folder / "none", folder)

    def case(self, text):
        entry = self.suite._case(text, "a.json", "a.json", "a")
        str(entry).encode()

    def policy(self, text):
        (self.folder / "gate.toml").write_bytes(text)
        policy = suites.read_policy(self.folder / "gate.toml", "gate.toml")
        assert (policy.data is None) == bool(policy.faults)
        "".join(map(str, policy.faults)).encode()

    def waivers(self, text):
        (self.folder / "waivers.toml").write_bytes(text)
        file = suites.read_waivers(self.folder / "waivers.toml", "waivers.toml")
        assert (file.data is None) == bool(file.faults) == (file.digest == "")
        "".join(map(str, (*file.faults, *file.waivers))).encode()

    def golden(self, text):
        golden = read_golden(text, "golden.json", StoredGolden.at(GOLDEN_PATH))
        json.dumps(golden.to_json(), allow_nan=False).encode()

    def waived(self, text):
        self.plan(text)

    def plan(self, text):
        self._run(text, self.good["journal"])

    def journal(self, text):
        self._run(self.good["plan"], text)

    def _run(self, plan, journal):
        folder = store.RunFolder(self.folder)
        folder.plan.write_bytes(plan)
        folder.journal.write_bytes(journal)
        remake.judge_run(remake.read_run(folder)).verdict.to_text().encode(errors="backslashreplace")


@pytest.fixture(scope="module")
def readers(tmp_path_factory, good):
    return Readers(tmp_path_factory.mktemp("fuzz"), good)


@pytest.mark.parametrize("kind", ["case", "policy", "waivers", "golden", "plan", "waived", "journal"])
def test_b5_only_our_own_error_escapes_a_reader(readers, good, kind):
    getattr(readers, kind)(good[kind])
    outcomes = {"read": 0, "refused": 0}

    @SETTINGS
    @given(st.data())
    def try_one(data):
        text = data.draw(strategy)
        began = time.process_time()
        try:
            getattr(readers, kind)(text)
            outcomes["read"] += 1
        except DamoverError as refusal:
            str(refusal).encode(errors="backslashreplace")
            outcomes["refused"] += 1
        assert time.process_time() - began < LONGEST_S

    strategy = mutants(kind, good[kind])
    try_one()
    assert sum(outcomes.values()) >= INPUTS
