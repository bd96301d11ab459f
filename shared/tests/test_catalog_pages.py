"""The committed pages, schemas and tables are what the code says today; nothing of the wire is left out of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from claims_cli.catalog import asyncapi, effects, field_types, generated, glossary, process_tables, readme, samples
from claims_cli.catalog.__main__ import main
from claims_cli.catalog.schemas import parts_of, schema_of
from claims_orchestrator import process, referrals
from claims_shared.messages.catalog import BY_STREAM, BY_WIRE, MESSAGES, TOPICS
from claims_shared.messages.fields import Message

ROOT = Path(__file__).parents[2]
WANTED = generated.generate(ROOT)
DOCUMENT = asyncapi.document(samples.newest(ROOT))
REFERENCE = re.compile(r"^[A-Za-z0-9._-]+$")


def test_what_is_committed_is_what_make_catalog_would_write():
    assert generated.stale(ROOT, WANTED) == []


def test_every_run_writes_the_same_whatever_the_order_of_sets():
    command = [sys.executable, "-m", "claims_cli.catalog", "--check"]
    run = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.fixture
def copy(tmp_path):
    """A repository with golden samples and everything generated."""
    folder = tmp_path / samples.FOLDER
    folder.mkdir(parents=True)
    for path in (ROOT / samples.FOLDER).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / readme.PORTAL).parent.mkdir(parents=True)
    (tmp_path / readme.PORTAL).write_bytes((ROOT / readme.PORTAL).read_bytes())
    generated.write(tmp_path, generated.generate(tmp_path))
    return tmp_path


def test_a_fresh_repository_gets_everything_and_is_then_up_to_date(copy):
    main(check=True, root=copy)
    assert (copy / "README.md").read_text().startswith("# Claimworks\n")


def test_the_check_names_what_is_stale_missing_or_left_over(copy):
    (copy / "docs/catalog.md").write_text("something else")
    (copy / "docs/asyncapi.json").unlink()
    (copy / "docs/schemas/claim.forgotten.v1.json").write_text("{}")
    with pytest.raises(SystemExit) as stopped:
        main(check=True, root=copy)
    assert [line.split()[1] for line in str(stopped.value).splitlines()] == [
        "docs/catalog.md",
        "docs/asyncapi.json",
        "docs/schemas/claim.forgotten.v1.json",
    ]
    main(root=copy)
    main(check=True, root=copy)


def test_a_message_without_a_golden_sample_stops_it(copy):
    (copy / samples.FOLDER / "claim.denied.v1.json").unlink()
    with pytest.raises(SystemExit, match=r"no golden sample of claim\.denied\.v1"):
        main(root=copy)


def test_the_readme_is_ours_only_between_the_markers():
    old = f"before\n{readme.begin('process')}\nold\n{readme.end('process')}\nafter\n"
    placed = readme.placed(old, "process", "new")
    assert placed.startswith("before\n<!--")
    assert placed.endswith("-->\nafter\n")
    assert "\nold\n" not in placed
    with pytest.raises(ValueError, match="put both lines"):
        readme.placed("no markers", "process", "new")


# --- nothing is left out ------------------------------------------------------------------------


def test_every_field_has_its_sentence_and_every_sentence_a_field():
    fields = {(part, name) for each in BY_WIRE.values() for part in parts_of(each.model) for name in part.model_fields}
    assert all(glossary.meaning(*field) for field in fields)
    names = {name for _, name in fields}
    own = {f"{each.__name__}.{name}" for part, name in fields for each in part.__mro__ if issubclass(each, Message)}
    assert set(glossary.meanings()) - names - own == set()


def test_the_page_shows_every_topic_message_field_and_sample():
    page = WANTED[generated.DOCS / "catalog.md"]
    for topic in TOPICS:
        assert f"\n## {topic.name}\n" in page
        assert all(f"`{name}`" in page for name in (*topic.streams, *topic.letters))
    for wire, listing in BY_WIRE.items():
        section = page.partition(f"\n### {wire}\n")[2].partition("\n### ")[0]
        assert listing.model.__name__ in section
        assert "```json" in section
        assert all(f"| `{name}` |" in section for name in listing.model.model_fields)


def test_every_link_of_the_page_leads_somewhere():
    page = WANTED[generated.DOCS / "catalog.md"]
    anchors = {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in page.splitlines()}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) - anchors == set()
    assert all(generated.DOCS / path in WANTED for path in re.findall(r"\]\((schemas/[^)]+json)\)", page))


def test_every_code_by_which_a_submission_is_refused_is_explained():
    orchestrator = (ROOT / "services/orchestrator/claims_orchestrator/decide.py").read_text()
    decoding = (ROOT / "shared/claims_shared/decoding.py").read_text()
    used = set(re.findall(r'refused\(\s*"(\w+)"', orchestrator))
    used |= (given_up := set(re.findall(r'GivenUp\([^"]*"(\w+)"', orchestrator)))
    used |= set(re.findall(r'"((?:not|wrong|null|too|unknown)_\w+)"', decoding))
    assert given_up >= {"undecodable", "claim_never_came", "parked_overflow"}
    assert len(used) > 10
    assert used - set(glossary.refusals()) == set()


def test_a_field_s_type_is_said_with_its_limits():
    schema = schema_of(BY_WIRE["claim.submitted.v1"])
    types = {name.strip("`"): type_ for name, type_, _, _ in field_types.rows(schema)}
    assert types["claim_id"] == "claim id"
    assert types["filed_at"] == "instant"
    assert types["discharged_on"] == "date or null"
    assert types["hardship"] == "text, at most 200 characters, or null"
    assert types["wages"] == "list of [Wage](#wage), at most 200"
    wage = dict(row[:2] for row in field_types.rows(schema["$defs"]["Wage"]))
    assert wage["`amount`"] == "money"
    assert wage["`weeks_worked`"] == "whole number, 0 to 14, or null"


def test_the_readme_says_every_plan_step_answer_decision_and_unasked_message():
    block = process_tables.block()
    messages = {message for _, message in process.OUTCOMES} | set(process.UNASKED)
    assert all(f"| {effects.name_of(message)} |" in block for message in messages)
    assert all(f"| {effects.words(step)} |" in block for step in process.STEPS)
    assert all(f"| {kind.value} |" in block for kind in process.PLANS)
    assert all(f"| `{reason}` |" in block for reason in (*process.SPECIAL_DECISIONS, *referrals.REFERRAL_OWNERS))


# --- AsyncAPI -------------------------------------------------------------------------------------


def test_the_document_is_asyncapi_3_by_faststream_s_own_model():
    ApplicationSchema.model_validate(DOCUMENT)
    assert DOCUMENT["asyncapi"] == "3.0.0"


def test_every_message_of_every_stream_is_in_the_document_with_a_title():
    streams = {stream: set(MESSAGES[topic]) for stream, topic in BY_STREAM.items()}
    assert {name: set(channel["messages"]) for name, channel in DOCUMENT["channels"].items()} == streams
    titles = {wire: message["title"] for wire, message in DOCUMENT["components"]["messages"].items()}
    assert titles == {wire: listing.model.__name__ for wire, listing in BY_WIRE.items()}


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        found = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_names_are_those_that_asyncapi_allows():
    components = DOCUMENT["components"]
    names = [*DOCUMENT["channels"], *DOCUMENT["operations"], *components["messages"], *components["schemas"]]
    assert [name for name in names if not REFERENCE.match(name)] == []


def test_an_operation_names_only_messages_of_its_channel():
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])


def test_each_topic_has_one_writer_and_its_readers():
    for topic in TOPICS:
        for stream in topic.streams:
            about = [each for each in DOCUMENT["operations"].values() if each["channel"]["$ref"].endswith(f"/{stream}")]
            assert sorted(each["action"] for each in about) == ["receive"] * len(topic.readers) + ["send"]


def references(value):
    if isinstance(value, dict):
        yield from (text for name, text in value.items() if name == "$ref")
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)
