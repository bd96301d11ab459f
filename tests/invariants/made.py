"""Histories made by hand, as they should be, for the judge's own tests: Ada is approved, Robert withdraws, Carla appeals."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from tests.invariants.check import check
from tests.invariants.instants import maybe, millis
from tests.invariants.moved import Away
from tests.invariants.names import DETERMINATIONS
from tests.invariants.seen import LIFECYCLE, Findings, Invite, Mail, Seen, Stored
from tests.invariants.tasks import Worker

INTAKE, DESK = "claims.intake.submissions.v1", "claims.desk.submissions.v1"
OWNERS = {"identity": "identity", "eligibility": "eligibility", "benefit": "benefits", "orientation": "scheduler"}
ASKS = {
    "identity": "identity.verify.v1",
    "eligibility": "eligibility.determine.v1",
    "benefit": "benefits.compute.v1",
    "orientation": "scheduler.schedule-interview.v1",
}
UNDOES = {"identity": "identity.release.v1", "orientation": "scheduler.cancel-interview.v1"}
CASEWORKER, INTERVIEW_AT = "UT-0001", "2026-12-01T16:00:00Z"
NOW = millis("2026-11-24T13:00:00Z")


@dataclass
class Made:
    """A whole world as the judge is given it. What the tests break, they break in here."""

    records: list[Seen] = field(default_factory=list)
    documents: dict[str, dict[str, Stored]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    minute: int = 0

    def judged(self, **more: Any) -> Findings:
        given = {"now": NOW, "returned": self.returned, "away": self.away, "staff": STAFF}
        return check(self.records, self.documents, self.mails, **(given | more))

    # --- making -----------------------------------------------------------------------------------

    def put(self, topic: str, kind: str, name: str, claim: str, /, *, cause: str = "", **body: Any) -> Seen:
        self.minute += 1
        headers = {"ce_id": name, "ce_type": kind, "ce_source": topic.rsplit(".", 2)[0], "ce_time": self.time()}
        headers |= {"ce_causationid": cause} if cause else {}
        headers |= {"ce_sequence": str(body["sequence"])} if topic == LIFECYCLE else {}
        body = {"claim_id": claim} | body
        seen = Seen(topic, 0, len(self.records), claim, headers, json.dumps(body).encode(), NOW)
        self.records.append(seen)
        return seen

    def time(self) -> str:
        return f"2026-11-24T12:{self.minute:02}:00Z"

    def store(self, shape: str, name: str, body: Any, due_at: int | None = None) -> None:
        stored = Stored(name, 1, 0, msgspec.msgpack.encode(body), due_at)
        self.documents.setdefault(shape, {})[name] = stored

    # --- breaking ---------------------------------------------------------------------------------

    def find(self, name: str) -> int:
        return next(number for number, each in enumerate(self.records) if each.id == name)

    def drop(self, *names: str) -> None:
        self.records = [each for each in self.records if each.id not in names]

    def change(self, name: str, **fields: Any) -> None:
        """Change fields of a body, or, with `headers` and `topic`, of its record."""
        at = self.find(name)
        self.records[at] = self._changed(self.records[at], **fields)

    def repeat(self, name: str, new: str | None = None, **fields: Any) -> None:
        """Add a record once more, under a new name if given."""
        self.records.append(self._changed(self.records[self.find(name)], new=new, **fields))

    def _changed(self, seen: Seen, *, new: str | None = None, **fields: Any) -> Seen:
        headers = dict(seen.headers) | fields.pop("headers", {}) | ({"ce_id": new} if new else {})
        offset = len(self.records) + 100 if new else seen.offset
        topic = fields.pop("topic", seen.topic)
        body = json.dumps(seen.data | fields).encode()
        return replace(seen, headers=headers, offset=offset, topic=topic, body=body)

    def document(self, shape: str, name: str, **fields: Any) -> None:
        self.store(shape, name, self.documents[shape][name].data | fields)

    def undocument(self, shape: str, name: str) -> None:
        del self.documents[shape][name]


class Life:
    """One claim's life in the making."""

    def __init__(self, made: Made, claim: str) -> None:
        self.made = made
        self.claim = claim
        self.number = 0
        self.open: dict[str, dict[str, Any]] = {}
        self.events: list[Seen] = []
        self.taken: list[tuple[str, Seen]] = []
        self.evidence: list[bytes] = []
        self.appeals: list[dict[str, Any]] = []
        person = {"ssn": f"900-12-{len(claim):04}", "email": f"{claim}@example.org", "first_name": claim}
        self.submitted = made.put(
            INTAKE,
            "claim.submitted.v1",
            f"{claim}-s",
            claim,
            claimant=person,
            filed_at=made.time(),
            separation={"explanation": "The mill closed."},
        )

    def event(
        self, kind: str, change: str, cause: Seen, *entries: dict[str, Any], phase: str = "open", **more: Any
    ) -> None:
        """Say a transition: `entries` are opened by it; commands are sent after it."""
        self.number += 1
        self.made.minute += 1
        at = self.made.time()
        for entry in entries:
            entry |= {"id": f"{self.claim}/{entry.pop('label')}/{self.number}", "since": at}
            self.open[entry["id"]] = entry
        shown = [{name: value for name, value in each.items() if name != "ask"} for each in self.open.values()]
        head = {"sequence": self.number, "at": at, "change": change, "phase": phase, "step": None, "open": shown}
        same = {"lane": "standard", "lane_reasons": [], "portal": "p", "portal_ref": "r"}
        same |= {"jurisdiction": "UT", "claim_type": "new", "program": "UI"}
        name = f"{self.claim}/{self.number}"
        self.events.append(self.made.put(LIFECYCLE, kind, name, self.claim, cause=cause.id, **head, **same, **more))
        for entry in entries:
            self.ask(entry, cause)

    def ask(self, entry: dict[str, Any], cause: Seen) -> None:
        if not entry.get("ask"):
            return
        topic, kind, more = entry["ask"]
        name = f"{entry['id']}/{entry['attempt']}"
        body = {"effect_id": entry["id"], "attempt": entry["attempt"]} | more
        self.made.put(f"claims.{topic}.commands.v1", kind, name, self.claim, cause=cause.id, **body)

    def answer(self, label: str, kind: str, /, **more: Any) -> Seen:
        """Let a service answer what is open under this label; the entry is closed by the next event."""
        entry = next(each for name, each in self.open.items() if f"/{label}/" in name)
        del self.open[entry["id"]]
        topic = f"claims.{entry['ask'][0]}.events.v1"
        command = f"{entry['id']}/{entry['attempt']}"
        name = f"{command}/answer"
        seen = self.made.put(
            topic, kind, name, self.claim, cause=command, answers=entry["id"], attempt=entry["attempt"], **more
        )
        if entry["kind"] == "command":
            self.taken.append((entry["step"], seen))
        return seen

    def command(self, step: str, **more: Any) -> dict[str, Any]:
        return self._entry("command", step, step, (OWNERS[step], ASKS[step], more))

    def undo(self, step: str, of: str) -> dict[str, Any]:
        return self._entry("undo", f"undo-{step}", step, (OWNERS[step], UNDOES[step], {"undoes": of}))

    def notice(self, kind: str) -> dict[str, Any]:
        more = {"notice": kind, "email": f"{self.claim}@example.org"}
        return self._entry("notice", f"notice-{kind}", None, ("scheduler", "scheduler.send-notice.v1", more))

    def _entry(self, kind: str, label: str, step: str | None, ask: Any) -> dict[str, Any]:
        entry = {"kind": kind, "label": label, "step": step, "owner": "somebody", "reason": None, "attempt": 1}
        return entry | {"due_at": "2026-11-24T14:00:00Z", "retry_at": None, "remind_at": None, "ask": ask}

    def waits(self) -> dict[str, Any]:
        entry = self._entry("evidence", "evidence", "identity", None)
        return entry | {"due_at": "2026-12-04T12:00:00Z", "remind_at": "2026-11-27T12:00:00Z"}

    def clock(self) -> dict[str, Any]:
        """The first payment's: two weeks from Sunday the 22nd, and 14 days."""
        entry = self._entry("clock", "clock-first_payment", None, None) | {"reason": "first_payment"}
        instants = {"forecast_at": "2026-12-16T07:00:00Z", "due_at": "2026-12-20T06:59:59.999000Z"}
        instants |= {"started_at": "2026-12-06T06:59:59.999000Z", "failed_at": "2027-01-10T06:59:59.999000Z"}
        clock = {"name": "first_payment", "citation": "20 CFR 640.5", "state": "running", **instants}
        return entry | {"due_at": clock["due_at"], "remind_at": clock["forecast_at"], "clock": clock}

    def ended(self) -> list[dict[str, Any]]:
        """Take the clocks out, and say what became of them."""
        gone = [name for name, each in self.open.items() if each["kind"] == "clock"]
        return [{"name": self.open.pop(name)["reason"], "outcome": "met"} for name in gone]

    def referral(self, reason: str) -> dict[str, Any]:
        entry = self._entry("referral", f"referral-{reason}", None, None)
        return entry | {"due_at": "2026-11-27T12:00:00Z", "reason": reason}

    def verify(self) -> dict[str, Any]:
        return self.command("identity", ssn=f"900-12-{len(self.claim):04}", claim_type="new", filed_at=self.made.time())

    def schedule(self) -> dict[str, Any]:
        return self.command("orientation", kind="orientation", email=f"{self.claim}@example.org")

    def done(self) -> None:
        """Store the claim, and what the scheduler waits for, as the newest event says."""
        last = self.events[-1].data
        stored = {name: last[name] for name in ("phase", "step", "lane", "lane_reasons", "portal", "portal_ref")}
        stored |= {name: last[name] for name in ("jurisdiction", "claim_type", "program")}
        stored |= {"number": last["sequence"], "updated_at": millis(last["at"]), "facts": self.submitted.body}
        stored["open"] = {each["id"]: _stored(each) for each in last["open"]}
        stored["results"] = {step: {"wire": each.kind, "body": each.body} for step, each in self.taken}
        stored["evidence"] = self.evidence
        stored["appeals"] = self.appeals
        stored["determinations"] = [
            {
                "number": each.data["determination_number"],
                "event": each.data["sequence"],
                "wire": each.kind,
                "body": each.body,
            }
            for each in self.events
            if each.kind in DETERMINATIONS
        ]
        stored["history"] = [
            {
                "number": each.data["sequence"],
                "at": millis(each.data["at"]),
                "change": each.data["change"],
                "cause": each.cause,
            }
            for each in self.events
        ]
        newest = self.events[-1]
        stored["outbox"] = [[LIFECYCLE, newest.kind, newest.id, self.claim, newest.body, 0, "claims.orchestrator"]]
        self.made.store("claims", self.claim, stored)
        waits = [
            (each["id"], kind, millis(each[f"{kind}_at"]) * 1000, None)
            for each in last["open"]
            for kind in KINDS
            if each[f"{kind}_at"]
        ]
        if waits:
            self.made.store("waits", self.claim, [self.number, waits, "cause"])


