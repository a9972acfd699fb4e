"""What plogp costs beside its peers: one file a job, each run by `python -m benchmarks.<job>`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))  # where the frameworks and the true values are
