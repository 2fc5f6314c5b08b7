#include "service/query/organisation_words.h"

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "service/query/name_sound.h"

namespace communique::query {
namespace {

// clang-format off

// The English first; then English and Romance forms; then Russian and its neighbours
// without their endings; then Arabic and Persian, as they are written, without vowels.
constexpr absl::string_view kWords[] = {
    "company companies kompaniy kampani sherkat shrka shrkt",
    "corporation corp korporatsi corporacion",
    "group grupp grupo groupe hrup mjmwaa grwh",
    "bank banco banque banka bnk",
    "plant zavod factory fabrik karkhana karkhanh msna",
    "enterprise predpriyat pidpryiemstv empresa entreprise",
    "institute institut instituto mwssa mwssh maahd mahd",
    "university universitet universidad universite danshgah danshgaa jamaa",
    "center centre tsentr centro markaz merkez mrkz",
    "science scientific nauchn nauk lwm alwm",
    "research issledovatelsk issledovani investigacion thqyqat",
    "production proizvodstvenn proizvodstv produccion twlyd",
    "industry industrial promyshlenn promyshlennost industria industrie snaya sanaat snat",
    "trade trading torgov comercio tjara tjart bazrgany tijarat",
    "state gosudarstvenn dzyarzhaun estatal dwla dwlty dolati",
    "national natsionaln nacional nationale wtnya wtny mly",
    "international mezhdunarodn mizhnarodn internacional internationale dwlya intl almlly byn",
    "federal federaln federativn",
    "general generaln aam",
    "ministry ministerstv ministerio ministere wzara wzart",
    "organization organisation organizatsi organizacion sazman mnzma",
    "foundation fund fond fondo fundacion bnyad",
    "movement dvizheni movimiento hrka jnbsh harakat",
    "party parti partido hzb",
    "army armi ejercito jysh artsh lashkar",
    "front jbha cephe",
    "brigade brigad brigada lwaa liwa",
    "council sovet consejo shwra shwray rada",
    "committee komitet comite ljna",
    "agency agentstv agencia wkala",
    "office byuro bureau buro mktb dftr oficina",
    "department otdel departament departamento",
    "association assotsiatsi obedineni asociacion jmaya anjman",
    "society obshchestv sociedad",
    "union soyuz union sendika athad",
    "aviation aviatsionn aviatsi aviacion tyran",
    "aircraft samolet hwapyma hwapymayy",
    "helicopter vertolet",
    "airlines airline aviakompani aerolineas",
    "shipping sudokhodn naviera kshtyrany",
    "shipbuilding shipyard sudostroiteln sudoremontn",
    "ship korabel kshty",
    "fleet flot flota nawgan",
    "design konstruktorsk proektn trahy",
    "construction stroiteln stroitelstv construccion saxtmany",
    "military voenn militar nzamy",
    "defense defence oborona oboronn defensa dfaa",
    "oil neft neftyan petroleum petroleo nft",
    "gas gaz gazov",
    "energy energetichesk energetik energia enerji energi nyrw",
    "nuclear atomn yadern hsthay nwwy",
    "electric electrical elektrichesk elektro brq",
    "insurance strakhov seguros",
    "technology tekhnologi tecnologia fnawry tknwlwjya",
    "technical tekhnichesk tecnico fny",
    "machine machinery mashin mashinostroiteln",
    "instrument priborostroiteln pribor",
    "engineering inzhiniring inzhenern ingenieria mhndsy",
    "service servis servicios khdmat",
    "holding kholding",
    "exchange obmen birzh cambio srafa srafy",
    "education obrazovani obrazovateln amwzsh",
    "school shkol escuela mdrsa",
    "islamic islamsk islamiya aslamy aslamya",
    "people narodn popular",
    "public obshchestvenn publichn",
    "republic respublik respublikansk republica jmhwry jmhwrya",
    "liberation osvobozhdeni liberacion thryr",
    "network set shbka",
    "system sistem sistema samana samanh",
    "special spetsialn khas",
    "main glavn",
    "central tsentraln",
    "communication svyaz telekommunikatsi artbatat",
    "unmanned bespilotn",
    "repair remontn remont",
    "railway zheleznodorozhn",
    "precision precise tochn",
    "applied prikladn ttbyqya",
    "physics fizik fizichesk fyzyk",
    "modern sovremenn",
    "marine maritime morsk dryayy bhrya",
    "transport transportn trabry nql",
    "direct pryam",
    "investment investitsi investitsionn inversiones srmaya",
    "financial finance finansov financiera maly",
    "credit kreditn credito",
    "commercial kommerchesk comercial",
    "private chastn",
    "force sil nyrwy",
    "guard gvardi pasdaran",
    "revolution revolyutsi anqlab",
    "security bezopasnost seguridad amnyt",
    "space kosmichesk kosmos fza fday",
    "missile rocket raketn mwshky",
    "weapon arms oruzhi vooruzheni",
    "chemical khimichesk shymyayy quimica",
    "automobile automotive avtomobiln khwdrw",
    "tractor traktorn",
    "steel stal staln fwlad",
    "mining gorn gornodobyvayushch minera",
    "diamond almazn almaz",
    "news novosti khbrgzary",
    "agricultural selskokhozyaystvenn kshawrzy",
    "medical meditsinsk pzshky",
    "museum muzey muzei",
    "joint sovmestn",
    "new nov",
    "youth molodezhn",
    "volunteer dobrovolchesk",
    "charity blagotvoriteln khyrya",
    "cooperation sotrudnichestv taawn",
    "development razviti desarrollo twsaa",
    "export eksport saderat",
    "import importn wardat",
    "management upravlyayushch upravleni",
    "russia russian rossi rossiysk russk",
    "moscow moskv moskovsk",
    "iran iranian ayran",
    "syria syrian swrya",
    "belarus belarusian belorussk belarusk",
    "ukraine ukrainian ukrainsk",
    "china chinese kitay kitaysk",
    "black chern", "white bel", "red krasn", "north northern severn", "south southern yuzhn",
    "east eastern vostochn", "west western zapadn",
};

// Longer ones first.
constexpr absl::string_view kEndings[] = {
    "icheskogo", "icheskiy", "icheskii", "icheskaya", "icheskoe", "icheskoy", "icheskie", "icheskikh", "icheski",
    "ovskiy", "evskiy", "skogo", "skiy", "skii", "skij", "skaya", "skoe", "skoy", "skie", "skikh", "sky", "ski",
    "ical", "ogo", "ego", "aya", "oye", "oe", "oy", "yy", "iy", "ii", "ij", "ye", "ie", "ykh", "ikh", "yi",
    "ami", "yam", "am", "om", "em", "ov", "ev", "ei", "ey", "iya", "ya", "sk", "ic", "al", "es", "s", "a", "e", "i",
    "o", "u", "y",
};

// clang-format on

constexpr size_t kMinStem = 4;

absl::string_view WithoutEnding(absl::string_view word) {
  for (const absl::string_view ending : kEndings) {
    if (word.size() >= ending.size() + kMinStem && absl::EndsWith(word, ending)) {
      return word.substr(0, word.size() - ending.size());
    }
  }
  return word;
}

using Words = absl::flat_hash_map<std::string, absl::string_view>;

// By the word as it is and by its stem.
const Words& TheWords() {
  static const Words* const kMap = [] {
    auto* words = new Words;
    for (const absl::string_view row : kWords) {
      const std::vector<absl::string_view> forms = absl::StrSplit(row, ' ');
      for (const absl::string_view form : forms) {
        words->emplace(form, forms.front());
        words->emplace(WithoutEnding(form), forms.front());
      }
    }
    return words;
  }();
  return *kMap;
}

}  // namespace

absl::string_view OrganisationWord(absl::string_view word) {
  const Words& words = TheWords();
  auto found = words.find(word);
  if (found == words.end()) found = words.find(WithoutEnding(word));
  return found == words.end() ? absl::string_view() : found->second;
}

std::string StemOf(absl::string_view word) { return SoundOf(WithoutEnding(word)); }

}  // namespace communique::query
