import json
from pathlib import Path

import pytest

from pytest_damover import hubs
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.hubs import RevisionInfo

COMMITS = {"v1": "a" * 40, "v2": "b" * 40, "master": "c" * 40}


class Served:
    """A hub in memory; `broken` names revisions whose files it refuses to tell."""

    name = "modelscope:https://hub.example.org"

    def __init__(self):
        self.sizes = {"v1": 700, "v2": 2_310_000, "master": 9}
        self.broken, self.asked, self.message = set(), [], "比以前更快"

    def list_revisions(self, _):
        kinds = {"master": "branch"}
        at = "2026-01-31T12:34:56+00:00"
        return tuple(
            RevisionInfo(name, kinds.get(name, "tag"), commit, at, self.message) for name, commit in COMMITS.items()
        )

    def resolve(self, model, tag, name=None):
        self.asked.append(tag)
        if tag in self.broken:
            raise DamoverError(Fault(Code.HUB, self.name, "no SHA-256"))
        files = (FileEntry("weights.pt", self.sizes[tag], "d" * 64),)
        return Revision(name or tag, tag, model, self.name, COMMITS[tag], files)

    def fetch(self, _):
        return Path("nowhere")


@pytest.fixture
def served(project, monkeypatch):  # noqa: ARG001 - fixtures cannot be marked with usefixtures
    hub = Served()
    monkeypatch.setattr(hubs, "open_hub", lambda *_: hub)
    return hub


def cells(out):
    """The table below its first line, as lists of words."""
    return [line.split() for line in out.splitlines()[1:]]


@pytest.mark.usefixtures("project")
def test_a_local_hub_is_listed_with_sizes_and_digests(damover):
    code, out, err = damover("revisions")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "acme/phones on local"
    header, v1, v2, v10 = cells(out)
    assert header == ["name", "kind", "commit", "date", "size", "digest", "locked", "consent", "current", "aliases",
                      "message"]  # fmt: skip
    assert (v1[:2], v1[4:6], v1[7:]) == (["v1", "tag"], ["13", "B"], ["no", "-", "yes", "-", "-"])
    assert (v2[0], v2[-2], v10[0]) == ("v2", "fast", "v10")
    assert len(v1[6]) == 12


@pytest.mark.usefixtures("served")
def test_what_the_hub_knows_is_shown(damover):
    _, out, _ = damover("revisions")
    assert cells(out)[2][:6] == ["v2", "tag", "b" * 12, "2026-01-31", "12:34", "2.31"]
    assert cells(out)[3][:2] == ["master", "branch"]
    assert all(line.endswith("比以前更快") for line in out.splitlines()[2:])


def test_locked_moved_and_consented_are_told(damover, served, project):
    damover("lock", "v1", "v2")
    served.sizes["v2"] += 1
    path = project / "revisions.lock"
    data = json.loads(path.read_text())
    digest = data["models"]["acme/phones"]["v1"]["digest"]
    data["consents"][digest] = {"by": "Ann", "at": "2026-01-31T12:00:00+00:00"}
    path.write_text(json.dumps(data))
    v1, v2, master = json.loads(damover("revisions", "--json")[1])
    assert [row["locked"] for row in (v1, v2, master)] == ["yes", "moved", "no"]
    assert v1["consent"] == {"by": "Ann", "at": "2026-01-31T12:00:00+00:00"}
    assert (v2["consent"], v1["digest"], v1["current"], v2["aliases"]) == (None, digest, True, ["fast"])
    assert "MOVED" in damover("revisions")[1].splitlines()[3]


def test_quick_asks_for_the_list_only(damover, served):
    damover("lock", "v1")
    served.asked.clear()
    assert damover("revisions", "--quick")[0] == 0
    assert served.asked == []
    v1, v2, _ = json.loads(damover("revisions", "--quick", "--json")[1])
    assert (v1["locked"], v2["locked"], v1["size_bytes"], v1["digest"]) == ("yes", "no", None, None)


def test_a_revision_that_cannot_be_told_leaves_the_others_in_the_list(damover, served):
    served.broken.add("v1")
    code, out, err = damover("revisions")
    assert code == 0
    assert "refused" in cells(out)[1]
    assert len(cells(out)) == 4
    assert "no SHA-256" in err


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_narrow_terminal_has_the_most_useful_columns(damover, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    out = damover("revisions")[1].splitlines()
    for title in ("name", "locked", "consent"):
        assert title in out[1]
    assert all(len(line) <= columns for line in out[1:5])
    assert any("--json has all" in line for line in out) == (columns < 120)


def test_w7_text_from_the_hub_is_shown_and_not_obeyed(damover, served):
    served.message = "x\r\n::add-mask::y\x1b[31m ##[error]"
    _, out, _ = damover("revisions")
    assert len(out.splitlines()) == 5
    assert not {"\x1b", "\r"} & set(out)
    assert "##[" not in out
    said = damover("revisions", "--json")[1]
    assert json.loads(said)[0]["message"] == served.message
    assert "\x1b" not in said


@pytest.mark.parametrize("how", ["--offline", "damover_offline"])
def test_offline_the_hub_is_not_asked(damover, served, project, how):
    damover("lock", "v1", "v2")
    served.asked.clear()
    served.list_revisions = None
    if how == "damover_offline":
        (project / "pyproject.toml").write_text((project / "pyproject.toml").read_text() + "damover_offline = true\n")
    code, out, err = damover("revisions", *([how] if how == "--offline" else []))
    assert (code, err, served.asked) == (0, "", [])
    assert out.splitlines()[0].endswith("hub.example.org, offline: as locked")
    assert [row[0] for row in cells(out)] == ["name", "v1", "v2"]


def test_a_hub_that_is_gone_is_told_once(damover, served, monkeypatch):
    def gone(*_):
        raise hubs.UnreachableError(Fault(Code.HUB, "hub", "cannot be reached"))

    monkeypatch.setattr(served, "resolve", gone)
    for arguments in (("revisions",), ("lock", "v1", "v2")):
        code, out, err = damover(*arguments)
        assert (code, out) == (4, "")
        assert err.count("cannot be reached") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("acme/none",), "acme/phones"),
        (("../acme",), "not a model id"),
        (("--hub", "nowhere"), "local, local:PLACE"),
        (("--hub", "modelscope:http://example.org"), "https://HOST"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("project")
def test_revisions_of_what_is_not_there_say_what_is(damover, arguments, said):
    code, out, err = damover("revisions", *arguments)
    assert (code, out) == (4, "")
    assert said in err


def test_a_project_without_a_model_is_told_what_to_set(damover, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert "set damover_model" in damover("revisions", "--hub", "local")[2]
