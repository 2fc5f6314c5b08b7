#ifndef COMMUNIQUE_TESTS_BENCH_SYNTHETIC_H_
#define COMMUNIQUE_TESTS_BENCH_SYNTHETIC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/publish.pb.h"
#include "communique/v1/record.pb.h"

// Records that are made up, each a pure function of its number: two fills of the
// same parameters hold the same bytes. README.md says how they are spread.
namespace communique::bench {

enum class Kind {
  kFixture,  // the 1 KiB record of fixture.json, varied
  kShort,    // about 200 bytes with 16 words to search for
};

struct Shape {
  Kind kind = Kind::kFixture;
  int64_t count = 0;
  // Speeches of each speaker, whatever the count; as many other statements.
  int64_t matches = 500;

  int64_t speakers() const;  // actors/s0, s1, ...: statement i is of speaker i % speakers
  int64_t targets() const;   // actors/t0, ...: what statements are about, at random
};

// Words drawn as in a language: the word of rank r comes about 1/(r + 1) times as
// often as that of rank 0.
class Vocabulary {
 public:
  static constexpr int kWords = 50'000;

  Vocabulary();
  // Three syllables of two letters, different for each rank.
  static std::string WordOf(int rank);
  int RankOf(uint64_t random) const;
  // `count` words with spaces between.
  std::string Words(int count, uint64_t& random) const;

 private:
  std::vector<double> cumulative_;
};

class Records {
 public:
  // `fixture` is the record that is varied; not looked at for kShort.
  Records(const Shape& shape, v1::Record fixture) : shape_(shape), fixture_(std::move(fixture)) {}

  // What the statements refer to: the actors and one source.
  std::vector<v1::Record> Referred() const;
  v1::Record Statement(int64_t number) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  v1::Record Fixture(int64_t number) const;
  v1::Record Short(int64_t number) const;

  const Shape shape_;
  const v1::Record fixture_;
  const Vocabulary vocabulary_;
};

struct Query {
  absl::string_view type;
  std::string text;
};

// Searches that find something among the short statements, each type in turn.
std::vector<Query> MakeQueries(const Records& records, const Shape& shape, int count);

}  // namespace communique::bench

#endif  // COMMUNIQUE_TESTS_BENCH_SYNTHETIC_H_
