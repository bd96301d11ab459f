"""The README's process tables: plans, steps, answers, waits, decisions and unasked messages, as `process.py` has them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from claims_cli.catalog.effects import due, duration, name_of, reminder, said, words
from claims_cli.catalog.markdown import code, table
from claims_orchestrator.appeals import SENTENCES
from claims_orchestrator.process import (
    ANY,
    APPEAL,
    APPEAL_REFUSALS,
    DECISIONS,
    NOTICE,
    OUTCOMES,
    PLANS,
    SPECIAL_DECISIONS,
    STEPS,
    UNASKED,
    WAITS,
    Clocks,
    Step,
)
from claims_orchestrator.referrals import (
    DETECTED,
    REFERRAL_OWNERS,
    SUPERVISORS,
    TASK_DUE,
    TASK_DUE_OTHERWISE,
    TASKS,
    Give,
    Held,
    LetGo,
    Refused,
    Take,
    TaskEffect,
)
from claims_shared.law.statutory import FEDERAL
from claims_shared.messages.desk import DecisionKind
from claims_shared.messages.lifecycle import Phase

NOTE: Final = (
    "Generated from `process.py` and `referrals.py` in services/orchestrator/claims_orchestrator by `make catalog`; a test "
    "compares. "
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


APPEALS_TITLE: Final = (
    "**Appeals.** What a person may decide on an appeal, and when not. Determinations are superseded, never edited: both stand "
    "in the history. What a denial gave back (the identity check's hold, the interview) is asked anew once it is reversed."
)
REFERRALS_TITLE: Final = (
    "**Referrals.** Who decides, and by when; every other reason goes to its step's owner. What is not decided by then is "
    f"escalated: it is the {SUPERVISORS}', whoever had it keeps it, and nothing else changes: time decides nothing."
)
TASKS_TITLE: Final = (
    "**Tasks.** A referral is somebody's task: what each message about it means, by who has it. Who gets it must be known, "
    "not on leave, of its queue and agency, and free of conflicts of interest (for what is overdue: a supervisor). While "
    "somebody works on it, only they or a supervisor decide it."
)
MOVES: Final[Mapping[type[TaskEffect], str]] = {
    Give: "it is assigned to them",
    Take: "they work on it",
    LetGo: "nobody has it",
}


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
    yield APPEALS_TITLE, _appeals()
    yield REFERRALS_TITLE, _owners()
    yield TASKS_TITLE, _tasks()
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
    every = {"of a step": DECISIONS} | {
        code(reason): allowed for reason, allowed in SPECIAL_DECISIONS.items() if reason != APPEAL
    }
    kinds = [kind for kind in DecisionKind if any(kind in allowed for allowed in every.values())]
    rows = [
        (referral, *(said(allowed[kind]) if kind in allowed else "not allowed" for kind in kinds))
        for referral, allowed in every.items()
    ]
    return table(("referral", *(kind.value for kind in kinds)), rows)


def _appeals() -> str:
    """Give a row a decision: what follows, and why it is refused."""
    rows = [
        (kind.value, said(effects), "; ".join(map(_refusal, APPEAL_REFUSALS[kind])))
        for kind, effects in SPECIAL_DECISIONS[APPEAL].items()
    ]
    return table(("decision", "what follows", "refused where"), rows)


def _refusal(why: str) -> str:
    return f"{code(why)}: {SENTENCES[why].format(number='N')}"


def _needs() -> str:
    needs = [f"{step.needed_by} needs the result of {words(name)}" for name, step in STEPS.items() if step.needed_by]
    return f"To continue is refused while a result is missing: {', '.join(needs)}."


def _owners() -> str:
    reasons = dict.fromkeys((*REFERRAL_OWNERS, *TASK_DUE))
    rows = [(code(reason), REFERRAL_OWNERS.get(reason, "the step's owner"), _task_due(reason)) for reason in reasons]
    rows.append(("any other", "the step's owner", duration(TASK_DUE_OTHERWISE)))
    return table(("reason", "who", "due after"), rows)


def _task_due(reason: str) -> str:
    within = duration(TASK_DUE.get(reason, TASK_DUE_OTHERWISE))
    detected = [code(change) for change in DETECTED.get(reason, {}).values()]
    return f"{within}, counted from {' or '.join(detected)}" if detected else within


def _tasks() -> str:
    """Give a row a message: what it means, by who has the referral that it names."""
    rows = [(name_of(message), *(_move(by_holder[held]) for held in Held)) for message, by_holder in TASKS.items()]
    return table(("message", *(held.value for held in Held)), rows)


def _move(effect: TaskEffect) -> str:
    return f"refused ({code(effect.code)})" if isinstance(effect, Refused) else MOVES[type(effect)]


def _unasked() -> str:
    phases = (Phase.OPEN, Phase.APPROVED, Phase.DENIED, Phase.WITHDRAWN)
    rows = [
        (name_of(message), *(said(by_phase[phase]) if phase in by_phase else "ignored" for phase in phases))
        for message, by_phase in UNASKED.items()
    ]
    return table(("message", *(phase.value for phase in phases)), rows)
