"""The stack around the stand-in application: `python -m tests.embedded.standin_stack HOME PORT`."""

import sys
from pathlib import Path

from app.embedded.programs import Programs
from app.embedded.stack import run_stack

APPLICATION = "tests.embedded.standin"
PROGRAMS = Programs(
    migrate=(APPLICATION, "migrate"),
    seed=(APPLICATION, "seed"),
    web=(APPLICATION, "web"),
    worker=("celery", "-A", "tests.embedded.standin_worker", "worker", "--pool", "solo", "--without-mingle"),
    beat=(APPLICATION, "beat"),
)

if __name__ == "__main__":
    sys.exit(run_stack(Path(sys.argv[1]), port=int(sys.argv[2]), programs=PROGRAMS))