KINDS = ("due", "retry", "remind")


def _stored(entry: dict[str, Any]) -> dict[str, Any]:
    instants = {kind: maybe(entry[f"{kind}_at"]) for kind in ("due", "retry")}
    remind = maybe(entry["remind_at"])
    kept = {name: entry[name] for name in ("id", "kind", "step", "owner", "reason", "attempt")}
    held = {"assignee": entry.get("assignee"), "claimed_at": maybe(entry.get("claimed_at"))}
    held |= {"overdue": maybe(entry.get("overdue_since"))}
    return kept | instants | held | {"since": millis(entry["since"]), "remind": [remind] if remind else []}


def _to_the_interview(life: Life, caseworker: str) -> Seen:
    """Go the way of every claim until its interview is booked."""
    made = life.made
    life.event("claim.accepted.v1", "accepted", life.submitted, life.verify())
    verified = life.answer("identity", "identity.verified.v1", checked_at=made.time())
    life.event("claim.progressed.v1", "identity.verified", verified, life.command("eligibility"))
    eligible = life.answer("eligibility", "eligibility.claimant-eligible.v1")
    life.event("claim.progressed.v1", "eligibility.claimant-eligible", eligible, life.command("benefit"))
    amounts = {"weekly_benefit_amount": "395.00", "maximum_benefit_amount": "10270.00"}
    computed = life.answer("benefit", "benefits.benefit-computed.v1", **amounts)
    life.event("claim.progressed.v1", "benefit.benefit-computed", computed, life.schedule())
    slot = {"interview_at": INTERVIEW_AT, "minutes": 30, "caseworker_ref": caseworker}
    return life.answer("orientation", "scheduler.interview-scheduled.v1", **slot)


