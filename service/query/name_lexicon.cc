#include "service/query/name_lexicon.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "service/query/name_analysis.h"
#include "service/query/organisation_words.h"

namespace communique::query {
namespace {

// clang-format off

// Articles, prepositions and words of descent: what joins names and is put in, left
// out and respelt at will. "abd" is the servant in "Abd al-Latif".
constexpr absl::string_view kParticles =
    "al el ul ol ud ur bin ben bint ibn ibnu bent ould wuld oulad von van vom zu zur zum de del della dela "
    "di da do dos das du des la le les los las der den ter ten y e und and the of for et na op i "
    "abd abdul abdel abdal abdol abdoul abdil v dlya po "
    // Without vowels: "bn" is "bin".
    "bn abn bnt w fy dr az";

// Titles of persons: they are added and left out at will. The last two lines are
// in scripts without vowels.
constexpr absl::string_view kHonorifics =
    "mr mrs ms miss dr prof professor sir rev reverend hon eng engineer ing dipl sheikh shaikh shaykh cheikh "
    "shekh sheik shaik hajj haji hadji hajji hadj alhaji alhaj hajjah mullah mulla molla maulavi mawlawi "
    "mawlavi maulawi moulavi moulvi molvi maulana mawlana moulana mufti ustad ustadh ustaz ayatollah "
    "ayatullah hojjatoleslam hojatoleslam syed sayyid seyyed sayyed seyed seyid saiyid general gen colonel "
    "col lieutenant lt major maj captain capt commander comandante brigadier brig admiral marshal sergeant "
    "sgt commodore senor senora herr frau monsieur madame jr sr junior senior phd esq alias aka nee "
    "shykh hajy alhaj hajj dktwr mhnds syd mwlwy mla mlwy srdar ayatallh";

// Words of names that so many share that they tell little.
constexpr absl::string_view kCommonParts =
    "abu abou aboo abi abw umm oum khan agha "
    // Titles that are given names too.
    "hafiz hafez said sayed sultan emir amir imam prince princess lord lady don dona qari kari";

// Legal forms by what they are: forms of one class translate each other.
struct Form {
  absl::string_view name;
  absl::string_view words;
};
constexpr Form kLegalForms[] = {
    // Limited liability.
    {"llc",
     "llc ooo tov gmbh ltd limited ltda sarl srl sprl bvba doo dooel pvt pte pty eood "
     "ood kft oy uab sia tmi lda spzoo mmc tzoo too zhshs fze fzco fzc fzllc wll"},
    // By shares, traded or not.
    {"jsc",
     "jsc ojsc oao pjsc pao cjsc zao ao at pat prat vat ag sa spa plc inc incorporated corp "
     "corporation nv as asa ab aktiengesellschaft aktiebolag aktsionernoe pjs pjsco kk psc "
     "pao0 tbk bhd sab sae sal saoc saog qsc qpsc"},
    // Of one owner.
    {"sole", "ip eirl eurl chup"},
    // Partnerships.
    {"lp", "lp llp lllp kg kgaa ohg cv cie gbr snc sca scs"},
    // Not for profit, or of the state.
    {"public", "ano fgup gup mup fgbu fgu npo ngo ev stiftung"},
    // "Company" as a form.
    {"co", "co company compania compagnie companhia"},
};

// Forms written out, folded.
struct Phrase {
  absl::string_view words;
  absl::string_view form;
};
constexpr Phrase kLegalPhrases[] = {
    {"limited liability company", "llc"},
    {"limited liability partnership", "lp"},
    {"private limited", "llc"},
    {"free zone establishment", "llc"},
    {"obshchestvo s ogranichennoi otvetstvennostyu", "llc"},
    {"obshchestvo s ogranichennoy otvetstvennostyu", "llc"},
    {"obshchestvo s ogranichennoi otvetstvennost", "llc"},
    {"tovarishchestvo s ogranichennoy otvetstvennostyu", "llc"},
    {"tovarystvo z obmezhenoyu vidpovidalnistyu", "llc"},
    {"societatea cu raspundere limitata", "llc"},
    {"sociedad de responsabilidad limitada", "llc"},
    {"societe a responsabilite limitee", "llc"},
    {"gesellschaft mit beschrankter haftung", "llc"},
    {"public joint stock company", "jsc"},
    {"open joint stock company", "jsc"},
    {"closed joint stock company", "jsc"},
    {"private joint stock company", "jsc"},
    {"joint stock company", "jsc"},
    {"public limited company", "jsc"},
    {"private joint stock", "jsc"},
    {"publichnoe aktsionernoe obshchestvo", "jsc"},
    {"otkrytoe aktsionernoe obshchestvo", "jsc"},
    {"zakrytoe aktsionernoe obshchestvo", "jsc"},
    {"aktsionernoe obshchestvo", "jsc"},
    {"aktsionerne tovarystvo", "jsc"},
    {"sociedad anonima de capital variable", "jsc"},
    {"sociedad anonima", "jsc"},
    {"societe anonyme", "jsc"},
    {"sa de cv", "jsc"},
    {"s a de c v", "jsc"},
    {"federal state unitary enterprise", "public"},
    {"federalnoe gosudarstvennoe unitarnoe predpriyatie", "public"},
    {"state unitary enterprise", "public"},
    {"sole proprietorship", "sole"},
};

// Forms of one person's name that do not sound alike: short for, of another Slavic
// language, spelt after another pronunciation. The first is the variant.
constexpr absl::string_view kPersonVariants[] = {
    "muhammad mohammed mohamed mohammad mohamad muhammed mohd md mhd muh moh magomed mukhammad "
    "mehmed "
    "mehmet mamadou mohammod muhamad mukhamad maxamed",
    "uthman othman osman usman ousmane otman",
    "jamal gamal djamel",
    "yusuf youssef joseph josef yosef jusuf joe",
    "ibrahim abraham brahim ibragim",
    "abdullah abdallah abdulla abdalla cabdullaahi abdullahi",
    "aleksandr alexander oleksandr aliaksandr alyaksandr aleksandar alexandre sasha alex alejandro",
    "sergey sergei serhiy siarhei serhii sergio",
    "vladimir volodymyr uladzimir wolodymyr vova volodya",
    "nikolay nikolai mykola mikalai nicolas nicholas nick kolya",
    "mikhail mykhailo mikhas michael misha mike mick mikail",
    "evgeny yevgeny yevhen yauhen evgeniy evgenii yevgeniy eugene zhenya",
    "dmitry dmitri dmytro dzmitry dmitriy dmitrii dima dimitri",
    "andrey andrei andriy andrew andy andres",
    "pavel pavlo paul pasha pablo",
    "petr pyotr petro peter piotr pete pedro",
    "grigory grigori hryhoriy ryhor gregory greg",
    "igor ihor",
    "oleg oleh aleh",
    "konstantin kostiantyn kanstantsin kostya",
    "elena olena alena yelena helena lena",
    "ekaterina kateryna katsiaryna yekaterina catherine katherine kate katya kathy",
    "olga olha volha",
    "tatiana tetiana tatsiana tatyana tanya",
    "anna hanna ganna ann anne anya",
    "natalia natalya nataliya natallia natasha",
    "leonid leanid",
    "vasily vasyl vasil vasiliy",
    "fedor fyodor fedir theodore",
    "yury yuri iurii yuriy jurij georgy george",
    "ivan john ioann johnny jack juan jean johann jan",
    "aleksey alexei oleksiy aliaksei alexey alyosha",
    "robert bob rob bobby robbie roberto",
    "william bill will billy willy liam guillermo",
    "richard rick dick rich ricardo",
    "james jim jimmy jamie jaime",
    "thomas tom tommy",
    "charles charlie chuck carlos carl",
    "edward ed eddie ted eduardo",
    "joseph joe",
    "anthony tony antonio anton",
    "benjamin ben benny",
    "daniel dan danny",
    "david dave",
    "samuel sam sammy",
    "matthew matt",
    "christopher chris",
    "stephen steven steve stefan esteban",
    "frederick fred freddy",
    "francis frank francisco paco pancho",
    "lawrence larry",
    "gerald jerry gerry",
    "patrick pat",
    "ronald ron ronnie",
    "donald don donnie",
    "kenneth ken kenny",
    "timothy tim",
    "barack barry",
    "jeffrey geoffrey jeff geoff",
    "raymond ray",
    "leonard leo",
    "albert al bert",
    "henry harry hank",
    "elizabeth liz beth betty lisa",
    "margaret maggie meg peggy",
    "susan sue",
    "deborah debbie",
    "patricia pat patty",
    "rebecca becky",
    "jose pepe",
    "ignacio nacho",
    "manuel manolo",
    "jesus chucho",
    "guadalupe lupe",
    "enrique quique",
    "maria mary marie masha",
};

// Korean surnames and how they are romanised, by KoreanSyllable's sound. The North
// keeps the initial r that the South drops.
constexpr absl::string_view kKoreanSurnames[] = {
    "ri lee yi rhee li ree rhie",
    "kim gim",
    "pak park bak",
    "choe choi chwe",
    "chong jung jeong chung jong",
    "cho jo",
    "kang gang",
    "yun yoon youn",
    "chang jang",
    "im lim rim yim",
    "han",
    "o oh",
    "so seo suh",
    "sin shin",
    "kwon gwon kwun",
    "hwang",
    "an ahn",
    "song",
    "ryu yu yoo ryoo you",
    "hong",
    "chon jeon jun jon",
    "ko go koh",
    "mun moon",
    "yang ryang",
    "son sohn",
    "pae bae",
    "paek baek baik paik",
    "ho heo hur huh",
    "nam",
    "sim shim",
    "ro no roh noh",
    "ha",
    "kwak gwak",
    "song seong sung",
    "cha",
    "chu joo ju chu",
    "u woo wu",
    "ku koo gu goo",
    "min",
    "na ra rha nah",
    "chin jin",
    "om eom um uhm",
    "chae",
    "won",
    "pang bang",
    "kong gong",
    "hyon hyun hyeon",
    "ham",
    "yom yeom ryom",
    "kil gil",
    "yo yeo ryo",
    "to do",
    "myong myung myeong",
    "ki gi",
    "pyon byun byeon",
    "tae",
    "ok",
    "maeng",
    "kwang",
};

// Number words; ordinals count as their number.
constexpr std::pair<absl::string_view, int> kNumberWords[] = {
    {"zero", 0},      {"one", 1},       {"first", 1},     {"two", 2},      {"second", 2},
    {"three", 3},     {"third", 3},     {"four", 4},      {"fourth", 4},   {"five", 5},
    {"fifth", 5},     {"six", 6},       {"sixth", 6},     {"seven", 7},    {"seventh", 7},
    {"eight", 8},     {"eighth", 8},    {"nine", 9},      {"ninth", 9},    {"ten", 10},
    {"tenth", 10},    {"eleven", 11},   {"eleventh", 11}, {"twelve", 12},  {"twelfth", 12},
    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},  {"sixteen", 16}, {"seventeen", 17},
    {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},   {"thirty", 30},  {"forty", 40},
    {"fifty", 50},    {"sixty", 60},    {"seventy", 70},  {"eighty", 80},  {"ninety", 90},
    {"hundred", 100},
};

// clang-format on

using Words = absl::flat_hash_map<absl::string_view, LexiconWord>;

void AddFlag(Words& words, absl::string_view list, uint16_t flag) {
  for (const absl::string_view word : absl::StrSplit(list, ' ')) words[word].flags |= flag;
}

const Words& TheWords() {
  static const Words* const kWords = [] {
    auto* words = new Words;
    AddFlag(*words, kParticles, kNameParticle);
    AddFlag(*words, kHonorifics, kNameHonorific);
    AddFlag(*words, kCommonParts, kNameGeneric);
    for (const Form& form : kLegalForms) {
      for (const absl::string_view text : absl::StrSplit(form.words, ' ')) {
        LexiconWord& word = (*words)[text];
        word.flags |= kNameLegalForm;
        word.form = form.name;
      }
    }
    for (const absl::string_view row : kPersonVariants) {
      const std::vector<absl::string_view> forms = absl::StrSplit(row, ' ');
      for (const absl::string_view form : forms) {
        LexiconWord& word = (*words)[form];
        if (word.person_variant.empty()) word.person_variant = forms.front();
      }
    }
    return words;
  }();
  return *kWords;
}

using Phrases =
    absl::flat_hash_map<absl::string_view,
                        std::vector<std::pair<std::vector<absl::string_view>, absl::string_view>>>;

// By their first word.
const Phrases& ThePhrases() {
  static const Phrases* const kPhrases = [] {
    auto* phrases = new Phrases;
    for (const Phrase& phrase : kLegalPhrases) {
      std::vector<absl::string_view> words = absl::StrSplit(phrase.words, ' ');
      const absl::string_view first = words.front();
      (*phrases)[first].emplace_back(std::move(words), phrase.form);
    }
    return phrases;
  }();
  return *kPhrases;
}

}  // namespace

