"""How items are handed out to workers: once each, by revision, the baseline's outcome before the candidate's."""

from __future__ import annotations

import random

import pytest

from pytest_damover.plugin.distributed.scheduling import RevisionScheduling, Turn


class FakeNode:
    """A worker that begins an item only when it knows the next one, as xdist's do."""

    def __init__(self):
        self.queue = []
        self.ran = []
        self.shutting_down = False

    def send_runtest_some(self, indices):
        assert not self.shutting_down
        self.queue += indices

    def shutdown(self):
        self.shutting_down = True

    @property
    def can_run(self):
        return len(self.queue) >= (1 if self.shutting_down else 2)


def turns_of(cases, revisions, without=()):
    """Cases on each revision, one revision after the other; a candidate's waits for the baseline's."""
    turns = {}
    for revision in range(revisions):
        for case in range(cases):
            index = revision * cases + case
            if index not in without:
                after = case if revision and case not in without else None
                turns[index] = Turn(revision, after)
    return turns


class Simulation:
    """Runs a schedule to its end as xdist's controller would, the next worker drawn at random."""

    def __init__(self, turns, workers, seed, deaths=0):
        self.rng = random.Random(seed)
        self.turns = turns
        self.reported = []
        self.lost = []
        self.every_node = []
        self.scheduling = RevisionScheduling(turns, workers, self.reported.append)
        self.ids = [str(index) for index in range(max(turns, default=-1) + 1)]
        for _ in range(workers):
            self.join()
        self.scheduling.schedule()
        self.deaths_left = deaths

    def join(self):
        node = FakeNode()
        self.every_node.append(node)
        self.scheduling.add_node(node)
        self.scheduling.add_node_collection(node, self.ids)

    def run(self):
        while not self.scheduling.tests_finished or self.scheduling.has_pending:
            if self.scheduling.tests_finished:
                for node in self.scheduling.nodes:
                    node.shutdown()
            able = [node for node in self.scheduling.nodes if node.can_run]
            assert able, "nobody can go on"
            self.step(self.rng.choice(able))

    def step(self, node):
        if self.deaths_left and self.rng.random() < 0.1:
            self.deaths_left -= 1
            self.lost.append(int(self.scheduling.remove_node(node)))
            self.join()
            self.scheduling.schedule()
            return
        index = node.queue.pop(0)
        node.ran.append(index)
        self.scheduling.mark_test_complete(node, index)


@pytest.mark.parametrize("seed", range(60))
def test_every_item_runs_once_and_after_its_baseline(seed):
    rng = random.Random(seed)
    cases, revisions = rng.randrange(1, 30), rng.randrange(1, 4)
    without = {index for index in range(cases * revisions) if rng.random() < 0.1}
    turns = turns_of(cases, revisions, without)
    simulation = Simulation(turns, rng.randrange(1, 5), seed)
    simulation.run()
    assert sorted(simulation.reported) == sorted(turns)
    place = {index: number for number, index in enumerate(simulation.reported)}
    assert all(place[turn.after] < place[index] for index, turn in turns.items() if turn.after is not None)


@pytest.mark.parametrize("seed", range(20))
def test_a_worker_goes_from_revision_to_revision_and_never_back(seed):
    turns = turns_of(40, 3)
    simulation = Simulation(turns, 1 + seed % 4, seed)
    simulation.run()
    for node in simulation.every_node:
        order = [turns[index].revision for index in node.ran]
        assert order == sorted(order)
        assert node.ran, "every worker has something to do"


@pytest.mark.parametrize("seed", range(30))
def test_what_a_dead_worker_was_at_is_lost_and_the_rest_runs_once(seed):
    turns = turns_of(25, 2)
    simulation = Simulation(turns, 1 + seed % 4, seed, deaths=3)
    simulation.run()
    assert sorted([*simulation.reported, *simulation.lost]) == sorted(turns)


def test_nothing_to_hand_out_is_an_end():
    scheduling = RevisionScheduling({}, 1, lambda _: None)
    node = FakeNode()
    scheduling.add_node(node)
    assert not scheduling.tests_finished
    scheduling.add_node_collection(node, [])
    scheduling.schedule()
    assert scheduling.tests_finished
    assert node.shutting_down


def test_an_item_that_is_wanted_again_is_not_run_again():
    simulation = Simulation(turns_of(4, 1), 1, 0)
    lost = simulation.scheduling.remove_node(simulation.scheduling.nodes[0])
    simulation.scheduling.mark_test_pending(lost)
    simulation.join()
    simulation.scheduling.schedule()
    simulation.run()
    assert sorted(simulation.reported) == [1, 2, 3]


def test_after_giving_up_nothing_is_handed_out():
    scheduling = RevisionScheduling(turns_of(4, 2), 1, lambda _: None)
    scheduling.abandon()
    node = FakeNode()
    scheduling.add_node(node)
    scheduling.add_node_collection(node, ["0"])
    scheduling.schedule()
    assert node.queue == []
    assert scheduling.tests_finished


def test_a_worker_that_is_not_known_is_not_removed():
    with pytest.raises(KeyError):
        RevisionScheduling({}, 1, lambda _: None).remove_node(FakeNode())