def _registered(made: Made, claim: str, effect: str, *, undone: bool = False) -> None:
    made.store("identity", claim, {"effects": {effect: [None if undone else f"person of {claim}", [], undone]}})
    if not undone:
        made.store("persons", f"person of {claim}", {"claims": [[claim, effect, "new", 0, b""]], "undone": []})


def _booked(made: Made, claim: str, effect: str, caseworker: str, *, cancelled: bool = False) -> None:
    at = millis(INTERVIEW_AT)
    body = {"id": effect, "claim_id": claim, "slot": [caseworker, at, 30], "cancelled": cancelled}
    made.store("effects", effect, body)
    made.store("slots", f"{caseworker}@{at}", [[caseworker, at, 30], None if cancelled else effect])


def ada(made: Made) -> None:
    """She is approved and hears of it."""
    life = Life(made, "ada")
    booked = _to_the_interview(life, "UT-0001")
    amounts = {"weekly_benefit_amount": "395.00", "maximum_benefit_amount": "10270.00", "interview_at": INTERVIEW_AT}
    life.event(
        "claim.approved.v1",
        "approved",
        booked,
        life.notice("approved"),
        phase="approved",
        determination_number=1,
        **amounts,
    )
    sent = life.answer("notice-approved", "scheduler.notice-sent.v1", message_id="<ada.n>", sent_at=made.time())
    life.event("claim.progressed.v1", "notice.notice-sent", sent, phase="approved")
    life.done()
    made.mails += [
        Mail("ada@example.org", "<ada.i>", b"come", 1, Invite("ada/orientation/4", 0, "REQUEST")),
        Mail("ada@example.org", "<ada.n>", b"approved", 2),
    ]
    _registered(made, "ada", "ada/identity/1")
    _booked(made, "ada", "ada/orientation/4", "UT-0001")


