"""Targets for tests/bench/screening, read off the real lists: actors as the API has them, in JSON.

Only what screening compares: names with their quality, births, countries, gender, type. The importers of
`communique import` read everything; these few lines are apart from them, so that the bench runs without a server.
"""

import csv
import pathlib
import re
import xml.etree.ElementTree as ElementTree

LISTS = {
    "un": "un/un_consolidated_2025-04-19.xml",
    "ofac-2018": ("ofac/sdn_2018-12.csv", "ofac/alt_2018-12.csv", "ofac/sdn_comments_2018-12.csv"),
    "ofac-2021": ("ofac/sdn_2021-07.csv", "ofac/alt_2021-07.csv", "ofac/sdn_comments_2021-07.csv"),
    "uk": "uk/ofsi_conlist_2018-04-13.csv",
}

# Countries and peoples as the lists and the synthetic people have them, by ISO 3166-1 alpha-2; a word is looked
# for within a text, the longest first.
REGIONS = """
AE united arab emirates,emirati|AF afghan,afgan|AL albania|AM armenia|AO angola|AR argentin|AT austria|AU australia
AZ azerbaijan|BA bosnia|BB barbados|BD bangladesh|BE belgi|BF burkina|BG bulgaria|BH bahrain|BI burundi|BN brunei
BO bolivia|BR brazil|BT bhutan|BW botswana|BY belarus|CA canad|CD congolese,drc,democratic republic of the congo,congo\\, democratic
CF central african|CG congo|CH switzerland,swiss|CI ivory coast,cote d|CL chile|CM cameroon|CN chin|CO colombia|CR costa rica
CU cuba|CV cabo verde|CY cyprus|CZ czech|DE german|DK denmark|DO dominican|DZ algeria|EC ecuador|EG egypt|ER eritrea|ES spain,spanish
ET ethiopia|FI finland,finnish|FR france,french|GB british,united kingdom|GE georgia|GH ghana|GM gambia|GN guinea|GQ equatorial guinea
GR greece|GT guatemala|GW guinea-bissau|HK hong kong|HN honduras|HR croatia|HT haiti|ID indonesia|IE ireland|IL israel|IN india|IQ iraq
IR iran|IT ital|JO jordan|JP japan|KE kenya|KG kyrgyz|KH cambodia|KM comoros|KN saint kitts|KP north korea,korea\\, north,dprk,democratic people
KR south korea|KW kuwait|KZ kazakhstan|LA laos|LB leban|LK sri lanka|LR liberia|LV latvia|LY libya|MA morocc|ME montenegro|MK macedonia
ML mali|MM burma,myanmar|MN mongolia|MR mauritania|MT malta|MV maldives|MX mexic|MY malaysia|NE niger|NG nigeria|NI nicaragua
NL netherlands,dutch|NO norway,norwegian|NP nepal|NZ new zealand|PA panama|PE peru|PH filipin,philippin|PK pakistan|PL poland|PR puerto rico
PS palestin|PT portug|PY paraguay|QA qatar|RS serbia|RU russia,ussr,soviet union|RW rwanda|SA saudi|SD sudan|SE swed|SG singapore|SI slovenia
SK slovakia|SL sierra leone|SN senegal|SO somali|SS south sudan|SV el salvador|SY syria|TD chad|TH thailand|TJ tajikistan|TL east timor
TM turkmenistan|TN tunisia|TR turk|TT trinidad|TW taiwan|TZ tanzania|UA ukrain|UG uganda|US united states,american|UY uruguay
UZ uzbek|VE venezuela|VN vietnam|XK kosovo|YE yemen|ZA south africa|ZW zimbabwe
"""
_WORDS = sorted(((word.replace("\\,", ","), row.split(" ", 1)[0])
                 for line in REGIONS.strip().splitlines() for row in line.split("|")
                 for word in re.split(r"(?<!\\),", row.split(" ", 1)[1])), key=lambda pair: -len(pair[0]))
_MONTHS = {month: number + 1 for number, month in
           enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}


def regions(text):
    """The countries that a text speaks of."""
    text, found = (text or "").lower().replace("’", "'"), []
    for word, code in _WORDS:
        at = re.search(r"\b" + re.escape(word), text)
        if at:
            text = text[:at.start()] + " " * len(word) + text[at.end():]
            if code not in found:
                found.append(code)
    return found


def date(text):
    """EDTF of a date as OFAC ("18 Oct 1957", "circa 1961", "1962 to 1963") and the UK ("00/00/1980") write it."""
    text = text.strip()
    day = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text)
    if day:
        parts = [day[3]] + [part for part in (day[2], day[1]) if part != "00"]
        return "-".join(parts)
    span = re.fullmatch(r"(?:circa )?(?:\d+ \w+ )?(\d{4})(?:-| to )(?:\d+ \w+ )?(\d{4})", text)
    if span:
        return f"[{span[1]}..{span[2]}]" if span[1] <= span[2] else ""
    one = re.fullmatch(r"(circa )?(?:(\d\d?) )?(?:([A-Za-z]{3})[a-z]* )?(\d{4})", text)
    if not one:
        return ""
    month = _MONTHS.get((one[3] or "").lower())
    edtf = one[4] + (f"-{month:02}" if month else "") + (f"-{int(one[2]):02}" if month and one[2] else "")
    return edtf + ("~" if one[1] else "")


