"""Messages of a child that has run a stranger's code: whatever it sends is understood, or refused as no message."""

import json
import os
import socket
import struct
import time

import numpy as np
import pytest

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.runners import _wire
from pytest_damover.runners._pixels import SeenPixels, SharedPixels


@pytest.fixture
def link():
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def said(link, text):
    """What the header `text` of the other side is taken for."""
    ours, theirs = link
    theirs.sendall(struct.pack("<II", len(text), 0) + text)
    return _wire.accepted(_wire.receive(ours, 1)[0])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b'{"ns": NaN}',
        b'{"facts": {"score_threshold": -Infinity}}',
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"ns": ' + b"9" * 10_000 + b"}",
        b'{"faults": []}',
        b'{"faults": {}}',
        b'{"faults": 1}',
        b'{"faults": [[]]}',
        b'{"faults": [["no-such-code", "where", "what"]]}',
        b'{"faults": [["runner"]]}',
        b'{"faults": [["runner", "1", "2", "3", "4", "5"]]}',
    ],
    ids=lambda text: text[:24].decode(),
)
def test_what_is_no_message_is_refused_as_that(link, text):
    with pytest.raises(_wire.WireError):
        said(link, text)


def test_a_refusal_comes_back_as_it_was_raised(link):
    error = DamoverError(Fault(Code.LOAD, "v1", "does not load"))
    with pytest.raises(DamoverError, match="does not load") as refused:
        said(link, json.dumps(_wire.refusal(error)).encode())
    assert refused.value.faults == error.faults


def test_a_side_that_takes_nothing_is_not_waited_for(link):
    ours, _ = link
    with pytest.raises(TimeoutError):
        _wire.send(ours, {"do": "detect"}, bytes(10_000_000), timeout_s=0.05)


def test_what_was_said_without_being_asked_can_be_told(link):
    ours, theirs = link
    ours.settimeout(600)  # as the question before has left it
    began = time.monotonic()
    assert not _wire.has_more(ours)
    assert time.monotonic() - began < 60
    _wire.send(theirs, {})
    assert _wire.has_more(ours)
    _wire.receive(ours, 1)
    assert not _wire.has_more(ours)
    theirs.close()
    assert not _wire.has_more(ours)


def test_memory_that_the_other_side_made_larger_still_takes_every_picture():
    shared = SharedPixels()
    os.ftruncate(shared.fd, 1 << 27)
    picture = np.full((2000, 2000, 3), 7, dtype=np.uint8)
    shared.put(picture)
    assert (SeenPixels(shared.fd).get(2000, 2000) == picture).all()
    shared.close()
