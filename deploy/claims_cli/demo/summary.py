"""The demo's last word: claims by outcome, each trouble, expected against found, and where to look next. Pure."""

from collections import Counter
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from claims_cli.demo.play import Play
from claims_cli.local.state import Endpoints

MOST_SHOWN = 10
YES, NO = Text("as expected", "green"), Text("NOT as expected", "red")


def summary(play: Play, seconds: float) -> Group:
    """Give it for people."""
    good = play.done
    verdict = f"{len(play.parts)} claims in {seconds:.1f} s, " + ("all as expected" if good else "not all as expected")
    parts: list[RenderableType] = ["", _outcomes(play), "", _troubles(play), ""]
    if wrong := [each for each in play.parts if not each.trouble and not play.is_as_expected(each)]:
        shown = [
            f"  {each.claim_id}: {each.expected.sentence}; found {play.courses[each.claim_id].found}" for each in wrong
        ]
        parts += ["ordinary claims that are not as expected:", *shown[:MOST_SHOWN], ""]
    return Group(*parts, Text(verdict, "bold green" if good else "bold red"))


def as_json(play: Play, seconds: float) -> dict[str, Any]:
    """Give it for scripts."""
    return {
        "claims": len(play.parts),
        "as_expected": play.done,
        "seconds": round(seconds, 1),
        "outcomes": dict(play.states()),
        "troubles": [
            {
                "trouble": each.trouble,
                "claim_id": each.claim_id,
                "expected": each.expected.sentence,
                "found": play.courses[each.claim_id].found,
                "as_expected": play.is_as_expected(each),
            }
            for each in play.parts
            if each.trouble
        ],
        "not_as_expected": [each.claim_id for each in play.parts if not play.is_as_expected(each)],
    }


def where_next(play: Play, where: Endpoints, data: str, *, running: bool) -> list[str]:
    """Say what to look at now; `data` is the option that names the data directory, empty for the usual one."""
    shown = next(each.claim_id for each in play.parts if each.trouble)
    verbs = [] if running else [("up --detach", "start the stack again; everything is kept")]
    verbs += [
        (f"show {shown}", "one claim with its history"),
        (f"status {shown}", "the same in the citizen's words"),
        ("list --owner adjudication", "what people must decide"),
        ("tail --no-follow", "the life-cycle stream from its beginning"),
    ]
    pages = [(f"{where.mail.http}/messages", "the mail"), (f"{where.api}/docs", "the API")] if running else []
    lines = [(f"claims {verb}{data}", why) for verb, why in verbs] + pages
    width = max(len(what) for what, _ in lines)
    return [f"{what:{width}}   {why}" for what, why in lines]


def _outcomes(play: Play) -> Table:
    shown = Table(
        "ordinary claims, by expected end", "expected", "found", box=None, pad_edge=False, header_style="bold"
    )
    ordinary = [each for each in play.parts if not each.trouble]
    ends = Counter(each.expected.sentence.partition(":")[0] for each in ordinary)
    good = Counter(each.expected.sentence.partition(":")[0] for each in ordinary if play.is_as_expected(each))
    for end, number in ends.items():
        shown.add_row(f"{end}, with the published amounts" if end == "approved" else end, str(number), str(good[end]))
    return shown


def _troubles(play: Play) -> Table:
    shown = Table("trouble", "expected", "found", "", box=None, pad_edge=False, header_style="bold")
    for each in play.parts:
        if each.trouble:
            mark = YES if play.is_as_expected(each) else NO
            shown.add_row(each.trouble, each.expected.sentence, play.courses[each.claim_id].found, mark)
    return shown
