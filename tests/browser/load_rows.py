"""Loads dataset folders the way their users do, and says as JSON what rows came out.

Reads a JSON list of folders from standard input; answers with the rows by folder and split. A process of
its own: `datasets` reads its settings from the environment when it is imported.
"""

import json
import sys

from datasets import load_dataset

if __name__ == "__main__":
    found = {
        folder: {name: list(split) for name, split in load_dataset(folder, "default").items()}
        for folder in json.load(sys.stdin)
    }
    json.dump(found, sys.stdout)
