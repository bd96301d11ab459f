"""`python -m tests.proof` writes docs/proof.md from the records in docs/proof."""

import sys

from tests.proof.kept import PAGE, kept
from tests.proof.page import page


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(kept()), "utf-8")
    sys.stdout.write(f"written: {PAGE}\n")


if __name__ == "__main__":
    main()
