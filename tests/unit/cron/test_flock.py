"""flock on paths and on open files: who waits, who gives up, and when a lock is free again."""

from __future__ import annotations

import pytest

from sim.platform.shell.wrappers import CommandUsageError, Flock, unwrap
from tests.unit.cron.cron_host import Night, simulate


def running(night: Night) -> list[tuple[str, str]]:
    """(time, task) of each try that began."""
    return [(time, task) for time, task, state, _ in night.tasks() if state == "running"]


def at_three(*scripts: str) -> Night:
    """The scripts, started together; each task takes ten minutes."""
    files = {f"s{number}.sh": text for number, text in enumerate(scripts)}
    return simulate("".join(f"0 3 * * * {name}\n" for name in files), scripts=files)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("flock -n /l load", Flock("/l", 0, 1, ("load",))),
        ("flock -xn -E7 /l load", Flock("/l", 0, 7, ("load",))),
        ("flock --wait=90 /l -c load", Flock("/l", 90_000_000, 1, ("sh", "-c", "load"))),
        ("flock -w 1.5 --conflict-exit-code 9 9", Flock("9", 1_500_000, 9, ())),
        ("flock -o -s /l load -n", Flock("/l", None, 1, ("load", "-n"), "shared")),
        ("flock -ns 9", Flock("9", 0, 1, (), "shared")),
        ("flock --unlock 9", Flock("9", None, 1, (), "unlock")),
    ],
)
def test_options_are_read_as_flock_reads_them(words: str, expected: Flock) -> None:
    """Joined letters, long names, values with and without a blank; a number alone is a file."""
    assert expected == unwrap(words.split())


@pytest.mark.parametrize(
    "words",
    ["flock -z /l x", "flock -E 300 /l x", "flock -n /l", "flock -w soon 9", "flock --verbose=1 9"],
)
def test_what_flock_refuses(words: str) -> None:
    """Unknown options, an exit status out of range, a path without a command."""
    with pytest.raises(CommandUsageError):
        unwrap(words.split())


def test_a_subshell_holds_the_lock_of_its_file_until_it_ends() -> None:
    """The form of the manual: the second one gives up, and what follows the group does not hold."""
    guarded = "( flock -n 9 || exit 4; extract ) 9>/run/lock/etl"
    night = at_three(
        f"{guarded}; load\n", f"{guarded}\n", "sleep 11m\nflock -n /run/lock/etl load\n"
    )

    assert [("03:00", "extract"), ("03:10", "load"), ("03:11", "load")] == running(night)
    assert [4, 0, 0] == night.exit_codes()


def test_exec_opens_a_file_for_the_rest_of_the_script() -> None:
    """Subshells keep it locked, and closing it frees it."""
    holds = "exec 9>/l\nflock -n 9\n( extract )\nexec 9>&-\ntransform\n"
    night = at_three(holds, "flock -w 1h /l load\n")

    assert [("03:00", "extract"), ("03:10", "load"), ("03:10", "transform")] == sorted(
        running(night)
    )


def test_the_end_of_a_script_closes_what_it_opened() -> None:
    """A second script that waits goes on as soon as the first has ended, whatever its status."""
    night = at_three("exec 9>/l\nflock 9\nextract\nexit 3\n", "exec 9>/l\nflock 9\nload\n")

    assert [("03:00", "extract"), ("03:10", "load")] == running(night)
    assert [3, 0] == night.exit_codes()


def test_unlocking_frees_before_the_end() -> None:
    """`flock -u` gives up the lock and keeps the file."""
    first = "exec 9>/l\nflock 9\nextract\nflock -u 9\nload\nsleep 1m\nflock -n 9\n"
    night = at_three(first, "flock /l transform\n")

    assert [("03:00", "extract"), ("03:10", "load"), ("03:10", "transform")] == sorted(
        running(night)
    )
    assert [0, 0] == night.exit_codes()


def test_a_shared_lock_is_shared() -> None:
    """Readers run together, a writer waits for all of them."""
    night = at_three("flock -s /l extract\n", "flock -s /l load\n", "flock /l transform\n")

    assert [("03:00", "extract"), ("03:00", "load"), ("03:10", "transform")] == running(night)


def test_a_lock_that_one_has_is_had() -> None:
    """Locking the same open file twice is no deadlock; asking for less lets others in."""
    night = at_three(
        "exec 9>/l\nflock 9 && flock -n 9 && flock -s 9\nextract\n", "sleep 1m\nflock -ns /l load\n"
    )

    assert [("03:00", "extract"), ("03:01", "load")] == running(night)


def test_no_open_file_is_a_bad_descriptor() -> None:
    """The command ends with 65, as it does for anything that it cannot lock."""
    night = simulate("0 3 * * * flock -n 9 || exit $?\n", mail_to_alert="mail")

    assert [65] == night.exit_codes()


def test_a_timeout_and_a_host_that_goes_off_free_the_lock_of_an_open_file() -> None:
    """Whoever dies lets go."""
    slow = "timeout 5m inner.sh; true\n"
    inner = "exec 9>/l\nflock 9\nextract\n"
    killed = simulate(
        "0 3 * * * outer.sh\n6 3 * * * flock -n /l load\n",
        scripts={"outer.sh": slow, "inner.sh": inner},
    )
    off = simulate(
        "0 3 * * * inner.sh\n0 5 * * * flock -n /l load\n",
        scripts={"inner.sh": inner},
        minutes={"extract": 300},
        outages=[("2024-03-14T03:30Z", "2024-03-14T04:00Z")],
    )

    assert ("03:06", "load") in running(killed)
    assert ("05:00", "load") in running(off)
