"""Random hostile answers: every row gets a true status and its own answer, or none."""

from collections import Counter

import pytest

from tests.run.hostile import KINDS, MARK, faulty, run_hostile

ROWS = 2000


@pytest.mark.parametrize("seed", [1])
def test_every_status_is_true_and_every_answer_is_of_its_row(seed: int) -> None:
    """The server knows what it ran, and each answer has the mark of its row.

    The seed is printed if it fails; ``run_hostile(ROWS, seed)`` repeats the answers.
    """
    print(f"seed {seed}")
    result = run_hostile(ROWS, seed)
    faults = faulty(result)
    assert faults.empty, faults.to_string()

    counts = Counter(result["run.status"])
    assert set(counts) == {"ok", "rejected", "unknown"}
    assert min(counts.values()) > ROWS / 50
    assert result.loc[result["run.status"] == "ok", MARK].notna().mean() > 0.95

    text = " ".join(result["run.error"].dropna())
    assert text.isprintable()
    kinds = set(" ".join(result["kinds"]).split())
    assert kinds >= {kind.__name__ for kind in KINDS}
