// What a search finds, in which order, and what it shows of it.
#include "service/query/text_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <ostream>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/query/searchable_text.h"
#include "service/query/text_analyzer.h"
#include "tests/unit/text_proto.h"

namespace communique::query {
namespace {

using ::communique::testing::Text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Words = std::vector<std::string>;

TextQuery Search(absl::string_view text) {
  auto query = TextQuery::ForSearch(text);
  EXPECT_TRUE(query.ok()) << query.status();
  return query.ok() ? *std::move(query) : TextQuery{.words = {"?"}, .prefix = false, .folded = "?"};
}

v1::Record Record(const std::string& text) { return Text<v1::Record>(text); }

v1::Record Source(const std::string& title, const std::string& subtitle = "") {
  v1::Record record;
  record.mutable_source()->set_title(title);
  record.mutable_source()->set_subtitle(subtitle);
  return record;
}

const char kPyongyang[] = R"(
  actor { display_name: "Pyongyang"
          names { id: "n-ko" text: "평양" } names { text: "P’yŏngyang" }
          names { id: "n-w" text: "the North" quality: NAME_QUALITY_WEAK }
          description: "Capital and metonym" })";

// ---- Which texts are searched.

struct Seen {
  TextWeight weight;
  std::string path;
  std::string text;
  bool operator==(const Seen& other) const {
    return weight == other.weight && path == other.path && text == other.text;
  }
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << static_cast<int>(seen.weight) << " " << seen.path << "=" << seen.text;
}

std::vector<Seen> TextsOf(const v1::Record& record) {
  std::vector<Seen> seen;
  ForEachText(record, [&](const SearchableText& text) {
    seen.push_back({text.weight, text.path(), std::string(text.text)});
  });
  return seen;
}

constexpr TextWeight kTitle = TextWeight::kTitle;
constexpr TextWeight kName = TextWeight::kName;
constexpr TextWeight kBody = TextWeight::kBody;

TEST(SearchableText, OfASummit) {
  EXPECT_THAT(
      TextsOf(Record(R"(
        summit {
          title: "T"
          series { display_name: "S" }
          place { display_name: "P" names { text: "P0" } names {} names { text: "P2" } }
          agenda { id: "a" text: "A" }
          announcements { id: "n" stated_place { display_name: "NP" } }
          outcomes { id: "o" text: "O" place { display_name: "OP" } }
          itineraries { id: "i" legs { id: "l" origin { display_name: "LO" }
              destination { names { text: "LD" } } heading { display_name: "LH" } manner: "no" } }
          sub_events { id: "e" text: "E" place { display_name: "EP" } }
          transitions { id: "t" note: "N" evidences { note: "no" selectors { exact: "no" } } }
          relations { id: "r" note: "no" }
          evidences { note: "no" }
        })")),
      ElementsAre(Seen{kTitle, "title", "T"}, Seen{kName, "series.display_name", "S"},
                  Seen{kName, "place.display_name", "P"}, Seen{kName, "place.names[0].text", "P0"},
                  Seen{kName, "place.names[2].text", "P2"},
                  Seen{kName, "announcements[n].stated_place.display_name", "NP"},
                  Seen{kName, "outcomes[o].place.display_name", "OP"},
                  Seen{kName, "itineraries[i].legs[l].origin.display_name", "LO"},
                  Seen{kName, "itineraries[i].legs[l].destination.names[0].text", "LD"},
                  Seen{kName, "itineraries[i].legs[l].heading.display_name", "LH"},
                  Seen{kName, "sub_events[e].place.display_name", "EP"},
                  Seen{kBody, "agenda[a].text", "A"}, Seen{kBody, "outcomes[o].text", "O"},
                  Seen{kBody, "sub_events[e].text", "E"},
                  Seen{kBody, "transitions[t].note", "N"}));
}

TEST(SearchableText, OfASanction) {
  EXPECT_THAT(TextsOf(Record(R"(sanction { title: "T" regime { aliases: "A" aliases: "B"
                                                               reason: "R" } })")),
              ElementsAre(Seen{kTitle, "title", "T"}, Seen{kName, "regime.aliases[0]", "A"},
                          Seen{kName, "regime.aliases[1]", "B"}, Seen{kBody, "regime.reason", "R"}));
  EXPECT_THAT(TextsOf(Record(R"(sanction { title: "T" designation {
                                  list_entry_id: "KPi.001" reason: "R" remarks: "M" } })")),
              ElementsAre(Seen{kTitle, "title", "T"},
                          Seen{kName, "designation.list_entry_id", "KPi.001"},
                          Seen{kBody, "designation.reason", "R"},
                          Seen{kBody, "designation.remarks", "M"}));
}

