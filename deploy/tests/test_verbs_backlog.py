"""`claims backlog`: what processes say, added up and in words."""

from claims_cli.backlog import Heap, as_table, heaps, lasting

ONE = """
# TYPE claims_backlog_records gauge
claims_backlog_records{service="identity",class="standard"} 300
claims_backlog_age_seconds{service="identity",class="standard"} 40
claims_backlog_read_per_second{service="identity",class="standard"} 2
claims_at_step{step="fact_finding"} 4
claims_leaving_step_per_second{step="fact_finding"} 0
"""
OTHER = """
claims_backlog_records{service="identity",class="standard"} 100
claims_backlog_age_seconds{service="identity",class="standard"} 90
claims_backlog_read_per_second{service="identity",class="standard"} 2
"""


def test_replicas_are_added_up_and_the_oldest_is_the_oldest_of_all():
    assert heaps([ONE, OTHER]) == [
        Heap("identity, standard", "records", 400, 90, 4, 100),
        Heap("step fact finding", "claims", 4, None, 0, None),
    ]


def test_it_is_told_in_plain_words():
    shown = as_table(heaps([ONE, OTHER]))
    rows = [[cell.plain for cell in column.cells] for column in shown.columns]
    assert list(zip(*rows, strict=True)) == [
        ("identity, standard", "400 records", "90 s ago", "240", "in 100 s"),
        ("step fact finding", "4 claims", "", "0", "nothing moves"),
    ]


def test_how_long_something_lasts():
    assert [lasting(each) for each in (5, 119, 120, 7_200, 200_000)] == [
        "5 s",
        "119 s",
        "2 minutes",
        "2 hours",
        "2 days",
    ]
