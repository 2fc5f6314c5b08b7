#ifndef COMMUNIQUE_SERVICE_QUERY_INDEX_TERMS_H_
#define COMMUNIQUE_SERVICE_QUERY_INDEX_TERMS_H_

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/query/filter_node.h"

// What the candidate index knows of a version: terms, words, and a few numbers.
// What is extracted here and what narrow.cc asks for must agree; the property
// test of tests/unit/list_property_test.cc holds them together.
namespace communique::query {

// The path of a field below the record: "sanction", "designation", "actor". Each
// step has to be there.
FieldPath PathTo(std::initializer_list<const char*> steps);

// A term is a keyed hash: of what kind of statement it is ("the field has this
// value", "refers to"), of the field's path, of the value. The key is random for
// each store, so that nobody can write records whose terms collide.
class TermHasher {
 public:
  explicit TermHasher(uint64_t key) : key_(key) {}

  uint64_t key() const { return key_; }

  // A path is hashed step by step, from the record.
  uint64_t Root() const { return key_; }
  uint64_t Step(uint64_t path, const google::protobuf::FieldDescriptor& field) const;
  uint64_t PathOf(const FieldPath& path) const;

  uint64_t Kind(v1::RecordKind kind) const;
  uint64_t Equals(uint64_t path, absl::string_view text) const;
  uint64_t Equals(uint64_t path, int64_t number) const;  // enums, integers, true
  uint64_t Present(uint64_t path) const;
  uint64_t Within(uint64_t path, absl::string_view place_path) const;
  uint64_t Mentions(absl::string_view target) const;
  uint64_t HasAssertions() const;
  // A key by which one of an actor's names may be found (name_keys.h), and one of
  // its identifiers (IdentifierKey).
  uint64_t NameKey(absl::string_view key) const;
  uint64_t IdentifierKey(absl::string_view key) const;

 private:
  uint64_t Hash(char tag, uint64_t path, absl::string_view value) const;
  uint64_t key_;
};

// Segments whose terms were worked out by another version are worked out again:
// it rises with every change of what TermsOf answers for a record.
inline constexpr uint32_t kTermsVersion = 1;

// Whether `=` with this operand is answered by a term. Fields that hold prose,
// ids, selectors or times have none; nor has a default value, which leaves no
// trace in a record.
bool HasEqualsTerm(const FieldPath& path, const Operand& operand);
// Whether `:*` is: fields of a body, and their first-level oneofs.
bool HasPresentTerm(const FieldPath& path);

inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::max();
inline constexpr int32_t kNoDay = std::numeric_limits<int32_t>::max();

struct IndexedWord {
  unsigned char weight = 0;  // a TextWeight
  std::string text;
  friend bool operator==(const IndexedWord&, const IndexedWord&) = default;
  friend auto operator<=>(const IndexedWord&, const IndexedWord&) = default;
};

struct VersionTerms {
  std::vector<uint64_t> terms;     // sorted, without repeats
  std::vector<IndexedWord> words;  // likewise
  // PrimaryTimeOf, or kNoTime.
  int64_t time = kNoTime;
  // The days since 1970 between which the primary time may lie, with all that
  // is asserted of it; kNoDay and -kNoDay where it cannot lie anywhere.
  int32_t first_day = kNoDay;
  int32_t last_day = -kNoDay;
};

VersionTerms TermsOf(const v1::Record& record, const TermHasher& hasher);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_INDEX_TERMS_H_
