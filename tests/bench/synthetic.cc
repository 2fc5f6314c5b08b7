#include "tests/bench/synthetic.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace communique::bench {
namespace {

constexpr char kSource[] = "sources/bench";
// Statements are spread evenly over these years.
constexpr int kFirstYear = 2014;
constexpr uint64_t kYears = 10;
// Statements about each target, whatever the count; in five of the ten years
// about half of them.
constexpr int64_t kAboutEachTarget = 1000;
constexpr std::array<absl::string_view, 5> kLanguages = {"en", "ko", "ru", "zh", "fr"};
constexpr size_t kProseBytes = 150;
// A word and the space after it.
constexpr size_t kWordStride = 7;

// splitmix64 (public domain, Sebastiano Vigna).
uint64_t NextRandom(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint64_t SeedOf(int64_t number) {
  uint64_t state = static_cast<uint64_t>(number) * 0x2545f4914f6cdd1dULL;
  return NextRandom(state);
}

std::string Capitalized(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(text[0]);
  return text;
}

std::string Time(uint64_t& random) {
  const auto below = [&random](uint64_t bound) {
    return static_cast<int>(NextRandom(random) % bound);
  };
  const int year = kFirstYear + below(kYears);
  const int month = 1 + below(12);
  const int day = 1 + below(28);
  const int hour = below(24);
  const int minute = below(60);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:00", year, month, day, hour, minute);
}

std::string ShortName(int64_t number) { return absl::StrFormat("statements/q%07d", number); }

v1::Record MakeActor(absl::string_view letter, int64_t number) {
  v1::Record record;
  record.set_name(absl::StrCat("actors/", letter, number));
  record.mutable_actor()->set_display_name(absl::StrCat("Actor ", letter, number));
  record.mutable_actor()->set_type(v1::ACTOR_TYPE_PERSON);
  return record;
}

v1::Record MakeSource() {
  v1::Record record;
  record.set_name(kSource);
  v1::Source& source = *record.mutable_source();
  source.set_title("Source of every statement of the benches");
  source.set_type(v1::SOURCE_TYPE_DATASET);
  source.add_revisions()->set_id("r1");
  return record;
}

// The speaker, and every second round of the speakers a speech.
void SetSpeakerAndType(int64_t number, const Shape& shape, v1::Statement& statement) {
  statement.mutable_speaker()->mutable_actor()->set_target(
      absl::StrCat("actors/s", number % shape.speakers()));
  statement.set_type((number / shape.speakers()) % 2 == 0 ? v1::STATEMENT_TYPE_SPEECH
                                                          : v1::STATEMENT_TYPE_REMARK);
}

// The word of the highest rank.
std::string Rarest(const std::vector<std::string>& words) {
  static const auto* const kRanks = [] {
    auto* ranks = new absl::flat_hash_map<std::string, int>;
    for (int rank = 0; rank < Vocabulary::kWords; ++rank) {
      ranks->emplace(Vocabulary::WordOf(rank), rank);
    }
    return ranks;
  }();
  return *std::max_element(words.begin(), words.end(), [](const auto& a, const auto& b) {
    return kRanks->at(a) < kRanks->at(b);
  });
}

}  // namespace

int64_t Shape::speakers() const { return std::max<int64_t>(1, count / (2 * matches)); }
int64_t Shape::targets() const { return std::max<int64_t>(1, count / kAboutEachTarget); }

Vocabulary::Vocabulary() {
  double sum = 0;
  for (int rank = 0; rank < kWords; ++rank) cumulative_.push_back(sum += 1.0 / (rank + 1));
  for (double& value : cumulative_) value /= sum;
}

std::string Vocabulary::WordOf(int rank) {
  constexpr absl::string_view kConsonants = "bcdfghjklmnprstvwxyz";
  constexpr absl::string_view kVowels = "aeiou";
  constexpr int kSyllables = 100;
  // Three digits of base 100; the factor has no divisor in common with 10^6, so
  // that each rank has a word of its own and neighbours share no beginning.
  int64_t rest = (static_cast<int64_t>(rank) * 618'033 + 271'828) % 1'000'000;
  std::string word;
  for (int i = 0; i < 3; ++i, rest /= kSyllables) {
    const size_t syllable = static_cast<size_t>(rest % kSyllables);
    word += kConsonants[syllable / kVowels.size()];
    word += kVowels[syllable % kVowels.size()];
  }
  return word;
}

int Vocabulary::RankOf(uint64_t random) const {
  const double at = static_cast<double>(random >> 11) * 0x1.0p-53;
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), at);
  return std::min(kWords - 1, static_cast<int>(found - cumulative_.begin()));
}

