"""A tiny application in Evenhand's place: the stack's tests are about processes, not about pages.

Run as `python -m tests.embedded.standin VERB`.
"""

import http.server
import os
import signal
import sys
from pathlib import Path

import psycopg
from sqlalchemy import make_url


class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main() -> None:
    verb, *options = sys.argv[1:]
    if verb == "migrate":
        migrate()
    elif verb == "seed":
        (Path(os.environ["EVENHAND_HOME"]) / "sign-ins.txt").write_text("annotator: anna / secret\n")
    elif verb == "web":
        port = int(options[options.index("--port") + 1])
        http.server.HTTPServer(("127.0.0.1", port), Healthy).serve_forever()
    else:
        signal.pause()


def migrate() -> None:
    if failure := os.environ.get("EVENHAND_TEST_FAILURE"):
        sys.exit(failure)
    web = make_url(os.environ["DATABASE_URL"])
    owner = os.environ["EVENHAND_OWNER_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(owner) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO start DEFAULT VALUES")
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [web.username]).rowcount == 0:
            connection.execute(f"CREATE ROLE {web.username} LOGIN PASSWORD '{web.password}'")
            connection.execute(f"GRANT SELECT ON start TO {web.username}")


if __name__ == "__main__":
    main()
