"""How far weights moved is told of what is learned, not of what normalisation counts along the way."""

from pytest_damover.anatomy.weights import Movement, learned, relative_change

MOVED = Movement(True, difference=1.0, baseline=100.0)
WILD = Movement(True, difference=1e9, baseline=1.0)


def test_running_statistics_do_not_count():
    found = {"conv.weight": MOVED, "bn.running_var": WILD, "bn.running_mean": WILD, "bn.num_batches_tracked": WILD}
    assert learned(found) == {"conv.weight": MOVED}
    assert relative_change(learned(found)) == 0.1


def test_a_name_that_only_sounds_like_one_counts():
    assert set(learned({"running_var.weight": MOVED, "my_running_var": MOVED})) == {
        "running_var.weight",
        "my_running_var",
    }


def test_where_there_is_nothing_else_they_count():
    assert learned({"bn.running_var": WILD}) == {"bn.running_var": WILD}
