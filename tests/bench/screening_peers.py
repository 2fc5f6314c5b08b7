"""nomenklatura's logic-v2, which tests/bench/screening --peers asks for the same labelled pairs: in a virtualenv of its
own, by a process of its own, so that nothing of it is needed for the rest.

Run by the virtualenv's python, this file is that process: a pair in JSON a line in, {"id", "score"} a line out.
"""

import json
import pathlib
import subprocess
import sys

# What was measured; the packages that decide its scores, the others as pip picks them.
PINS = {"nomenklatura": "4.17.4", "followthemoney": "4.11.2", "rigour": "2.6.1"}
NAME = f"nomenklatura {PINS['nomenklatura']} logic-v2"
MATCH_SCORE = 0.70  # of 0 to 1; logic-v2's own threshold
# pyicu is built from source where no wheel fits.
INSTALL_TIMEOUT_S, SCORE_TIMEOUT_S = 900, 600
_SCHEMAS = {"ACTOR_TYPE_PERSON": "Person", "ACTOR_TYPE_ORGANIZATION": "Organization", "ACTOR_TYPE_VESSEL": "Vessel"}


class PeerError(Exception):
    """The peer cannot be installed or does not answer; the text says why."""


def _run(command, timeout_s, **more):
    try:
        ended = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               encoding="utf-8", timeout=timeout_s, **more)
    except subprocess.TimeoutExpired:
        raise PeerError(f"{' '.join(map(str, command[1:4]))}: no end after {timeout_s} s") from None
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise PeerError(f"{' '.join(map(str, command[1:4]))}: {said[-1] if said else ended.returncode}")
    return ended.stdout


def install(folder):
    """The python of a virtualenv in `folder` that has the pinned versions; made once for each set of them."""
    folder = pathlib.Path(folder)
    python, made = folder / "bin" / "python", folder / "installed.json"
    if made.exists() and json.loads(made.read_text()) == PINS:
        return python
    made.unlink(missing_ok=True)
    try:
        _run([sys.executable, "-m", "venv", "--clear", folder], INSTALL_TIMEOUT_S, stdin=subprocess.DEVNULL)
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
              *(f"{package}=={version}" for package, version in PINS.items())], INSTALL_TIMEOUT_S,
             stdin=subprocess.DEVNULL)
    except PeerError as error:
        raise PeerError(f"--peers needs python3-venv, a registry that pip reaches, and for pyicu libicu-dev, pkg-config "
                        f"and a C++ compiler: {error}") from None
    made.write_text(json.dumps(PINS))
    return python


def results(folder, targets, cases):
    """What logic-v2 says of each labelled pair, by its case's id, in the form of a ScreenResult."""
    python = install(folder)
    asked = "".join(json.dumps({"id": case.id, "schema": _SCHEMAS.get(case.query["type"], "LegalEntity"),
                                "query": case.query["names"][0],
                                "target": targets[case.target]["actor"]["names"][0]["text"]}) + "\n" for case in cases)
    said = _run([python, __file__], SCORE_TIMEOUT_S, input=asked)
    scores = {line["id"]: line["score"] for line in map(json.loads, said.splitlines())}
    return {case.id: {"matches": [{"actor": case.target, "decision": "SCREEN_DECISION_MATCH"}]
                      if scores[case.id] >= MATCH_SCORE else []} for case in cases}


def _serve():
    from followthemoney import model
    from nomenklatura.matching import LogicV2

    def entity(key, schema, name):
        return model.get_proxy({"id": key, "schema": schema, "properties": {"name": [name]}})

    config = LogicV2.default_config()
    for line in sys.stdin:
        pair = json.loads(line)
        # Each entity has an id of its own: nomenklatura keeps what it knows of an entity by its id.
        score = LogicV2.compare(entity("query-" + pair["id"], pair["schema"], pair["query"]),
                                entity("target-" + pair["id"], pair["schema"], pair["target"]), config).score
        print(json.dumps({"id": pair["id"], "score": score}))


if __name__ == "__main__":
    _serve()