TEST(SearchableText, OfAStatement) {
  EXPECT_THAT(TextsOf(Record(R"(
                statement {
                  title: "T"
                  place { display_name: "P" }
                  segments { id: "s1" kind: SEGMENT_KIND_VERBATIM text: "V" }
                  segments { kind: SEGMENT_KIND_PARAPHRASE text: "W" }
                  segments { kind: SEGMENT_KIND_EDITORIAL text: "X" }
                  segments { kind: SEGMENT_KIND_OMISSION text: "no" }
                  claims { id: "c" proposition { text: "C" } }
                  questions { id: "q" proposition { text: "Q" } criteria: "no" }
                  predictions { id: "p" proposition { text: "F" } }
                })")),
              ElementsAre(Seen{kTitle, "title", "T"}, Seen{kName, "place.display_name", "P"},
                          Seen{kBody, "segments[s1].text", "V"}, Seen{kBody, "segments[1].text", "W"},
                          Seen{kBody, "segments[2].text", "X"},
                          Seen{kBody, "claims[c].proposition.text", "C"},
                          Seen{kBody, "questions[q].proposition.text", "Q"},
                          Seen{kBody, "predictions[p].proposition.text", "F"}));
}

TEST(SearchableText, OfAnActorAndASource) {
  EXPECT_THAT(TextsOf(Record(kPyongyang)),
              ElementsAre(Seen{kTitle, "display_name", "Pyongyang"},
                          Seen{kName, "names[n-ko].text", "평양"},
                          Seen{kName, "names[1].text", "P’yŏngyang"},
                          Seen{kBody, "names[n-w].text", "the North"},
                          Seen{kBody, "description", "Capital and metonym"}));
  EXPECT_THAT(TextsOf(Record(R"(source { title: "T" subtitle: "S" instrument { symbol: "I" }
                                         media { id: "m" caption: "C" } contact: "no" })")),
              ElementsAre(Seen{kTitle, "title", "T"}, Seen{kName, "instrument.symbol", "I"},
                          Seen{kBody, "subtitle", "S"}, Seen{kBody, "media[m].caption", "C"}));
  EXPECT_THAT(TextsOf(v1::Record()), IsEmpty());
}

// ---- Queries.

TEST(TextQuery, ForSearchMayEndWithAPrefix) {
  const std::tuple<std::string, Words, bool> cases[] = {
      {"pyongy", {"pyongy"}, true},           {"Kim Pyongy", {"kim", "pyongy"}, true},
      {"Kim ", {"kim"}, false},               {"Kim\n", {"kim"}, false},
      {"Kim\u3000", {"kim"}, false},          {"\"Kim Jong\"", {"kim", "jong"}, false},
      {"“Kim Jong”", {"kim", "jong"}, false}, {"«Ким»", {"ким"}, false},
      {"「金」", {"金"}, false},              {"평양", {"평양"}, true},
      {"kim kim", {"kim", "kim"}, true},      {"O’Br", {"obr"}, true},
  };
  for (const auto& [text, words, prefix] : cases) {
    const TextQuery query = Search(text);
    EXPECT_EQ(query.words, words) << text;
    EXPECT_EQ(query.prefix, prefix) << text;
  }
  EXPECT_EQ(Search("  Kim, JONG-un ").folded, "kim jong un");
}

TEST(TextQuery, ForFilterAsksForWholeWords) {
  const std::tuple<std::string, Words, bool> cases[] = {
      {"pyongyang", {"pyongyang"}, false},
      {"pyongy*", {"pyongy"}, true},
      {"Kim *Pyongy*", {"kim", "pyongy"}, true},
      {"Kim* Putin", {"kim", "putin"}, false},
  };
  for (const auto& [text, words, prefix] : cases) {
    const auto query = TextQuery::ForFilter(text);
    ASSERT_TRUE(query.ok()) << query.status();
    EXPECT_EQ(query->words, words) << text;
    EXPECT_EQ(query->prefix, prefix) << text;
  }
}

std::string Repeat(const std::string& word, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += word;
  return text;
}

TEST(TextQuery, LimitsAreTold) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "has no word in it"},
      {" ?! ", "has no word in it"},
      {"*", "has no word in it"},
      {"\xff", "has no word in it"},
      {Repeat("a ", base::kMaxQueryWords + 1), "has 33 words; at most 32"},
      {Repeat("a", base::kMaxSearchBytes + 1), "is 1025 bytes long; at most 1024"},
  };
  for (const auto& [text, problem] : cases) {
    const absl::Status search = TextQuery::ForSearch(text).status();
    EXPECT_EQ(search.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(base::ReasonOf(search), v1::ERROR_REASON_INVALID_FIELD);
    EXPECT_EQ(base::MetadataOf(search, "field"), "query");
    EXPECT_THAT(std::string(search.message()), HasSubstr(problem));
    const absl::Status filter = TextQuery::ForFilter(text).status();
    EXPECT_EQ(filter.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(filter.message()), HasSubstr(problem));
  }
  EXPECT_TRUE(TextQuery::ForSearch(Repeat("a ", base::kMaxQueryWords)).ok());
  EXPECT_TRUE(TextQuery::ForSearch(Repeat("a", base::kMaxSearchBytes)).ok());
}