def actor(key, kind, names, births=(), countries=(), gender=""):
    """A target. `names`: (text, weak)."""
    seen, kept = set(), []
    for text, weak in names:
        text = " ".join((text or "").split())
        if text and text.lower() not in seen:
            seen.add(text.lower())
            kept.append({"text": text, **({"quality": "NAME_QUALITY_WEAK"} if weak else {})})
    made = {"displayName": kept[0]["text"] if kept else key, "type": kind, "names": kept}
    births = [edtf for edtf in dict.fromkeys(births) if edtf]
    if births:
        made["births"] = [{"time": {"edtf": edtf}} for edtf in births]
    if countries:
        made["nationalities"] = [{"regionCode": code} for code in dict.fromkeys(countries)]
    if gender:
        made["gender"] = gender.lower()
    return {"name": f"actors/{key}", "actor": made}


def read_un(path, originals=True):
    """With `originals` the names in their own scripts too."""
    for entry in ElementTree.parse(path).getroot().iter():
        if entry.tag not in ("INDIVIDUAL", "ENTITY"):
            continue
        person = entry.tag == "INDIVIDUAL"
        parts = [entry.findtext(tag) for tag in ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")]
        names = [(" ".join(part.strip() for part in parts if part and part.strip()), False)]
        for alias in entry.iter(entry.tag + "_ALIAS"):
            names.append((alias.findtext("ALIAS_NAME"), alias.findtext("QUALITY") == "Low"))
        if originals:
            names.append((entry.findtext("NAME_ORIGINAL_SCRIPT"), False))
        births = []
        for birth in entry.iter("INDIVIDUAL_DATE_OF_BIRTH"):
            kind, year = birth.findtext("TYPE_OF_DATE"), birth.findtext("YEAR")
            if kind == "BETWEEN":
                births.append(f"[{birth.findtext('FROM_YEAR')}..{birth.findtext('TO_YEAR')}]")
            elif birth.findtext("DATE"):
                births.append(birth.findtext("DATE")[:10])
            elif year:
                births.append(year + ("~" if kind == "APPROXIMATELY" else ""))
        countries = [code for value in entry.iterfind("NATIONALITY/VALUE") for code in regions(value.text)]
        yield actor("un-" + entry.findtext("REFERENCE_NUMBER").strip().replace(".", "-").lower(),
                    "ACTOR_TYPE_PERSON" if person else "ACTOR_TYPE_ORGANIZATION", names, births, countries,
                    entry.findtext("GENDER") or "")


def read_ofac(sdn, alt, comments):
    def rows(path):
        with open(path, encoding="latin-1", newline="") as file:
            for row in csv.reader(file):
                if len(row) > 1:
                    yield [cell.strip() if cell.strip() != "-0-" else "" for cell in row]

    aliases, more = {}, {}
    for row in rows(alt):
        aliases.setdefault(row[0], []).append(row[3])
    for row in rows(comments):
        more[row[0]] = more.get(row[0], "") + row[1]
    kinds = {"individual": "ACTOR_TYPE_PERSON", "vessel": "ACTOR_TYPE_VESSEL", "aircraft": "ACTOR_TYPE_AIRCRAFT"}
    for row in rows(sdn):
        remarks = row[11] + more.get(row[0], "")
        names = [(row[1], False)] + [(name, False) for name in aliases.get(row[0], ())]
        names += [(name, True) for name in re.findall(r"a\.k\.a\. '([^']+(?:'[^';.]+)*)'", remarks)]
        gender = re.search(r"Gender (Male|Female)", remarks)
        countries = [code for text in re.findall(r"(?:nationality|citizen) ([^;.(]+)", remarks)
                     for code in regions(text)]
        yield actor("ofac-" + row[0], kinds.get(row[2], "ACTOR_TYPE_ORGANIZATION"), names,
                    [date(text) for text in re.findall(r"DOB ([^;.(]+)", remarks)], countries,
                    gender[1] if gender else "")


def read_uk(path):
    with open(path, encoding="cp1252", newline="") as file:
        next(file)
        groups = {}
        for row in csv.DictReader(file):
            groups.setdefault(row["Group ID"], []).append(row)
    for group, rows in groups.items():
        rows.sort(key=lambda row: row["Alias Type"] != "Prime Alias")
        names = [(" ".join(row[f"Name {i}"].strip() for i in (1, 2, 3, 4, 5, 6) if row[f"Name {i}"].strip()), False)
                 for row in rows]
        countries = [code for row in rows for code in regions(row["Nationality"])]
        person = rows[0]["Group Type"] == "Individual"
        yield actor("uk-" + group, "ACTOR_TYPE_PERSON" if person else "ACTOR_TYPE_ORGANIZATION", names,
                    [date(row["DOB"]) for row in rows], countries)


def read_all(data, originals=True):
    """Every target of the four files, by its name; the later OFAC file's entry where both have one."""
    data = pathlib.Path(data)
    targets = {}
    for read in (read_un(data / LISTS["un"], originals),
                 *(read_ofac(*(data / file for file in LISTS[version])) for version in ("ofac-2018", "ofac-2021")),
                 read_uk(data / LISTS["uk"])):
        for target in read:
            if target["actor"]["names"]:
                targets[target["name"]] = target
    return targets
