"""What tests/bench/screening asks, and how the answers are judged. No engine: queries go out and answers come back as
JSON, a ScreenQuery and a ScreenResult a line, whoever scores them.

Each case is a Case(id, group, half, query, wanted): `wanted` is the name of the target that has to be found, or for
the labelled pairs whether the pair is one. `half` is "tuned" or "held": rows are dealt by a hash of their text, the
tables and thresholds are tuned on the first only.
"""

import collections
import csv
import pathlib
import random
import unicodedata
import zlib

import screening_lists

Case = collections.namedtuple("Case", "id group half query wanted target")
HALVES = ("tuned", "held")
EDITS = ("as written", "a typo", "reordered", "a token dropped")
# Matches that are asked for, and of which position a name counts as found.
MAX_MATCHES = 100
TOP = 10
_SEED = 20250419
_KINDS = {"Person": "ACTOR_TYPE_PERSON", "Company": "ACTOR_TYPE_ORGANIZATION", "Organization": "ACTOR_TYPE_ORGANIZATION",
          "Vessel": "ACTOR_TYPE_VESSEL"}


def half_of(*texts):
    return HALVES[zlib.crc32("|".join(texts).encode()) & 1]


def _rows(data, name):
    with open(pathlib.Path(data) / "names" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _query(key, name, **more):
    return {"queryId": key, "names": [name], **more}


# ---- Edits of a name, drawn from a seed of its own text: the same in every run.

def _typo(name, draw):
    """A letter lost, doubled, swapped with the next or replaced by another of its alphabet, in a word of four letters
    or more, not the first; none when there is no such word."""
    spans, begin = [], None
    for at, letter in enumerate(name + " "):
        if letter.isalpha() and begin is None:
            begin = at
        elif not letter.isalpha() and begin is not None:
            if at - begin >= 4:
                spans.append((begin, at))
            begin = None
    if not spans:
        return None
    begin, end = draw.choice(spans)
    at = draw.randrange(begin + 1, end - 1)
    kind = draw.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1:]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2 and name[at] != name[at + 1]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2:]
    letters = sorted({letter for letter in "abcdefghijklmnopqrstuvwxyz"} - {name[at].lower()})
    letter = draw.choice(letters)
    return name[:at] + (letter.upper() if name[at].isupper() else letter) + name[at + 1:]


def _reordered(name, draw):
    words = name.replace(",", " ").split()
    if len(words) < 2:
        return None
    turned = words[1:] + words[:1] if len(words) > 2 and draw.random() < 0.5 else words[-1:] + words[:-1]
    return " ".join(turned) if turned != words else None


def _dropped(name, draw):
    """Of a name of three words or more: what is left of two is another name as often as not."""
    words = name.split()
    if len(words) < 3:
        return None
    drop = draw.randrange(len(words))
    return " ".join(words[:drop] + words[drop + 1:])


def edited(name, edit):
    draw = random.Random(f"{_SEED}|{edit}|{name}")
    return {"as written": lambda: name, "a typo": lambda: _typo(name, draw), "reordered": lambda: _reordered(name, draw),
            "a token dropped": lambda: _dropped(name, draw)}[edit]()


# ---- Cases.

def labelled_pairs(data):
    """One side is loaded, the other asked; both are of the kind that the file says."""
    targets, cases = {}, []
    for number, row in enumerate(_rows(data, "labelled_pairs_dev.csv")):
        kind = _KINDS.get(row["schema"], "ACTOR_TYPE_UNSPECIFIED")
        target = screening_lists.actor(f"pair-{number}", kind, [(row["name2"], False)])
        targets[target["name"]] = target
        cases.append(Case(f"pair-{number}", "labelled pairs", half_of(row["name1"], row["name2"]),
                          _query(f"pair-{number}", row["name1"], type=kind), row["is_match"] == "true", target["name"]))
    return targets, cases


def aliases(data, targets):
    """Those whose entry is among the targets: some have left the list since the file was made."""
    cases = []
    for number, row in enumerate(_rows(data, "un_alias_pairs_dev.csv")):
        target = "actors/un-" + row["reference"].strip().replace(".", "-").lower()
        if target not in targets:
            continue
        for edit in EDITS:
            name = edited(row["alias"], edit)
            if name is None or not any(letter.isalnum() for letter in name):
                continue
            key = f"alias-{number}-{EDITS.index(edit)}"
            low = "Low: " if row["quality"] == "Low" else ""
            cases.append(Case(key, f"{low}{edit}", half_of(row["reference"], row["alias"]), _query(key, name), target,
                              target))
    return cases


def _is_original(text):
    return any(letter.isalpha() and "LATIN" not in unicodedata.name(letter, "") for letter in text)


