"""What a log line says of an exception: where it was raised, never what the variables there held."""

import subprocess
import sys

import pytest

PROGRAM = """
from claims_shared import telemetry
telemetry.configure_logging("identity", json={json})
def check():
    ssn = "900-12" + "-3456"
    return ssn[99]
try:
    check()
except IndexError as failed:
    telemetry.log().error("service_failed", exc_info=failed)
"""


@pytest.mark.parametrize("json", [True, False])
def test_a_traceback_shows_no_variables(json):
    ran = subprocess.run([sys.executable, "-c", PROGRAM.format(json=json)], capture_output=True, text=True, check=True)
    assert "IndexError" in ran.stderr
    assert "check" in ran.stderr
    assert "900-12-3456" not in ran.stderr
