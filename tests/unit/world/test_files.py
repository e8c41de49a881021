"""What a reader of a file sees while it is written, and after its writer died."""

from __future__ import annotations

from sim.kernel.calendar import MINUTE
from sim.world.files import Files
from sim.world.warehouse import Dataset
from tests.unit.world.worlds import MONDAY

PATH = "/data/ventas.csv"


def files(*, path: str = PATH, rows: int = 450) -> Files:
    """A file that is being written from minute 0 to minute 45."""
    made = Files()
    made.open(path, Dataset("t", rows), starts=0, ends=45 * MINUTE, data_date=MONDAY)
    return made


def seen(made: Files, minute: int, *, path: str = PATH) -> tuple[int, bool] | None:
    """Rows that a reader gets at that minute, and whether the file is complete."""
    view = made.read(path, minute * MINUTE)
    return None if view is None else (view.dataset.rows, view.complete)


def test_a_file_grows_evenly_until_it_is_closed() -> None:
    """A reader gets the rows that are there; only the closing makes it complete."""
    made = files()
    during = [seen(made, minute) for minute in (0, 15, 44, 45)]
    made.close(PATH)

    assert [(0, False), (150, False), (440, False), (450, False)] == during
    assert seen(made, 45) == (450, True)


def test_a_half_read_file_is_its_beginning() -> None:
    """A reader gets the rows that are there, and learns how many there will be."""
    view = files().read(PATH, 15 * MINUTE)

    assert view is not None
    assert (view.dataset.relation, view.rows_total) == ("(SELECT * FROM t LIMIT 150)", 450)


def test_what_a_dead_writer_leaves_stays_as_it_is() -> None:
    """An abandoned file never grows on and never is complete."""
    made = files()
    left = made.abandon(PATH, 15 * MINUTE)

    assert left == 150
    assert seen(made, 600) == (150, False)


def test_opening_again_empties_the_file() -> None:
    """Yesterday's file is gone the moment today's writer opens it."""
    made = files()
    made.close(PATH)
    made.open(PATH, Dataset("u", 90), starts=60 * MINUTE, ends=150 * MINUTE, data_date=MONDAY)

    assert seen(made, 60) == (0, False)


def test_a_dataset_appears_when_it_is_closed() -> None:
    """A name without a slash is committed like a table: readers keep the last one until then."""
    made = files(path="staging.ventas")
    before = seen(made, 44, path="staging.ventas")
    made.close("staging.ventas")
    made.open("staging.ventas", Dataset("u", 9), starts=0, ends=MINUTE, data_date=MONDAY)
    made.abandon("staging.ventas", 0)

    assert before is None
    assert seen(made, 46, path="staging.ventas") == (450, True)


def test_a_file_that_nobody_wrote_is_missing() -> None:
    """There is nothing to read, not an empty file."""
    assert files().read("/data/otra.csv", 0) is None
