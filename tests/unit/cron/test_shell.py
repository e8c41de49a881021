"""What commands do: lists, groups, set -e, loops, words, wrappers."""

from __future__ import annotations

import pytest

from sim.errors import LimitError
from sim.model.work import SUCCESS, Outcome, Result
from tests.unit.cron.cron_host import FAILED, Night, simulate


def job(script: str, *, minutes: dict[str, int] | None = None, fails: str = "") -> Night:
    """A script that starts at 03:00; tasks named in `fails` fail every time."""
    outcomes = {task: [FAILED] for task in fails.split()}
    return simulate(
        "0 3 * * * main.sh\n", scripts={"main.sh": script}, minutes=minutes, outcomes=outcomes
    )


def begun(night: Night) -> str:
    """Tasks in the order of their tries, as one text."""
    return " ".join(task for task, _ in night.workshop.begun)


@pytest.mark.parametrize(
    ("script", "fails", "tried", "code"),
    [
        ("extract; load", "extract", "extract load", 0),
        ("extract && load", "extract", "extract", 1),
        ("extract || load", "extract", "extract load", 0),
        ("extract && transform || load", "extract", "extract load", 0),
        ("extract || transform && load", "", "extract load", 0),
        ("set -e\nextract\nload", "extract", "extract", 1),
        ("set -e\nextract || true\nload", "extract", "extract load", 0),
        ("set -e\nextract && transform\nload", "extract", "extract load", 0),
        ("set -e\n{ extract; transform; } || load", "extract", "extract transform", 0),
        ("set -e\n( extract; transform ); load", "extract", "extract", 1),
        ("set -e\n! extract; load", "", "extract load", 0),
        ("set -e; set +e; extract; load", "extract", "extract load", 0),
        ("( exit 3 ); load; exit $?", "", "load", 0),
        ("( exit 3 ) || exit 7", "", "", 7),
        ("{ exit 4; }; load", "", "", 4),
        ("for x in 1 2 3; do extract; done", "", "extract extract extract", 0),
        ("for x in 1 2; do extract && exit 5; done", "", "extract", 5),
        ("extract > /dev/null 2>&1 && load >> x.log", "", "extract load", 0),
        ("true && false || load", "", "load", 0),
        ("nothing_here; load; missing", "", "load", 127),
        ("test -n '' || [ 1 -lt 2 ] && load", "", "load", 0),
        ("A=load; $A; B='load transform'; for t in $B; do $t; done", "", "load load transform", 0),
        ('A="load transform"; "$A"; for t in "$A"; do $t; done', "", "load", 0),
        ("set -u; load $nothing; extract", "", "", 2),
        ("nice -n 5 /usr/bin/env X=1 load; bash -c 'extract && load'", "", "load extract load", 0),
        ("exec load; extract", "", "load", 0),
        ("flock -n /x -c 'extract; load'", "", "extract load", 0),
        ("flock /x exit 3", "", "", 127),
        ("sh -ec 'extract; load'", "extract", "extract", 1),
    ],
)
def test_control_flow_and_exit_status(script: str, fails: str, tried: str, code: int) -> None:
    """Each text runs what sh would run, and ends with sh's status."""
    night = job(script, fails=fails)

    assert (tried, [code]) == (begun(night), night.exit_codes())


@pytest.mark.parametrize(
    ("arguments", "dates"),
    [
        ("extract.sh", ["2024-03-13"]),
        ("extract.sh 2024-03-01", ["2024-03-01"]),
        ("extract.sh --full 20240301", ["2024-03-01"]),
        ("extract.sh $(date -d '2 days ago' +%F)", ["2024-03-12"]),
        ('extract.sh "$1"', ["2024-03-13"]),
        ('extract.sh "${1:-2024-02-29}"', ["2024-02-29"]),
        ("extract.sh tuesday", ["tuesday"]),
        ("for d in 2024-03-01 2024-03-02; do extract.sh $d; done", ["2024-03-01", "2024-03-02"]),
        ('D=$(date -d yesterday +%F); extract.sh "$D"', ["2024-03-13"]),
        ("DAY=2024-03-05 inner.sh", ["2024-03-05"]),
        ("DAY=2024-03-05; inner.sh", ["2024-03-13"]),
        ("export DAY=2024-03-05; inner.sh", ["2024-03-05"]),
        ("inner2.sh 2024-03-07 x", ["2024-03-07", "x"]),
    ],
)
def test_the_data_date_of_a_task(arguments: str, dates: list[str]) -> None:
    """The task's own first argument, else yesterday by the host's clock."""
    scripts = {
        "main.sh": arguments,
        "inner.sh": "extract.sh $DAY",
        "inner2.sh": 'for d in "$@"; do extract.sh $d; done',
    }
    night = simulate("0 3 * * * main.sh\n", scripts=scripts)

    assert dates == [date for _, date in night.workshop.begun]