def robert(made: Made) -> None:
    """He takes his claim back once his interview is booked; the notice of it comes back."""
    life = Life(made, "robert")
    booked = _to_the_interview(life, "UT-0002")
    life.event("claim.referred.v1", "orientation.interview-scheduled", booked, life.referral("unclear"), life.clock())
    ended = life.ended()
    life.open.clear()
    withdrawal = made.put(INTAKE, "claim.withdrawal-requested.v1", "robert-w", "robert", reason="I found work again.")
    undoes = (life.undo("orientation", "robert/orientation/4"), life.undo("identity", "robert/identity/1"))
    life.event(
        "claim.withdrawn.v1",
        "withdrawn",
        withdrawal,
        *undoes,
        life.notice("withdrawn"),
        phase="withdrawn",
        clocks_ended=ended,
    )
    for label, kind, more in (
        ("undo-orientation", "scheduler.interview-cancelled.v1", {}),
        ("undo-identity", "identity.released.v1", {}),
        ("notice-withdrawn", "scheduler.notice-sent.v1", {"message_id": "<robert.n>", "sent_at": made.time()}),
    ):
        answer = life.answer(label, kind, **more)
        life.event("claim.progressed.v1", f"{label}.done", answer, phase="withdrawn")
    more = {"effect_id": "robert/notice-withdrawn/6", "mail": 0, "status": "5.1.1"}
    name = "robert/notice-withdrawn/6/bounced/0"
    back = made.put("claims.scheduler.events.v1", "scheduler.notice-bounced.v1", name, "robert", **more)
    life.event("claim.referred.v1", "scheduler.notice-bounced", back, life.referral("undeliverable"), phase="withdrawn")
    life.done()
    made.returned.append("<robert.n>")
    made.mails += [
        Mail("robert@example.org", "<robert.i0>", b"come", 1, Invite("robert/orientation/4", 0, "REQUEST")),
        Mail("robert@example.org", "<robert.i1>", b"do not come", 2, Invite("robert/orientation/4", 1, "CANCEL")),
        Mail("robert@example.org", "<robert.n>", b"withdrawn", 3),
    ]
    _registered(made, "robert", "robert/identity/1", undone=True)
    _booked(made, "robert", "robert/orientation/4", "UT-0002", cancelled=True)


def cynthia(made: Made) -> None:
    """She is asked for evidence and has not answered yet."""
    life = Life(made, "cynthia")
    life.event("claim.accepted.v1", "accepted", life.submitted, life.verify())
    needed = life.answer("identity", "identity.evidence-needed.v1", reason="no_match", wanted=["ssn"])
    life.event(
        "claim.progressed.v1",
        "identity.evidence-needed",
        needed,
        life.waits(),
        life.notice("evidence_wanted"),
        life.clock(),
    )
    sent = life.answer("notice-evidence_wanted", "scheduler.notice-sent.v1", message_id="<cyn.n>", sent_at=made.time())
    life.event("claim.progressed.v1", "notice.notice-sent", sent)
    life.done()
    made.mails.append(Mail("cynthia@example.org", "<cyn.n>", b"wanted", 1))
    _registered(made, "cynthia", "cynthia/identity/1")


