"""Which worker runs which items: one revision after the other, so that a worker loads each model once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

HUNGRY = 2
"""A worker begins an item only when it knows the next: with fewer than this left after it, it is given more."""

LARGEST_CHUNK = 64
CHUNKS_A_WORKER = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """When an item is run: its revision's place in the order, and the item that must be reported before it.

    The baseline's outcome of a case is known before the candidate's arrives, so what is shown of that agrees with the
    verdict.
    """

    revision: int
    after: int | None = None


class Node(Protocol):
    """A worker, as xdist's controller knows it."""

    @property
    def shutting_down(self) -> bool: ...
    def send_runtest_some(self, indices: Sequence[int]) -> None: ...
    def shutdown(self) -> None: ...


class RevisionScheduling:
    """Hands out items in chunks, the baseline's first; nothing that was begun is ever handed out again.

    `turns` holds the items that workers run by their index in the collection; `on_complete` is told each index when
    its item is through. A worker of which `may_work` says no is sent home as soon as it has collected.
    """

    def __init__(
        self,
        turns: Mapping[int, Turn],
        workers: int,
        on_complete: Callable[[int], None],
        may_work: Callable[[Node], bool] = lambda _: True,
    ) -> None:
        self._turns = turns
        self._workers = workers
        self._on_complete = on_complete
        self._may_work = may_work
        self._queues: dict[int, deque[int]] = {}
        for index in sorted(turns, key=lambda index: (turns[index].revision, index)):
            self._queues.setdefault(turns[index].revision, deque()).append(index)
        self._pending: dict[Node, list[int]] = {}
        self._at: dict[Node, int] = {}
        self._collected: set[Node] = set()
        self._through: set[int] = set()
        self._ids: Sequence[str] = ()
        self._abandoned = False

    @property
    def nodes(self) -> list[Node]:
        """The workers that are there."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """True when as many workers have collected as the run began with."""
        return len(self._collected) >= self._workers

    @property
    def has_pending(self) -> bool:
        """True while an item is in a queue or with a worker."""
        return self._waiting or any(self._pending.values())

    @property
    def tests_finished(self) -> bool:
        """True when every worker has its last item: it runs it when it is told that no more will come."""
        if self._abandoned:
            return True
        return self.collection_is_completed and not self._waiting and all(len(p) < 2 for p in self._pending.values())

    @property
    def _waiting(self) -> bool:
        return any(self._queues.values())

    def abandon(self) -> None:
        """Hand out nothing any more."""
        self._abandoned = True
        self._queues.clear()

    def add_node(self, node: Node) -> None:
        """A worker is there, and begins to collect."""
        self._pending[node] = []

    def add_node_collection(self, node: Node, collection: Sequence[str]) -> None:
        """A worker has collected; that all agree is for the controller to check."""
        self._collected.add(node)
        self._ids = self._ids or collection

    def schedule(self) -> None:
        """Give every worker something to do."""
        self._feed()

    def mark_test_complete(self, node: Node, item_index: int, duration: float = 0) -> None:  # noqa: ARG002
        """A worker is through with an item."""
        self._pending[node].remove(item_index)
        self._through.add(item_index)
        self._on_complete(item_index)
        self._feed()

    def mark_test_pending(self, item: str) -> None:
        """Somebody wants an item again whose worker died: no, an item runs once."""

    def remove_pending_tests_from_node(self, node: Node, indices: Sequence[int]) -> None:
        """Nobody steals work here."""
        raise NotImplementedError

    def remove_node(self, node: Node) -> str | None:
        """A worker is gone: the id of the item it was at, which is lost; KeyError for a worker that is unknown."""
        pending = self._pending.pop(node)
        if not pending:
            return None
        lost, *rest = pending
        self._through.add(lost)
        if not self._abandoned:
            for index in reversed(rest):
                self._queues[self._turns[index].revision].appendleft(index)
            self._feed()
        return self._ids[lost]

    def _feed(self) -> None:
        """One chunk for each hungry worker in turn, until none is hungry; when nothing is left they may all end."""
        idle = {node for node in self._pending if not self._may_work(node)}
        fed = True
        while fed:
            fed = False
            for node, pending in self._pending.items():
                if node in idle or node not in self._collected or node.shutting_down:
                    continue
                if len(pending) <= HUNGRY:
                    fed = self._give(node, pending) or fed
        for node in self._pending if not self._waiting else idle:
            if node in self._collected and not node.shutting_down:
                node.shutdown()

    def _give(self, node: Node, pending: list[int]) -> bool:
        here = self._at.get(node, min(self._queues, default=0))
        order = sorted(self._queues, key=lambda revision: (revision < here, revision))
        for revision in order:
            queue = self._queues[revision]
            size = min(LARGEST_CHUNK, max(1, len(queue) // (CHUNKS_A_WORKER * len(self._pending))))
            chunk = self._take(queue, size, set(pending))
            if chunk:
                self._at[node] = revision
                pending += chunk
                node.send_runtest_some(chunk)
                return True
        return False

    def _take(self, queue: deque[int], size: int, with_it: set[int]) -> list[int]:
        """The first items of `queue` whose baseline was reported, or comes before them on the same worker."""
        chosen: list[int] = []
        held: list[int] = []
        while queue and len(chosen) < size:
            index = queue.popleft()
            after = self._turns[index].after
            ready = after is None or after in self._through or after in with_it
            (chosen if ready else held).append(index)
        queue.extendleft(reversed(held))
        return chosen