// ---- What is found.

TEST(ContainsAll, PyongyangIsFoundByAllItsNames) {
  const v1::Record record = Record(kPyongyang);
  for (const char* text : {"평양", "평", "Pyongyang", "pyongy", "PYONGYANG ", "p'yongyang",
                           "평양 pyong", "north", "\"capital\"", "Pyongyang's"}) {
    EXPECT_TRUE(ContainsAll(Search(text), record)) << text;
    EXPECT_GT(RankOf(Search(text), record), 0) << text;
  }
  for (const char* text : {"pyongy ", "yang", "pyong 평양", "pyongyang seoul", "壤", "no"}) {
    EXPECT_EQ(ContainsAll(Search(text), record), text == std::string("no")) << text;
    EXPECT_EQ(RankOf(Search(text), record) > 0, text == std::string("no")) << text;
  }
}

TEST(ContainsAll, AsManyWordsAsAQueryMayHave) {
  std::string text;
  for (int i = 0; i < base::kMaxQueryWords; ++i) absl::StrAppend(&text, "w", i, " ");
  EXPECT_TRUE(ContainsAll(Search(text), Source("", text)));
  EXPECT_FALSE(ContainsAll(Search(text), Source("", text.substr(3))));
  EXPECT_GT(RankOf(Search(text), Source(text)), 3.9);
}

TEST(ContainsAll, APartOfACjkPhrase) {
  EXPECT_TRUE(ContainsAll(Search("平壤"), Source("朝鲜平壤宣言")));
  EXPECT_TRUE(ContainsAll(Search("ガス"), Source("シベリアガス田")));
  EXPECT_FALSE(ContainsAll(Search("か"), Source("が")));
  EXPECT_GT(RankOf(Search("平壤"), Source("平壤")), RankOf(Search("平壤"), Source("壤平")));
}

// Each is better than the next.
void ExpectFalling(const std::string& text, const std::vector<v1::Record>& records) {
  const TextQuery query = Search(text);
  double last = 1e9;
  for (const v1::Record& record : records) {
    const double rank = RankOf(query, record);
    EXPECT_LT(rank, last) << text << ": " << record.ShortDebugString();
    last = rank;
  }
}

v1::Record Symbol(const std::string& symbol) {
  v1::Record record;
  record.mutable_source()->mutable_instrument()->set_symbol(symbol);
  return record;
}

TEST(RankOf, PhraseThenWeightThenOrder) {
  ExpectFalling("kim putin", {
                                 Source("Kim, Putin"),                  // the whole title
                                 Symbol("Kim Putin"),                   // a whole name
                                 Source("Kim Putin meet"),              // phrase in a title
                                 Source("When Kim Putin meet again"),   // in a longer one
                                 Symbol("Kim Putin meet"),              // phrase in a name
                                 Source("Putin meets Kim"),             // words in a title
                                 Source("", "As Kim Putin meet"),       // phrase in a body
                                 Source("Kim", "and Putin"),            // over two texts
                                 Source("", "Putin meets Kim"),         // words in a body
                                 Source("Kim", ""),                     // one is missing
                             });
}

TEST(RankOf, WholeWordBeforePrefix) {
  ExpectFalling("pyong", {Source("Pyong"), Source("Pyongyang")});
  ExpectFalling("kim pyong", {Source("Kim Pyong speaks"), Source("Kim Pyongyang speaks")});
  ExpectFalling("kim", {Source("x Kim Kimberley x"), Source("x Kimchi Kimberley x")});
}