LexiconWord LookUp(absl::string_view word) {
  const auto found = TheWords().find(word);
  LexiconWord known = found == TheWords().end() ? LexiconWord{} : found->second;
  known.organisation_word = OrganisationWord(word);
  return known;
}

size_t LegalPhraseAt(const std::vector<absl::string_view>& words, size_t at,
                     absl::string_view& form) {
  const auto found = ThePhrases().find(words[at]);
  if (found == ThePhrases().end()) return 0;
  size_t longest = 0;
  for (const auto& [phrase, of] : found->second) {
    if (phrase.size() <= longest || at + phrase.size() > words.size()) continue;
    bool same = true;
    for (size_t i = 0; i < phrase.size() && same; ++i) same = words[at + i] == phrase[i];
    if (!same) continue;
    longest = phrase.size();
    form = of;
  }
  return longest;
}

absl::string_view KoreanSurname(absl::string_view word) {
  static const auto* const kSurnames = [] {
    auto* surnames = new absl::flat_hash_map<absl::string_view, absl::string_view>;
    for (const absl::string_view row : kKoreanSurnames) {
      const std::vector<absl::string_view> forms = absl::StrSplit(row, ' ');
      for (const absl::string_view form : forms) surnames->emplace(form, forms.front());
    }
    return surnames;
  }();
  const auto found = kSurnames->find(word);
  return found == kSurnames->end() ? absl::string_view() : found->second;
}

int NumberOf(absl::string_view word) {
  static const auto* const kNumbers = [] {
    auto* numbers = new absl::flat_hash_map<absl::string_view, int>;
    for (const auto& [text, number] : kNumberWords) numbers->emplace(text, number);
    return numbers;
  }();
  const auto found = kNumbers->find(word);
  return found == kNumbers->end() ? -1 : found->second;
}

}  // namespace communique::query
