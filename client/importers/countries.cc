#include "importers/countries.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// A code, then everything that stands for it, in lower case, separated by '|'.
// The first is the usual English name, the last ones adjectives.
constexpr std::pair<absl::string_view, absl::string_view> kCountries[] = {
    {"AD", "and|andorra|andorran"},
    {"AE", "are|united arab emirates|uae|u.a.e.|the united arab emirates|emirati|emirian"},
    {"AF", "afg|afghanistan|islamic republic of afghanistan|afghan|afghani"},
    {"AG", "atg|antigua and barbuda"},
    {"AI", "aia|anguilla"},
    {"AL", "alb|albania|albanian"},
    {"AM", "arm|armenia|armenian"},
    {"AO", "ago|angola|angolan"},
    {"AQ", "ata|antarctica"},
    {"AR", "arg|argentina|argentine|argentinian"},
    {"AS", "asm|american samoa"},
    {"AT", "aut|austria|austrian"},
    {"AU", "aus|australia|australian"},
    {"AW", "abw|aruba"},
    {"AX", "ala|aland islands|åland islands"},
    {"AZ", "aze|azerbaijan|azerbaijani|azeri"},
    {"BA", "bih|bosnia and herzegovina|bosnia-herzegovina|bosnia|bosnia & herzegovina|bosnian"},
    {"BB", "brb|barbados|barbadian"},
    {"BD", "bgd|bangladesh|bangladeshi"},
    {"BE", "bel|belgium|belgian"},
    {"BF", "bfa|burkina faso|burkinabe"},
    {"BG", "bgr|bulgaria|bulgarian"},
    {"BH", "bhr|bahrain|bahraini"},
    {"BI", "bdi|burundi|burundian"},
    {"BJ", "ben|benin|beninese"},
    {"BL", "blm|saint barthelemy"},
    {"BM", "bmu|bermuda|bermudian"},
    {"BN", "brn|brunei|brunei darussalam|bruneian"},
    {"BO", "bol|bolivia|bolivia (plurinational state of)|bolivia, plurinational state of|bolivian"},
    {"BQ", "bes|bonaire, sint eustatius and saba|bonaire"},
    {"BR", "bra|brazil|brazilian"},
    {"BS", "bhs|bahamas|the bahamas|bahamas, the|bahamian"},
    {"BT", "btn|bhutan|bhutanese"},
    {"BV", "bvt|bouvet island"},
    {"BW", "bwa|botswana"},
    {"BY", "blr|belarus|byelorussia|belarusian|belarussian"},
    {"BZ", "blz|belize|belizean"},
    {"CA", "can|canada|canadian"},
    {"CC", "cck|cocos (keeling) islands"},
    {"CD",
     "cod|democratic republic of the congo|democratic republic of congo|"
     "congo, democratic republic of the|congo, democratic republic of|congo (democratic republic)|"
     "the democratic republic of the congo|congo, the democratic republic of the|drc|"
     "congo (kinshasa)|congolese (drc)"},
    {"CF", "caf|central african republic|the central african republic|central african"},
    {"CG",
     "cog|congo|republic of the congo|congo, republic of the|congo (brazzaville)|"
     "congo (republic)"},
    {"CH", "che|switzerland|swiss"},
    {"CI", "civ|cote d'ivoire|côte d'ivoire|côte d’ivoire|cote d ivoire|ivory coast|ivorian"},
    {"CK", "cok|cook islands"},
    {"CL", "chl|chile|chilean"},
    {"CM", "cmr|cameroon|cameroonian"},
    {"CN",
     "chn|china|people's republic of china|peoples republic of china|prc|china, people's republic "
     "of|mainland china|chinese"},
    {"CO", "col|colombia|columbia|colombian"},
    {"CR", "cri|costa rica|costa rican"},
    {"CU", "cub|cuba|cuban"},
    {"CV", "cpv|cape verde|cabo verde|cape verdean"},
    {"CW", "cuw|curacao|curaçao"},
    {"CX", "cxr|christmas island"},
    {"CY", "cyp|cyprus|cypriot"},
    {"CZ", "cze|czech republic|czechia|czech"},
    {"DE", "deu|germany|federal republic of germany|german"},
    {"DJ", "dji|djibouti|djiboutian"},
    {"DK", "dnk|denmark|danish"},
    {"DM", "dma|dominica"},
    {"DO", "dom|dominican republic|the dominican republic"},
    {"DZ", "dza|algeria|algerian"},
    {"EC", "ecu|ecuador|ecuadorian"},
    {"EE", "est|estonia|estonian"},
    {"EG", "egy|egypt|arab republic of egypt|egyptian"},
    {"EH", "esh|western sahara"},
    {"ER", "eri|eritrea|eritrean"},
    {"ES", "esp|spain|spanish"},
    {"ET", "eth|ethiopia|ethiopian"},
    {"FI", "fin|finland|finnish"},
    {"FJ", "fji|fiji|fijian"},
    {"FK", "flk|falkland islands|falkland islands (malvinas)"},
    {"FM", "fsm|micronesia|micronesia (federated states of)|micronesia, federated states of"},
    {"FO", "fro|faroe islands"},
    {"FR", "fra|france|french"},
    {"GA", "gab|gabon|gabonese"},
    {"GB",
     "gbr|united kingdom|united kingdom of great britain and northern ireland|uk|u.k.|"
     "great britain|the united kingdom|england|scotland|wales|northern ireland|british"},
    {"GD", "grd|grenada|grenadian"},
    {"GE", "geo|georgia|republic of georgia|georgian"},
    {"GF", "guf|french guiana"},
    {"GG", "ggy|guernsey"},
    {"GH", "gha|ghana|ghanaian"},
    {"GI", "gib|gibraltar"},
    {"GL", "grl|greenland"},
    {"GM", "gmb|gambia|the gambia|gambia, the|gambian"},
    {"GN", "gin|guinea|republic of guinea|guinean"},
    {"GP", "glp|guadeloupe"},
    {"GQ", "gnq|equatorial guinea"},
    {"GR", "grc|greece|greek"},
    {"GS", "sgs|south georgia and the south sandwich islands"},
    {"GT", "gtm|guatemala|guatemalan"},
    {"GU", "gum|guam"},
    {"GW", "gnb|guinea-bissau|guinea bissau|republic of guinea-bissau|bissau-guinean"},
    {"GY", "guy|guyana|guyanese"},
    {"HK", "hkg|hong kong|hong kong sar|hong kong, china|china, hong kong sar"},
    {"HM", "hmd|heard island and mcdonald islands"},
    {"HN", "hnd|honduras|honduran"},
    {"HR", "hrv|croatia|croatian"},
    {"HT", "hti|haiti|haitian"},
    {"HU", "hun|hungary|hungarian"},
    {"ID", "idn|indonesia|indonesian"},
    {"IE", "irl|ireland|republic of ireland|irish"},
    {"IL", "isr|israel|israeli"},
    {"IM", "imn|isle of man|man, isle of"},
    {"IN", "ind|india|indian"},
    {"IO", "iot|british indian ocean territory"},
    {"IQ", "irq|iraq|republic of iraq|iraqi"},
    {"IR",
     "irn|iran|iran (islamic republic of)|islamic republic of iran|iran, islamic republic of|"
     "iranian"},
    {"IS", "isl|iceland|icelandic"},
    {"IT", "ita|italy|italian"},
    {"JE", "jey|jersey"},
    {"JM", "jam|jamaica|jamaican"},
    {"JO", "jor|jordan|hashemite kingdom of jordan|jordanian"},
    {"JP", "jpn|japan|japanese"},
    {"KE", "ken|kenya|kenyan"},
    {"KG", "kgz|kyrgyzstan|kyrgyz republic|kyrgyz"},
    {"KH", "khm|cambodia|kampuchea|cambodian"},
    {"KI", "kir|kiribati"},
    {"KM", "com|comoros|union of the comoros|comoran|comorian"},
    {"KN", "kna|saint kitts and nevis|st. kitts and nevis|st kitts and nevis|st. kitts & nevis"},
    {"KP",
     "prk|north korea|democratic people's republic of korea|democratic people’s republic of korea|"
     "dprk|korea, north|korea, democratic people's republic of|"
     "korea (democratic people's republic of)|democratic peoples republic of korea|"
     "democratic people's republic of korea (dprk)|north korean"},
    {"KR",
     "kor|south korea|republic of korea|korea, south|korea, republic of|korea (republic of)|"
     "south korean"},
    {"KW", "kwt|kuwait|kuwaiti"},
    {"KY", "cym|cayman islands"},
    {"KZ", "kaz|kazakhstan|kazakh|kazakhstani"},
    {"LA", "lao|laos|lao people's democratic republic|lao pdr|laotian"},
    {"LB", "lbn|lebanon|lebanese"},
    {"LC", "lca|saint lucia|st. lucia|st lucia"},
    {"LI", "lie|liechtenstein"},
    {"LK", "lka|sri lanka|sri lankan"},
    {"LR", "lbr|liberia|liberian"},
    {"LS", "lso|lesotho"},
    {"LT", "ltu|lithuania|lithuanian"},
    {"LU", "lux|luxembourg"},
    {"LV", "lva|latvia|latvian"},
    {"LY", "lby|libya|libyan arab jamahiriya|state of libya|libyan"},
    {"MA", "mar|morocco|kingdom of morocco|moroccan"},
    {"MC", "mco|monaco"},
    {"MD", "mda|moldova|republic of moldova|moldova, republic of|moldovan"},
    {"ME", "mne|montenegro|montenegrin"},
    {"MF", "maf|saint martin (french part)"},
    {"MG", "mdg|madagascar|malagasy"},
    {"MH", "mhl|marshall islands|the marshall islands"},
    {"MK",
     "mkd|north macedonia|macedonia|macedonia, the former yugoslav republic of|"
     "the former yugoslav republic of macedonia|former yugoslav republic of macedonia|fyrom|"
     "republic of north macedonia|macedonian"},
    {"ML", "mli|mali|malian"},
    {"MM", "mmr|myanmar|burma|union of myanmar|burmese"},
    {"MN", "mng|mongolia|mongolian"},
    {"MO", "mac|macau|macao|macau sar"},
    {"MP", "mnp|northern mariana islands"},
    {"MQ", "mtq|martinique"},
    {"MR", "mrt|mauritania|mauritanian"},
    {"MS", "msr|montserrat"},
    {"MT", "mlt|malta|maltese"},
    {"MU", "mus|mauritius|mauritian"},
    {"MV", "mdv|maldives|the maldives|maldivian"},
    {"MW", "mwi|malawi|malawian"},
    {"MX", "mex|mexico|mexican"},
    {"MY", "mys|malaysia|malaysian"},
    {"MZ", "moz|mozambique|mozambican"},
    {"NA", "nam|namibia|namibian"},
    {"NC", "ncl|new caledonia"},
    {"NE", "ner|niger|the niger|nigerien"},
    {"NF", "nfk|norfolk island"},
    {"NG", "nga|nigeria|nigerian"},
    {"NI", "nic|nicaragua|nicaraguan"},
    {"NL", "nld|netherlands|the netherlands|netherlands (kingdom of the)|holland|dutch"},
    {"NO", "nor|norway|norwegian"},
    {"NP", "npl|nepal|nepalese"},
    {"NR", "nru|nauru"},
    {"NU", "niu|niue"},
    {"NZ", "nzl|new zealand"},
    {"OM", "omn|oman|sultanate of oman|omani"},
    {"PA", "pan|panama|panamanian"},
    {"PE", "per|peru|peruvian"},
    {"PF", "pyf|french polynesia"},
    {"PG", "png|papua new guinea"},
    {"PH", "phl|philippines|the philippines|filipino|philippine"},
    {"PK", "pak|pakistan|islamic republic of pakistan|pakistani"},
    {"PL", "pol|poland|polish"},
    {"PM", "spm|saint pierre and miquelon"},
    {"PN", "pcn|pitcairn"},
    {"PR", "pri|puerto rico"},
    {"PS",
     "pse|palestine|state of palestine|palestinian territory, occupied|palestinian territories|"
     "occupied palestinian territories|occupied palestinian territory|palestinian|"
     "palestinian territory|west bank|gaza|region: gaza|region: west bank"},
    {"PT", "prt|portugal|portuguese"},
    {"PW", "plw|palau"},
    {"PY", "pry|paraguay|paraguayan"},
    {"QA", "qat|qatar|qatari"},
    {"RE", "reu|reunion|réunion"},
    {"RO", "rou|romania|romanian"},
    {"RS", "srb|serbia|republic of serbia|serbian"},
    {"RU", "rus|russia|russian federation|the russian federation|russian"},
    {"RW", "rwa|rwanda|rwandan"},
    {"SA", "sau|saudi arabia|kingdom of saudi arabia|saudi|saudi arabian"},
    {"SB", "slb|solomon islands"},
    {"SC", "syc|seychelles|seychellois"},
    {"SD", "sdn|sudan|the sudan|republic of the sudan|sudanese"},
    {"SE", "swe|sweden|swedish"},
    {"SG", "sgp|singapore|singaporean"},
    {"SH", "shn|saint helena|saint helena, ascension and tristan da cunha"},
    {"SI", "svn|slovenia|slovenian"},
    {"SJ", "sjm|svalbard and jan mayen"},
    {"SK", "svk|slovakia|slovak republic|slovak"},
    {"SL", "sle|sierra leone|sierra leonean"},
    {"SM", "smr|san marino"},
    {"SN", "sen|senegal|senegalese"},
    {"SO", "som|somalia|somali"},
    {"SR", "sur|suriname|surinamese"},
    {"SS", "ssd|south sudan|south sudanese|republic of south sudan"},
    {"ST", "stp|sao tome and principe|são tomé and príncipe"},
    {"SV", "slv|el salvador|salvadoran"},
    {"SX", "sxm|sint maarten|sint maarten (dutch part)"},
    {"SY", "syr|syria|syrian arab republic|the syrian arab republic|syrian"},
    {"SZ", "swz|swaziland|eswatini"},
    {"TC", "tca|turks and caicos islands"},
    {"TD", "tcd|chad|chadian"},
    {"TF", "atf|french southern territories"},
    {"TG", "tgo|togo|togolese"},
    {"TH", "tha|thailand|thai"},
    {"TJ", "tjk|tajikistan|tajik"},
    {"TK", "tkl|tokelau"},
    {"TL", "tls|timor-leste|east timor"},
    {"TM", "tkm|turkmenistan|turkmen"},
    {"TN", "tun|tunisia|tunisian"},
    {"TO", "ton|tonga"},
    {"TR", "tur|turkey|türkiye|turkiye|republic of türkiye|turkish"},
    {"TT", "tto|trinidad and tobago|trinidad & tobago|trinidadian"},
    {"TV", "tuv|tuvalu"},
    {"TW", "twn|taiwan|taiwan, province of china|taiwanese"},
    {"TZ",
     "tza|tanzania|united republic of tanzania|tanzania, united republic of|the united republic of "
     "tanzania|tanzanian"},
    {"UA", "ukr|ukraine|ukrainian"},
    {"UG", "uga|uganda|ugandan"},
    {"UM", "umi|united states minor outlying islands"},
    {"US",
     "usa|united states|united states of america|u.s.|u.s.a.|us|the united states of america|"
     "the united states|american"},
    {"UY", "ury|uruguay|uruguayan"},
    {"UZ", "uzb|uzbekistan|uzbek|uzbekistani"},
    {"VA", "vat|vatican city|holy see|holy see (vatican city state)|vatican city state"},
    {"VC",
     "vct|saint vincent and the grenadines|st. vincent and the grenadines|st vincent and the "
     "grenadines|st. vincent & the grenadines"},
    {"VE",
     "ven|venezuela|venezuela (bolivarian republic of)|venezuela, bolivarian republic of|"
     "venezuelan"},
    {"VG", "vgb|british virgin islands|virgin islands, british|virgin islands (british)"},
    {"VI", "vir|virgin islands, u.s.|virgin islands (u.s.)|us virgin islands"},
    {"VN", "vnm|vietnam|viet nam|socialist republic of vietnam|vietnamese"},
    {"VU", "vut|vanuatu"},
    {"WF", "wlf|wallis and futuna"},
    {"WS", "wsm|samoa|samoan"},
    {"YE", "yem|yemen|republic of yemen|yemeni"},
    {"YT", "myt|mayotte"},
    {"ZA", "zaf|south africa|republic of south africa|south african"},
    {"ZM", "zmb|zambia|zambian"},
    {"ZW", "zwe|zimbabwe|zimbabwean"},
};

const absl::flat_hash_map<absl::string_view, absl::string_view>& Table() {
  static const auto& table = *[] {
    auto* built = new absl::flat_hash_map<absl::string_view, absl::string_view>;
    for (const auto& [code, names] : kCountries) {
      for (const absl::string_view name : absl::StrSplit(names, '|')) built->emplace(name, code);
    }
    return built;
  }();
  return table;
}

}  // namespace

std::string CountryCode(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(CollapseSpace(name));
  absl::string_view key = lower;
  absl::ConsumeSuffix(&key, ".");
  if (const auto found = Table().find(key); found != Table().end()) {
    return std::string(found->second);
  }
  if (const auto found = Table().find(lower); found != Table().end()) {
    return std::string(found->second);
  }
  // A two-letter code stands for itself where it is one.
  if (key.size() == 2) {
    const std::string upper = absl::AsciiStrToUpper(key);
    for (const auto& entry : kCountries) {
      if (entry.first == upper) return upper;
    }
  }
  return std::string();
}

}  // namespace communique::importers
