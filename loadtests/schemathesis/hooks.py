"""What Schemathesis can't know: whose token it has, and which applications were accepted before."""

import json
import os
import pathlib
import random
import re

import jsonschema_rs
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

CALLS = os.environ["CALLS"]
SERVICE = os.environ["SERVICE"]
CALLER = os.environ["CALLER"]
TAX_CODE = os.environ["TAX_CODE"]
TOKEN_HASH = os.environ["TOKEN_HASH"]
NDJSON = "application/x-ndjson"
DOCUMENT = json.loads(pathlib.Path(os.environ["DOCUMENT"]).read_text(encoding="utf-8"))
# all other headers only say what the caller would like or has: what can't be read counts as not sent
NEEDED = {"Idempotency-Key": "[!-~]{1,255}"}


def accepted() -> dict[str, list[tuple[str, str]]]:
    """Ids and receipts that the same kind of caller was given, by the address that accepted."""
    known = {}
    with open(CALLS, encoding="utf-8") as calls:
        for call in map(json.loads, calls):
            if call["accepted"] and call["caller"] == CALLER:
                known.setdefault(call["path"], []).append(call["accepted"])
    return known


KNOWN = accepted()


@schemathesis.serializer(NDJSON)
def lines(ctx, value):
    """One line, most often; what is no JSON goes as it is."""
    return {"data": value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"}


schemathesis.serializer.alias("text/csv", "text/plain")


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["allow_redirects"] = False
    # a request that is to be refused stays as it is
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # made of the case: the same seed gives the same choices
    chance = random.Random(repr((case.path_parameters, case.body, case.headers)))
    if case.method == "POST" and isinstance(case.body, dict):
        make_own(case.body.get("application", case.body), chance)
    parameters = case.path_parameters or {}
    if "ath" in parameters and chance.random() < 0.8:
        parameters["ath"] = TOKEN_HASH
    known = KNOWN.get(case.path.partition("/{id}")[0])
    if known and chance.random() < 0.5:
        parameters["id"], receipt = chance.choice(known)
        if chance.random() < 0.7:
            case.headers["Receipt"] = receipt


def make_own(application, chance):
    """Two of three applications are for the caller themself, with the mandate that an intermediary needs."""
    applicant = application.get("applicant") if isinstance(application, dict) else None
    if not isinstance(applicant, dict) or chance.random() > 0.67:
        return
    applicant["tax_code"] = TAX_CODE
    applicant.pop("iban", None)
    application.pop("mandate", None)
    if CALLER == "intermediary":
        application["mandate"] = "PA-2020/1"


@schemathesis.hook
def after_call(context, case, response):
    call = {
        "operation": f"{case.method} {case.path}",
        "path": case.path,
        "status": response.status_code,
        "service": SERVICE,
        "phase": case.meta.phase.name.value if case.meta else "other",
        "caller": CALLER,
        "accepted": accepted_by(response),
    }
    with open(CALLS, "a", encoding="utf-8") as calls:
        calls.write(json.dumps(call) + "\n")


def accepted_by(response):
    """Id and receipt of the application or the batch, where there is one."""
    if response.status_code != 202:
        return None
    last = json.loads(response.content.splitlines()[-1])
    last = last.get("batch", last)
    return (last["id"], last["receipt"]) if "receipt" in last else None


@schemathesis.check
def bad_data_is_refused(ctx, response, case):
    """The check `negative_data_rejection`, but for headers that a caller may leave out."""
    components = case.meta.components if case.meta else {}
    bad = {place for place, component in components.items() if component.mode.is_negative}
    sent = {name: str(value) for name, value in (case.headers or {}).items()}
    needed = (name for name in NEEDED if name in sent)
    if bad <= {ParameterLocation.HEADER} and all(re.fullmatch(NEEDED[name], sent[name]) for name in needed):
        return None
    # of many rows each is refused for itself
    if response.status_code == 202 and all("problem" in line for line in rows_of(response)):
        return None
    return negative_data_rejection(ctx, response, case)


def rows_of(response):
    """The lines that answer a row; one that is none where the answer is no list of lines."""
    if not content_type(response).startswith(NDJSON):
        return [{}]
    return [line for line in map(json.loads, response.content.splitlines()) if "batch" not in line]


def content_type(response):
    return "".join(response.headers.get("content-type", []))


@schemathesis.check
def each_line_conforms(ctx, response, case):
    """The check `response_schema_conformance` for answers of many lines."""
    media = DOCUMENT["paths"].get(case.path, {}).get(case.method.lower(), {}).get("responses", {})
    media = media.get(str(response.status_code), {}).get("content", {}).get(NDJSON)
    if media is None or not content_type(response).startswith(NDJSON):
        return None
    schema = media["schema"] | {"components": DOCUMENT["components"]}
    validator = jsonschema_rs.validator_for(schema)
    for line in response.content.splitlines():
        error = next(validator.iter_errors(json.loads(line)), None)
        if error is not None:
            raise AssertionError(f"a line that is not as described: {error.message}")
    return None