def original_scripts(data):
    """Every entry is loaded with its Latin names, and asked by each form in its own script. Rows whose original is in
    Latin letters too (accents) are apart."""
    names, kinds, cases = {}, {}, []
    for number, row in enumerate(_rows(data, "original_script_pairs_dev.csv")):
        names.setdefault(row["group_id"], []).append((row["latin_name"], False))
        person = row["type"] == "Individual"
        kinds[row["group_id"]] = "ACTOR_TYPE_PERSON" if person else "ACTOR_TYPE_ORGANIZATION"
        key = f"script-{number}"
        group = ("persons" if person else "organisations") if _is_original(row["original_script_name"]) else "accents"
        cases.append(Case(key, group, half_of(row["latin_name"], row["original_script_name"]),
                          _query(key, row["original_script_name"]), f"actors/script-{row['group_id']}",
                          f"actors/script-{row['group_id']}"))
    targets = [screening_lists.actor(f"script-{group}", kinds[group], names[group]) for group in names]
    return {target["name"]: target for target in targets}, cases


def negatives(data, qualified=True):
    """People who are on no list; `qualified`: with birth date, nationality and gender."""
    cases = []
    for number, row in enumerate(_rows(data, "negatives_dev.csv")):
        key = f"nobody-{number}" + ("" if qualified else "-name")
        query = _query(key, row["full_name"], type="ACTOR_TYPE_PERSON")
        if qualified:
            query["birthDate"] = row["date_of_birth"]
            query["regionCodes"] = screening_lists.regions(row["nationality"])
            query["gender"] = row["gender"] if row["gender"] in ("male", "female") else ""
        cases.append(Case(key, "negatives" if qualified else "negatives, name only", half_of(row["full_name"]), query,
                          None, None))
    return cases


# ---- Targets for a server.

_AUTHORITY, _REGIME, _COMMIT_TARGETS = "actors/bench-authority", "sanctions/bench-regime", 100


def commits(targets):
    """CommitRequests that put the targets, each with a designation that stands since 2001."""
    yield {"mutations": [
        {"put": {"name": _AUTHORITY, "actor": {"displayName": "An authority", "type": "ACTOR_TYPE_ORGANIZATION"}}},
        {"put": {"name": _REGIME, "sanction": {"title": "A regime", "regime": {"authority": {"target": _AUTHORITY}}}}}]}
    records = []
    for name, target in targets.items():
        records.append(target)
        records.append({"name": "sanctions/of-" + name.split("/", 1)[1], "sanction": {
            "title": "Listed", "designation": {
                "regime": {"target": _REGIME}, "actor": {"target": name}, "authority": {"target": _AUTHORITY},
                "intervals": [{"id": "i1", "listedTime": {"edtf": "2001-01-01"}}]}}})
    for begin in range(0, len(records), _COMMIT_TARGETS):
        yield {"mutations": [{"put": record} for record in records[begin:begin + _COMMIT_TARGETS]]}


# ---- Judging.

def decision_for(result, target):
    """(position from 1 or None, decision) of a target among the matches, members of a group counted with it."""
    for position, match in enumerate(result.get("matches", ()), 1):
        if match["actor"] == target or any(member["actor"] == target for member in match.get("members", ())):
            return position, match.get("decision", "")
    return None, ""


def _share(part, whole):
    return part / whole if whole else float("nan")


def judge_pairs(cases, results):
    """Precision, recall and F1 of MATCH."""
    counts = collections.Counter()
    for case in cases:
        said = decision_for(results[case.id], case.target)[1] == "SCREEN_DECISION_MATCH"
        counts[(case.wanted, said)] += 1
    right, wrong, missed = counts[True, True], counts[False, True], counts[True, False]
    return {"n": len(cases), "precision": _share(right, right + wrong), "recall": _share(right, right + missed),
            "f1": _share(2 * right, 2 * right + wrong + missed)}


def judge_published(data, cases):
    """The same of logic-v2's published scores at its threshold of 0.70, on the pairs that have one."""
    scores = {f"pair-{number}": row["logic_v2_score"]
              for number, row in enumerate(_rows(data, "labelled_pairs_dev.csv"))}
    scored = [case for case in cases if scores[case.id]]
    results = {case.id: {"matches": [{"actor": case.target, "decision": "SCREEN_DECISION_MATCH"}]
                         if float(scores[case.id]) >= 0.70 else []} for case in scored}
    return judge_pairs(scored, results)


def judge_found(cases, results):
    """Shares that are in the top, and decided MATCH or POSSIBLE."""
    top = decided = matched = 0
    for case in cases:
        position, decision = decision_for(results[case.id], case.target)
        top += position is not None and position <= TOP
        decided += decision in ("SCREEN_DECISION_MATCH", "SCREEN_DECISION_POSSIBLE")
        matched += decision == "SCREEN_DECISION_MATCH"
    return {"n": len(cases), "top": _share(top, len(cases)), "decided": _share(decided, len(cases)),
            "matched": _share(matched, len(cases))}


def judge_negatives(cases, results):
    """Shares that are decided MATCH, and anything."""
    best = [results[case.id].get("decision", "") for case in cases]
    match = sum(decision == "SCREEN_DECISION_MATCH" for decision in best)
    alert = match + sum(decision == "SCREEN_DECISION_POSSIBLE" for decision in best)
    return {"n": len(cases), "match": _share(match, len(cases)), "alert": _share(alert, len(cases))}