std::string Vocabulary::Words(int count, uint64_t& random) const {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ", WordOf(RankOf(NextRandom(random))));
  }
  return text;
}

std::vector<v1::Record> Records::Referred() const {
  std::vector<v1::Record> records = {MakeSource()};
  for (int64_t i = 0; i < shape_.speakers(); ++i) records.push_back(MakeActor("s", i));
  for (int64_t i = 0; i < shape_.targets(); ++i) records.push_back(MakeActor("t", i));
  return records;
}

v1::Record Records::Statement(int64_t number) const {
  return shape_.kind == Kind::kFixture ? Fixture(number) : Short(number);
}

v1::Record Records::Fixture(int64_t number) const {
  uint64_t random = SeedOf(number);
  v1::Record record = fixture_;
  record.set_name(absl::StrFormat("statements/f%07d", number));
  v1::Statement& statement = *record.mutable_statement();
  SetSpeakerAndType(number, shape_, statement);
  statement.set_title(Capitalized(vocabulary_.Words(7, random)));
  statement.mutable_time()->set_edtf(Time(random));
  statement.set_language_code(std::string(kLanguages[NextRandom(random) % kLanguages.size()]));
  statement.mutable_subjects(0)->set_target(
      absl::StrCat("actors/t", NextRandom(random) % static_cast<uint64_t>(shape_.targets())));
  statement.set_state(NextRandom(random) % 16 == 0 ? v1::STATEMENT_STATE_CORRECTED
                                                   : v1::STATEMENT_STATE_STANDING);
  // 22 words make 153 bytes.
  const std::string prose =
      Capitalized(vocabulary_.Words(22, random)).substr(0, kProseBytes - 1) + ".";
  statement.mutable_segments(0)->set_text(prose);
  size_t offset = 0;
  for (v1::Evidence& evidence : *statement.mutable_evidences()) {
    v1::Selector& selector = *evidence.mutable_selectors(0);
    // Whole words, about as long as those of the fixture.
    const size_t length = (selector.exact().size() + 1) / kWordStride * kWordStride - 1;
    selector.set_exact(prose.substr(offset, length));
    selector.set_start_offset(static_cast<int>(offset));
    selector.set_end_offset(static_cast<int>(offset + length));
    offset += length + 1;
  }
  return record;
}

v1::Record Records::Short(int64_t number) const {
  uint64_t random = SeedOf(number);
  v1::Record record;
  record.set_name(ShortName(number));
  v1::Statement& statement = *record.mutable_statement();
  SetSpeakerAndType(number, shape_, statement);
  statement.set_title(vocabulary_.Words(4, random));
  statement.mutable_time()->set_edtf(Time(random).substr(0, 10));
  v1::Segment& segment = *statement.add_segments();
  segment.set_kind(v1::SEGMENT_KIND_VERBATIM);
  segment.set_text(vocabulary_.Words(12, random));
  return record;
}

std::vector<Query> MakeQueries(const Records& records, const Shape& shape, int count) {
  // Each is taken out of a statement, so that it finds at least that one.
  constexpr absl::string_view kTypes[] = {"rare word", "common word", "two words",
                                          "phrase",    "prefix of 2", "prefix of 4"};
  constexpr int kCommonRanks = 20;  // each in 5 to 75 of 100 statements
  uint64_t random = 42;
  std::vector<Query> queries;
  for (int i = 0; i < count; ++i) {
    const int64_t number =
        static_cast<int64_t>(NextRandom(random) % static_cast<uint64_t>(shape.count));
    const v1::Record record = records.Statement(number);
    const std::vector<std::string> words =
        absl::StrSplit(record.statement().segments(0).text(), ' ');
    const size_t at = NextRandom(random) % (words.size() - 1);
    Query query{kTypes[static_cast<size_t>(i) % std::size(kTypes)], ""};
    if (query.type == "rare word") {
      query.text = Rarest(words);
    } else if (query.type == "common word") {
      query.text = Vocabulary::WordOf(static_cast<int>(NextRandom(random) % kCommonRanks));
    } else if (query.type == "two words") {
      query.text = absl::StrCat(words[at], " ", words[words.size() - 1]);
    } else if (query.type == "phrase") {
      query.text = absl::StrCat("\"", words[at], " ", words[at + 1], "\"");
    } else {
      query.text = words[at].substr(0, query.type == "prefix of 2" ? 2 : 4);
    }
    queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace communique::bench