def test_yesterday_is_taken_when_the_task_starts() -> None:
    """A retry after midnight works on another day: the classic trap, in the host's zone."""
    night = simulate(
        "50 23 * * * load; load\n",
        timezone="Europe/Madrid",
        minutes={"load": 15},
        start="2024-03-14T12:00Z",
    )

    assert [("load", "2024-03-13"), ("load", "2024-03-14")] == night.workshop.begun


def test_sleep_takes_its_time() -> None:
    """Seconds, minutes and sums of several operands."""
    night = job("sleep 90; sleep 1m 30s; sleep 0.5h; load")

    assert night.tasks()[0] == ("03:33", "load", "running", 1)


def test_flock_n_gives_up_and_w_waits_so_long() -> None:
    """-n skips, -w 5m gives up after five minutes, a plain flock waits its turn."""
    night = simulate(
        "0 3 * * * flock /l extract\n"
        "0 3 * * * flock -n /l load || notify busy\n"
        "0 3 * * * flock -w 300 -E 9 /l load\n"
        "0 3 * * * flock /l transform\n",
    )

    assert night.exit_codes() == [1 - 1, 9, 0, 0]
    assert night.announcer.sent == [("03:00", "busy", "load")]
    assert [("03:00", "extract"), ("03:10", "transform")] == [
        (time, task) for time, task, state, _ in night.tasks() if state == "running"
    ]


def test_timeout_kills_and_frees_the_lock() -> None:
    """The killed task is failed with SIGTERM's status, timeout answers 124, the lock is free."""
    night = simulate(
        "0 3 * * * timeout 5m flock /l extract; [ $? = 124 ] && load\n"
        "1 3 * * * flock /l transform\n",
    )

    assert night.workshop.killed == ["timeout"]
    assert [
        ("03:00", "extract", "running", 1),
        ("03:05", "extract", "failed", 1),
        ("03:05", "load", "running", 1),
        ("03:05", "transform", "running", 1),
        ("03:15", "load", "success", 1),
        ("03:15", "transform", "success", 1),
    ] == sorted(night.tasks())


def test_an_inner_timeout_is_not_taken_for_the_outer() -> None:
    """The outer one ends its own command; what is inside dies with it."""
    night = job("timeout 5m timeout 1h extract; [ $? = 124 ] && timeout 1h timeout 2m extract")

    assert [("03:05", "failed"), ("03:07", "failed")] == [
        (time, state) for time, _, state, _ in night.tasks() if state == "failed"
    ]
    assert night.exit_codes() == [124]


def test_a_second_try_in_one_run_goes_through_none() -> None:
    """The same task again in one run is try 2 of one task instance."""
    night = simulate("0 3 * * * extract || extract\n", outcomes={"extract": [FAILED, SUCCESS]})

    assert [
        ("03:00", "extract", "running", 1),
        ("03:10", "extract", "failed", 1),
        ("03:10", "extract", "none", 1),
        ("03:10", "extract", "running", 2),
        ("03:20", "extract", "success", 2),
    ] == night.tasks()


def test_skipped_is_green_for_cron() -> None:
    """A task that skips exits 0: cron cannot know."""
    night = simulate(
        "0 3 * * * extract && load\n",
        outcomes={"extract": [Outcome(Result.SKIPPED, "check_failed")]},
    )

    assert begun(night) == "extract load"


def test_a_loop_that_got_out_of_hand_is_stopped_by_name() -> None:
    """Nested loops without any waiting end with a named limit, not with a hanging program."""
    ten = "0 1 2 3 4 5 6 7 8 9"
    loops = "".join(f"for v{level} in {ten}; do " for level in range(6))

    with pytest.raises(LimitError, match="shell_commands_max = 100000"):
        job(loops + "true" + "; done" * 6)


def test_a_word_that_doubles_for_ever_is_too_long() -> None:
    """An argument has Linux's longest length."""
    night = job(
        "x=aaaaaaaaaa\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do x=$x$x; done\n"
    )

    assert night.exit_codes() == [126]


def test_a_script_that_calls_itself_ends() -> None:
    """Shells inside shells have an end even when a circle is only made at run time."""
    night = job("m=main.sh; $m")

    assert night.exit_codes() == [2]
