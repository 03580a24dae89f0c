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
import time
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
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="where to write the figures, as JSON")
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
    begun = time.monotonic()
    calls = HOME / "calls.jsonl"
    calls.write_text("")
    callers, services = options.caller or CALLERS, options.service or SERVICES
    findings, done = [], 0
    for place, caller in enumerate(callers, start=1):
        seed = options.seed
        while done < options.requests * place / len(callers):
            for service in services:
                document = HOME / f"{service}.json"
                document.write_text(json.dumps(strict(doors[service])))
                print(f"--- {service} as {caller}, seed {seed}", flush=True)
                findings += round_of(document, doors, service, caller, seed, calls)
            before, done = done, sum(1 for _ in calls.open())
            if done == before:
                findings.append(finding("nothing was sent", caller=caller, seed=seed))
                break
            seed += 1
    figures = {"seed": options.seed, "seconds": round(time.monotonic() - begun, 1)} | counted(calls)
    figures["findings"] = findings
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if findings else 0


def strict(address: str) -> dict:
    """The service's own document without the answer `default`, under which any status would do."""
    with urllib.request.urlopen(f"{address}/openapi.json") as answer:
        document = json.load(answer)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("default", None)
    return document


def round_of(
    document: pathlib.Path, doors: dict, service: str, caller: str, seed: int, calls: pathlib.Path
) -> list[dict]:
    """What was found in one round: nothing, where every answer is as the document says."""
    verdict = HOME / "round.json"
    verdict.unlink(missing_ok=True)
    command = [
        HOME / "venv/bin/schemathesis", "run", document, "--url", doors[service],
        "-H", f"Authorization: Bearer {doors['tokens'][caller]}",
        "--checks", ",".join(CHECKS), "--seed", str(seed), "--max-examples", str(EXAMPLES),
        "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color", "--warnings", "off",
        "--report", "json", "--report-json-path", verdict, "--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "10",
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
        "SERVICE": service,
        "CALLER": caller,
    }
    status = subprocess.run(command, env=environment, cwd=HOME, check=False).returncode
    found = json.loads(verdict.read_text()) if verdict.exists() else {"failures": [], "errors": []}
    findings = [
        finding(one["title"], service, caller, seed, one["count"], one.get("operations", []))
        for one in found["failures"] + found["errors"]
    ]
    if status != 0 and not findings:
        findings.append(finding(f"ended with {status}", service, caller, seed))
    return findings


def finding(
    title: str, service: str | None = None, caller: str | None = None, seed: int | None = None,
    count: int = 1, operations: list[str] | None = None,
) -> dict:
    return {
        "title": title, "service": service, "caller": caller, "seed": seed,
        "count": count, "operations": operations or [],
    }


def counted(calls: pathlib.Path) -> dict:
    """How many requests there were: by service and phase, and by operation and status."""
    phases, answers = collections.Counter(), collections.Counter()
    for line in calls.open():
        call = json.loads(line)
        phases[call["service"], call["phase"]] += 1
        answers[call["operation"], call["status"]] += 1
    return {
        "requests": answers.total(),
        "phases": [
            {"service": service, "phase": phase, "requests": count}
            for (service, phase), count in sorted(phases.items())
        ],
        "answers": [
            {"operation": operation, "status": status, "requests": count}
            for (operation, status), count in sorted(answers.items())
        ],
    }


def report(figures: dict) -> None:
    for answer in figures["answers"]:
        print(f"{answer['operation']:<40} {answer['status']} {answer['requests']:>7}")
    for phase in figures["phases"]:
        print(f"{phase['service'] + ', ' + phase['phase']:<44} {phase['requests']:>7}")
    findings = figures["findings"]
    print(f"{figures['requests']} requests in {figures['seconds']} s; seed {figures['seed']}; findings: {len(findings)}")
    for found in findings:
        where = f"{found['service'] or 'all'} as {found['caller']}, seed {found['seed']}"
        print(f"found: {found['title']}: {where}: {found['count']} times {' '.join(found['operations'])}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
