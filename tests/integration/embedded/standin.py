"""The supervisor with stand-in parts, as a process of its own: `python standin.py VAR PORT [web]`.

The web part answers 200 on PORT; `web` is what it does: `serve`, `die` (exits at once), `deaf`
(ignores SIGTERM). Prints one line of JSON when all is ready.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from scripts.embedded import EmbeddedServices
from scripts.listening import require_free_address
from scripts.supervisor.children import ChildSpec
from scripts.supervisor.demo import MARK, end_leftover_children
from scripts.supervisor.supervisor import Supervisor, supervise

WEB = """
import http.server, os, signal, subprocess, sys
if {what!r} == "die":
    sys.exit("this part dies")
if {what!r} == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
# A grandchild, as gunicorn's workers are.
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


async def run(var: Path, port: int, what: str) -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    async def body(supervisor: Supervisor) -> None:
        services = EmbeddedServices(var, say)
        supervisor.claim(services)
        await end_leftover_children(var, say)
        require_free_address("127.0.0.1", port)
        await supervisor.start_services()
        environment = {**os.environ, MARK: str(var)}
        argv = (sys.executable, "-c", WEB.format(what=what, port=port))
        url = f"http://127.0.0.1:{port}/"
        await supervisor.start(
            [
                ChildSpec(
                    "web", argv, environment, var / "log" / "web.log", url, stop_patience=1.0
                ),
                ChildSpec(
                    "worker",
                    (sys.executable, "-c", "import time; time.sleep(600)"),
                    environment,
                    var / "log" / "worker.log",
                    stop_stage=1,
                ),
            ]
        )
        await supervisor.wait_ready()
        ready = {
            "database_url": services.database_url,
            "redis_url": services.redis_url,
            "pids": {server.name: server.pid for server in services.servers}
            | {child.name: child.pid for child in supervisor.children},
        }
        say(json.dumps(ready))

    return await supervise(body, say)


if __name__ == "__main__":
    what = sys.argv[3] if len(sys.argv) > 3 else "serve"
    sys.exit(asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2]), what)))