def toni(made: Made) -> None:
    """The law is not known: Kim begins, is late, and Bo has it in Kim's stead and begins."""
    life = Life(made, "toni")
    life.event("claim.accepted.v1", "accepted", life.submitted, life.verify())
    verified = life.answer("identity", "identity.verified.v1", checked_at=made.time())
    life.event("claim.progressed.v1", "identity.verified", verified, life.command("eligibility"))
    failed = life.answer("eligibility", "eligibility.check-failed.v1", kind="permanent", reason="no_pack")
    task = life.referral("no_pack") | {"due_at": "2026-11-24T12:31:50Z", "owner": "adjudication"}
    life.event("claim.referred.v1", "eligibility.check-failed", failed, task, life.clock())
    name = {"answers": task["id"]}
    for kind, more, becomes in (
        ("task.claimed.v1", {"caseworker_ref": "kim"}, {"assignee": "kim", "claimed_at": True}),
        ("task.released.v1", {"caseworker_ref": "kim"}, {"assignee": None, "claimed_at": None}),
        ("task.assigned.v1", {"caseworker_ref": "kim", "instead_of": None}, {"assignee": "kim"}),
        ("", {}, {"due_at": None, "overdue_since": task["due_at"], "owner": "supervisors"}),
        ("task.assigned.v1", {"caseworker_ref": "bo", "instead_of": "kim"}, {"assignee": "bo"}),
        ("task.claimed.v1", {"caseworker_ref": "bo"}, {"claimed_at": True}),
    ):
        if kind:
            cause = made.put(DESK, kind, f"toni-{made.minute}", "toni", **name, **more)
        else:
            made.minute = 30
            fired = {"wait": "due", "armed_for": task["due_at"]}
            cause = made.put(
                "claims.scheduler.events.v1", "scheduler.deadline-passed.v1", "toni-due", "toni", **name, **fired
            )
            made.records[-1].headers["ce_time"] = "2026-11-24T12:32:00Z"
        at = f"2026-11-24T12:{made.minute + 1:02}:00Z"
        now = life.open[task["id"]] | {key: at if value is True else value for key, value in becomes.items()}
        life.open[task["id"]] = now
        life.event("claim.progressed.v1", "eligibility.moved", cause)
    life.done()
    _registered(made, "toni", "toni/identity/1")


def carla(made: Made) -> None:
    """She is denied, appeals in time, and the denial is reversed: she is approved."""
    life = Life(made, "carla")
    life.event("claim.accepted.v1", "accepted", life.submitted, life.command("eligibility"))
    poor = life.answer("eligibility", "eligibility.claimant-ineligible.v1")
    denied = {"phase": "denied", "determination_number": 1, "appeal_by": "2026-12-09"}
    life.event("claim.denied.v1", "denied", poor, **denied)
    filed = {"determination_number": None, "received_at": made.time()}
    appeal = made.put(INTAKE, "claim.appeal-filed.v1", "carla-a", "carla", **filed)
    about = {"determination_number": 1, "received_on": "2026-11-24", "appeal_by": "2026-12-09"}
    task = life.referral("appeal") | {"appeal": about | {"timeliness": "timely", "late_days": 0}}
    life.event("claim.referred.v1", "claim.appeal-filed", appeal, task, phase="denied")
    kept = {"entry": task["id"], "against": 1, "received_on": "2026-11-24", "appeal_by": "2026-12-09"}
    life.appeals.append(kept | {"decision": "reverse"})
    del life.open[task["id"]]
    decided = {"answers": task["id"], "decision": "reverse", "decided_by": "Kim"}
    reversal = made.put(DESK, "referral.decided.v1", "carla-r", "carla", **decided)
    reasons = [{"code": "appeal_reversed"}]
    life.event(
        "claim.approved.v1",
        "approved",
        reversal,
        phase="approved",
        determination_number=2,
        appeal_by="2026-12-09",
        reasons=reasons,
    )
    life.done()


STAFF = {
    "kim": Worker({"adjudication"}, supervisor="bo"),
    "lin": Worker({"adjudication"}, supervisor="bo"),
    "bo": Worker({"adjudication"}),
    "uncle": Worker({"adjudication"}, {"E-1"}, "bo"),
    "temp": Worker({"mail room"}),
}


def right() -> Made:
    """Give a world in which every promise is kept."""
    made = Made()
    for life in (ada, robert, cynthia, toni, carla):
        life(made)
        made.minute = 0
    return made
