"""The README's process tables: plans, steps, answers, waits, decisions and unasked messages, as `process.py` has them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from claims_cli.catalog.effects import due, duration, name_of, reminder, said, words
from claims_cli.catalog.markdown import code, table
from claims_orchestrator.process import (
    ANY,
    DECISIONS,
    NOTICE,
    OUTCOMES,
    PLANS,
    REFERRAL_OWNERS,
    SPECIAL_DECISIONS,
    STEPS,
    UNASKED,
    WAITS,
    Clocks,
    Step,
)
from claims_shared.law.statutory import FEDERAL
from claims_shared.messages.desk import DecisionKind
from claims_shared.messages.lifecycle import Phase

NOTE: Final = (
    "Generated from `services/orchestrator/claims_orchestrator/process.py` by `make catalog`; a test compares. "
    "The clocks are the defaults; settings may change them."
)
STEPS_TITLE: Final = (
    "**Steps.** A late step is asked again and nothing else changes; late "
    f"{Clocks().patience} times, or its retries used up, a person is asked, and a late answer still counts."
)
CLOCKS_TITLE: Final = (
    "**Clocks.** What the law runs on a claim that something delays; days are the agency's. It forecasts, is late, has failed: "
    "each is an event, nothing is decided by it, and a forecast gives the claim precedence. [The data]"
    "(shared/claims_shared/law/clocks) name the source of every value; a state's own stand before these."
)


def block() -> str:
    """Give the block."""
    sections = "\n\n".join(f"{title}\n\n{body}" for title, body in _sections())
    return f"{NOTE}\n\n{sections}"


def _sections() -> Iterator[tuple[str, str]]:
    yield "**Plans.** A claim goes through these steps; an approval ends a plan.", _plans()
    yield STEPS_TITLE, _steps()
    yield "**Answers.** What each answer means to the step that asked.", _outcomes()
    yield (
        "**Waits.** What the claim waits for outside the agency. Whole days are the agency's: they end with the last one.",
        _waits(),
    )
    yield CLOCKS_TITLE, _clocks()
    yield f"**Decisions.** What a person may decide on a referral. {_needs()}", _decisions()
    yield "**Referrals.** Who decides; every other reason goes to its step's owner.", _owners()
    yield "**Unasked.** What nobody asked for, by where the claim stands.", _unasked()


def _plans() -> str:
    rows = [(kind.value, " → ".join(map(words, plan))) for kind, plan in PLANS.items()]
    return table(("claim", "steps"), rows)


def _steps() -> str:
    heads = ("step", "asks", "undone by", "late after", "asked again after", "who acts then", "alert after")
    return table(heads, [_step(words(name), step) for name, step in {**STEPS, "notice": NOTICE}.items()])


def _step(name: str, step: Step) -> tuple[str, ...]:
    undo = name_of(step.undo) if step.undo else "nothing to undo"
    retries = ", ".join(map(duration, step.retries)) or "never"
    return (
        name,
        name_of(step.command),
        undo,
        duration(step.late_after),
        retries,
        step.owner,
        duration(step.too_long_after),
    )


def _outcomes() -> str:
    rows = [
        ("any" if step == ANY else words(step), name_of(answer), said(effects))
        for (step, answer), effects in OUTCOMES.items()
    ]
    return table(("step", "answer", "what follows"), rows)


def _waits() -> str:
    heads = ("wait", "whose", "until", "reminded", "answered", "silence")
    rows = [
        (kind.value, wait.owner, due(wait), reminder(wait), said(wait.then), said(wait.silence))
        for kind, wait in WAITS.items()
    ]
    return table(heads, rows)


def _clocks() -> str:
    """Give a row a value: the federal ones in force now, with their sources."""
    law = Clocks().law.references(FEDERAL, date.max)
    rows = [
        (words(path.split(".")[1]), words(path.split(".")[2]), str(entry.value), entry.reference, words(entry.trust))
        for path, entry in law.items()
    ]
    return table(("clock or wait", "what", "value", "source", "trust"), rows)


def _decisions() -> str:
    """Give a row a kind of referral: the ordinary one, which stands for a step, first."""
    every = {"of a step": DECISIONS} | {code(reason): allowed for reason, allowed in SPECIAL_DECISIONS.items()}
    rows = [
        (referral, *(said(allowed[kind]) if kind in allowed else "not allowed" for kind in DecisionKind))
        for referral, allowed in every.items()
    ]
    return table(("referral", *(kind.value for kind in DecisionKind)), rows)


def _needs() -> str:
    needs = [f"{step.needed_by} needs the result of {words(name)}" for name, step in STEPS.items() if step.needed_by]
    return f"To continue is refused while a result is missing: {', '.join(needs)}."


def _owners() -> str:
    return table(("reason", "who"), [(code(reason), owner) for reason, owner in REFERRAL_OWNERS.items()])


def _unasked() -> str:
    phases = (Phase.OPEN, Phase.APPROVED, Phase.DENIED, Phase.WITHDRAWN)
    rows = [
        (name_of(message), *(said(by_phase[phase]) if phase in by_phase else "ignored" for phase in phases))
        for message, by_phase in UNASKED.items()
    ]
    return table(("message", *(phase.value for phase in phases)), rows)
