"""Runs Schemathesis over intake and status with the token of each kind of caller in turn. See ../schemathesis.sh."""

import argparse
import base64
import collections
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "target"
HOME = TARGET / "schemathesis"
PROGRAM = TARGET / "debug/loadtests"
# an operator may close doors for good, so they come last
CALLERS = ["citizen", "intermediary", "operator"]
SERVICES = ["intake", "status"]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "bad_data_is_refused",
    "each_line_conforms",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
]
EXAMPLES = 120  # of each operation in one round


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=20_000, help="at least this many in all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same requests")
    parser.add_argument("--caller", choices=CALLERS, action="append", help="only this one")
    parser.add_argument("--service", choices=SERVICES, action="append", help="only this one")
    options = parser.parse_args()
    with subprocess.Popen([PROGRAM, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as system:
        try:
            # the system ends with this program, however it ends
            line = system.stdout.readline()
            if not line:
                return 1
            return run(json.loads(line), options)
        finally:
            system.stdin.close()


def run(doors: dict, options: argparse.Namespace) -> int:
    calls = HOME / "calls.jsonl"
    calls.write_text("")
    callers, services = options.caller or CALLERS, options.service or SERVICES
    failed, done = [], 0
    for place, caller in enumerate(callers, start=1):
        seed = options.seed
        while done < options.requests * place / len(callers):
            for service in services:
                document = HOME / f"{service}.json"
                document.write_text(json.dumps(strict(doors[service])))
                print(f"--- {service} as {caller}, seed {seed}", flush=True)
                if round_of(document, doors, service, caller, seed, calls) != 0:
                    failed.append(f"{service} as {caller}, seed {seed}")
            before, done = done, sum(1 for _ in calls.open())
            if done == before:
                failed.append(f"nothing was sent as {caller}")
                break
            seed += 1
    report(calls, failed)
    return 1 if failed else 0


def strict(address: str) -> dict:
    """The service's own document without the answer `default`, under which any status would do."""
    with urllib.request.urlopen(f"{address}/openapi.json") as answer:
        document = json.load(answer)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("default", None)
    return document


def round_of(document: pathlib.Path, doors: dict, service: str, caller: str, seed: int, calls: pathlib.Path) -> int:
    command = [
        HOME / "venv/bin/schemathesis", "run", document, "--url", doors[service],
        "-H", f"Authorization: Bearer {doors['tokens'][caller]}",
        "--checks", ",".join(CHECKS), "--seed", str(seed), "--max-examples", str(EXAMPLES),
        "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color", "--warnings", "off",
        "--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "10",
    ]
    token_hash = hashlib.sha256(doors["tokens"][caller].encode()).digest()
    environment = os.environ | {
        "DOCUMENT": str(document),
        # as RFC 9449, section 4.2, has it
        "TOKEN_HASH": base64.urlsafe_b64encode(token_hash).rstrip(b"=").decode(),
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
        "CALLS": str(calls),
        "TAX_CODE": doors["tax_code"],
        "CALLER": caller,
    }
    return subprocess.run(command, env=environment, cwd=HOME, check=False).returncode


def report(calls: pathlib.Path, failed: list[str]) -> None:
    answers = collections.Counter()
    for line in calls.open():
        call = json.loads(line)
        answers[call["operation"], call["status"]] += 1
    for (operation, status), count in sorted(answers.items()):
        print(f"{operation:<40} {status} {count:>7}")
    print(f"{sum(answers.values())} requests; rounds that failed: {len(failed)}")
    for name in failed:
        print(f"failed: {name}")


if __name__ == "__main__":
    sys.exit(main())
