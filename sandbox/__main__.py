"""`python -m sandbox [--fd N | --port P] [--service URL]`"""

import argparse
import os
import sys

from sandbox.server import run
from settings import Need, SettingsError, read_settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in for the platform.")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--fd", type=int, help="an inherited listening socket")
    place.add_argument("--port", type=int, help="a loopback port")
    parser.add_argument("--service", help="the address of the service that has /wechat")
    arguments = parser.parse_args()
    try:
        run(
            read_settings(os.environ, Need.WECHAT),
            fd=arguments.fd,
            port=arguments.port,
            service=arguments.service,
        )
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
