"""`make readers` runs these, in an environment of their own, with neither servers nor a network."""

import os

# Read when `datasets` is imported.
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
