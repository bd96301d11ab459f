"""The broker's jars: fetched once into the cache, held to the committed digests, then only looked up."""

import hashlib
import shutil
from concurrent.futures import Future, ThreadPoolExecutor, wait
from importlib.resources import files
from pathlib import Path

from claims_cli.errors import ClaimsError
from claims_cli.servers.cache import cache_dir
from claims_cli.terminal import say

KAFKA = "4.4.0"
# The "!" keeps log4j's own version table out: with it Kafka would get the kafka-clients 3.9 that log4j is built against.
COORDINATES = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.apache.logging.log4j:log4j-slf4j-impl:2.25.5!"
ATTEMPTS = 3
PROGRESS_EVERY_S = 5.0


def home() -> Path:
    return cache_dir() / f"kafka-{KAFKA}"


def ensure() -> list[Path]:
    """Every jar, in a fixed order; fetches what is missing (blocking; the caller holds the lock of `home`)."""
    library = home() / "lib"
    if not library.is_dir():
        _install(library)
    return [library / name for name in sorted(_digests())]


def _digests() -> dict[str, str]:
    lines = files("claims_cli.servers").joinpath("broker_files", "jars.sha256").read_text("ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _install(library: Path) -> None:
    fetching, staged = home() / "fetching", home() / "lib.new"
    jars = _fetch(fetching)
    _check(jars)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for jar in jars:
        shutil.copyfile(jar, staged / jar.name)
    staged.rename(library)
    shutil.rmtree(fetching)


def _fetch(where: Path) -> list[Path]:
    """Resolve and download; what an attempt got stays in `where`, so that the next one goes on from there."""
    say(f"fetching the broker: {len(_digests())} jars, about a minute, once (into {home()})")
    with ThreadPoolExecutor(1) as pool:
        for attempt in range(1, ATTEMPTS + 1):
            job = pool.submit(_resolve, where)
            _watch(job, where)
            if not (failure := job.exception()):
                return job.result()
            say(f"fetching the broker: attempt {attempt} of {ATTEMPTS} failed: {failure}")
    raise ClaimsError(
        "the broker's jars could not be fetched from the Java package registry: look at the network and try again, "
        "or set KAFKA_BOOTSTRAP_SERVERS to a broker that runs"
    )


def _watch(job: Future[list[Path]], where: Path) -> None:
    while wait([job], timeout=PROGRESS_EVERY_S).not_done:
        say(f"fetching the broker: {len(list(where.glob('maven/**/*.jar')))} of {len(_digests())} jars")


def _resolve(where: Path) -> list[Path]:
    from jgo.env import EnvironmentBuilder  # noqa: PLC0415 - a heavy import, wanted once in a machine's life
    from jgo.maven import MavenContext  # noqa: PLC0415 - the same

    maven = MavenContext(repo_cache=where / "maven")
    environment = EnvironmentBuilder(context=maven, cache_dir=where / "jgo").from_endpoint(COORDINATES)
    return list(environment.all_jars)  # its classpath property leaves out the 43 that it takes for modules


def _check(jars: list[Path]) -> None:
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}
    wanted = _digests()
    wrong = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    if wrong:
        raise ClaimsError(
            f"the broker's jars are not the ones this version was made with: {', '.join(wrong)}: "
            f"remove {home()} and try again; where it stays so, do not run them"
        )