TEST(RankOf, AWeakAliasCountsAsBody) {
  const std::string strong = R"(actor { display_name: "A" names { text: "Kim" } })";
  const std::string weak =
      R"(actor { display_name: "A" names { text: "Kim" quality: NAME_QUALITY_WEAK } })";
  const std::string body = R"(actor { display_name: "A" description: "Kim" })";
  EXPECT_GT(RankOf(Search("kim"), Record(strong)), RankOf(Search("kim"), Record(weak)));
  EXPECT_EQ(RankOf(Search("kim"), Record(weak)), RankOf(Search("kim"), Record(body)));
}

TEST(RankOf, IsWhatTheHeaderSays) {
  // One of two words, whole, in the title: mean 1; coverage 1/2; the phrase.
  EXPECT_DOUBLE_EQ(RankOf(Search("kim"), Source("Kim speaks")), 1 + 2 + 0.25);
  EXPECT_DOUBLE_EQ(RankOf(Search("ki"), Source("Kim speaks")), 0.9 + 2 + 0.25);
  EXPECT_DOUBLE_EQ(RankOf(Search("kim"), Source("Kim")), 1 + 2 + 1 + 0.5);
  EXPECT_DOUBLE_EQ(RankOf(Search("kim"), Source("x", "a Kim")), 0.4 * (1 + 2 + 0.25));
  EXPECT_DOUBLE_EQ(RankOf(Search("kim seoul"), Source("a Kim", "b Seoul")), (1 + 0.4) / 2 + 0.25);
}

TEST(RankOf, APhraseMayBeginAgain) {
  const TextQuery query = Search("kim kim putin ");
  EXPECT_GT(RankOf(query, Source("Kim Kim Kim Putin")), 3);
  EXPECT_LT(RankOf(query, Source("Kim Putin Kim Kim")), 3);
}

// ---- What is shown.

std::string Cut(const std::string& text, int32_t begin, int32_t end) {
  size_t from = 0;
  U8_FWD_N(text.data(), from, text.size(), begin);
  size_t to = from;
  U8_FWD_N(text.data(), to, text.size(), end - begin);
  return text.substr(from, to - from);
}

// The highlighted words, cut out of the fragment.
Words Highlights(const v1::SearchFragment& fragment) {
  Words words;
  for (const auto& at : fragment.highlights()) {
    words.push_back(Cut(fragment.text(), at.start_offset(), at.end_offset()));
  }
  return words;
}

size_t CodePoints(const std::string& text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) U8_FWD_1(text.data(), i, text.size());
  return count;
}

TEST(FragmentsOf, ShortTextIsShownWhole) {
  const v1::Record record = Source("“Putin’s 🚂 to Pyongyang”, says Kim; Kimberley", "Kim, Putin's.");
  const auto fragments = FragmentsOf(Search("putin kim"), record, 3);
  ASSERT_EQ(fragments.size(), 2u);
  EXPECT_EQ(fragments[0].path(), "title");
  EXPECT_EQ(fragments[0].text(), record.source().title());
  EXPECT_THAT(Highlights(fragments[0]), ElementsAre("Putin’s", "Kim", "Kimberley"));
  EXPECT_EQ(fragments[1].path(), "subtitle");
  EXPECT_EQ(fragments[1].text(), "Kim, Putin's.");
  EXPECT_THAT(Highlights(fragments[1]), ElementsAre("Kim", "Putin's"));
  EXPECT_EQ(FragmentsOf(Search("putin kim"), record, 1).size(), 1u);
  EXPECT_TRUE(FragmentsOf(Search("seoul"), record, 3).empty());
}

TEST(FragmentsOf, TheBestTextComesFirst) {
  const v1::Record record = Record(kPyongyang);
  const auto fragments = FragmentsOf(Search("평"), record, 3);
  ASSERT_EQ(fragments.size(), 1u);
  EXPECT_EQ(fragments[0].path(), "names[n-ko].text");
  EXPECT_THAT(Highlights(fragments[0]), ElementsAre("평양"));
  const auto both = FragmentsOf(Search("kim putin"), Source("Kim", "Kim Putin"), 3);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].path(), "subtitle");
}

TEST(FragmentsOf, FoldingThatChangesLengthsKeepsOffsets) {
  const v1::Record record = Source("ﬁne Straße か\u3099平 İst");
  const auto fragments = FragmentsOf(Search("strasse が平 ist"), record, 1);
  ASSERT_EQ(fragments.size(), 1u);
  EXPECT_THAT(Highlights(fragments[0]), ElementsAre("Straße", "か\u3099", "平", "İst"));
}

TEST(FragmentsOf, LongTextIsCutBetweenWords) {
  const std::string filler = Repeat("слово ", 100);  // 600 code points
  const struct {
    const char* what;
    std::string text;
    std::string begins, ends;
    Words highlights;
  } cases[] = {
      {"at the beginning", absl::StrCat("«Kim says. ", filler), "«Kim says. слово", "слово", {"Kim"}},
      {"in the middle", filler + "Kim, " + filler, "слово", "слово", {"Kim"}},
      {"at the end", filler + "Kim!", "слово", "Kim!", {"Kim"}},
      {"the phrase before the first match", filler + "Kim x " + filler + "Kim Putin " + filler,
       "слово", "слово", {"Kim", "Putin"}},
      {"two in one", filler + "Kim x Putin Kim", "слово", "Kim x Putin Kim", {"Kim", "Putin", "Kim"}},
  };
  for (const auto& c : cases) {
    const std::string query = c.highlights.size() > 1 ? "kim putin" : "kim";
    const auto fragments = FragmentsOf(Search(query), Source(c.text), 1);
    ASSERT_EQ(fragments.size(), 1u) << c.what;
    const std::string& text = fragments[0].text();
    EXPECT_LE(CodePoints(text), base::kMaxFragmentCodePoints) << c.what;
    EXPECT_GE(CodePoints(text), base::kMaxFragmentCodePoints - 8) << c.what;
    EXPECT_NE(c.text.find(text), std::string::npos) << c.what;
    EXPECT_TRUE(text.rfind(c.begins, 0) == 0) << c.what << ": " << text;
    EXPECT_TRUE(text.size() >= c.ends.size() &&
                text.compare(text.size() - c.ends.size(), c.ends.size(), c.ends) == 0)
        << c.what << ": " << text;
    EXPECT_EQ(Highlights(fragments[0]), c.highlights) << c.what;
  }
}

TEST(FragmentsOf, AWordLongerThanAFragment) {
  const std::string word = Repeat("я", 300);
  const auto fragments = FragmentsOf(Search("яя"), Source(absl::StrCat("before ", word, " after")), 1);
  ASSERT_EQ(fragments.size(), 1u);
  EXPECT_EQ(fragments[0].text(), Repeat("я", base::kMaxFragmentCodePoints));
  EXPECT_THAT(Highlights(fragments[0]), ElementsAre(fragments[0].text()));
}

// Whatever the text: within the limit, highlights in order, inside, and each of
// them a word of the query.
TEST(FragmentsOf, AlwaysFitsAndAlwaysHighlightsMatches) {
  std::mt19937 random(4);
  const Words parts = {"Kim",  "Putin’s", "слово",  "평양에서", "平壤", "か\u3099", ", ", " — ",
                       " ",    "\n",      "🚂",     "İ",       "ﬁn",  "!",         " a ", "x"};
  int shown = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string title;
    for (size_t left = random() % 150; left > 0; --left) {
      absl::StrAppend(&title, parts[random() % parts.size()], random() % 2 == 0 ? " " : "");
    }
    const TextQuery query = Search(i % 2 == 0 ? "kim putin" : "слово 평");
    for (const auto& fragment : FragmentsOf(query, Source(title), 3)) {
      ++shown;
      ASSERT_LE(CodePoints(fragment.text()), base::kMaxFragmentCodePoints);
      ASSERT_NE(title.find(fragment.text()), std::string::npos);
      ASSERT_GT(fragment.highlights_size(), 0) << title;
      int32_t last = 0;
      for (const auto& at : fragment.highlights()) {
        ASSERT_LE(last, at.start_offset());
        ASSERT_LT(at.start_offset(), at.end_offset());
        last = at.end_offset();
      }
      for (const std::string& highlight : Highlights(fragment)) {
        const std::vector<Word> words = WordsOf(highlight);
        ASSERT_THAT(words, SizeIs(1)) << highlight;
        const std::string& word = words[0].folded;
        ASSERT_TRUE(word == query.words[0] || word.rfind(query.words[1], 0) == 0) << word;
      }
    }
  }
  EXPECT_GT(shown, 1000);
}

}  // namespace
}  // namespace communique::query
