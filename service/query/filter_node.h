#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_NODE_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_NODE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "communique/v1/record.pb.h"
#include "google/protobuf/descriptor.h"
#include "service/query/text_query.h"

// A filter as it was compiled: what the evaluator runs and the candidate index
// reads. Every name in it has been looked up, every literal typed.
namespace communique::query {

// The way from a message to a field, through messages and repeated fields. From
// the record, but within kAny from an element. `summit.participants.actor.target`
// is four descriptors long.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// A literal in the type of the field it is compared with: nothing, a bool, a
// number (enums by number; timestamps and durations in nanoseconds do not fit
// an int64, see TimePoint), a text.
struct TimePoint {
  int64_t seconds = 0;  // since 1970, or of a duration
  int32_t nanos = 0;    // of the sign of `seconds`
  friend auto operator<=>(const TimePoint&, const TimePoint&) = default;
};
using Operand = std::variant<std::monostate, bool, int64_t, double, std::string, TimePoint>;

enum class FilterOp {
  kKind,          // the record is of `kind`
  kEquals,        // these five compare a scalar or a Timestamp or Duration; on the
  kLess,          // way through repeated fields any one value is enough
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kWildcard,      // a text that begins, ends, or both, as the operand: see Pattern
  kContains,      // a text with the operand anywhere in it, ASCII case aside (`f:v`); the
                  // operand is in lower case
  kPresent,       // the field is set, a list has an element, a scalar is not its default
  kDefinitely,    // a FuzzyTime lies wholly within `range`
  kPossibly,      // a FuzzyTime, or one that is asserted of the path, may overlap `range`
  kWithin,        // a Place lies in the containment path `text`
  kMentions,      // any reference at any depth leads to `text`
  kText,          // the words of `words` all stand in the record's searchable texts
  kAny,           // one element meets the whole expression
  kHasConflict,   // assertions of the path disagree
};

// Unix seconds, inclusive.
struct TimeRange {
  int64_t from = 0;
  int64_t to = 0;
};

// `*summit`, `summit*`, `*summit*`: what a wildcard operand says beside its text.
struct Pattern {
  bool open_begin = false;
  bool open_end = false;
};

struct FilterNode;

// Where a leaf looks. A leaf may type in several kinds of record ("state" is a
// field of summits and of statements); it holds when one of its targets does.
struct FilterTarget {
  FieldPath path;
  Operand operand;
  std::unique_ptr<const FilterNode> element;  // of kAny: the expression
  std::string assertion_path;                 // of kPossibly and kHasConflict: as in Assertion.path
};

struct FilterNode {
  enum class Type { kAnd, kOr, kNot, kLeaf };
  Type type = Type::kLeaf;
  std::vector<std::unique_ptr<const FilterNode>> children;  // of kAnd, kOr; one of kNot

  // Of kLeaf.
  FilterOp op = FilterOp::kKind;
  std::vector<FilterTarget> targets;
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  TimeRange range;
  Pattern pattern;
  std::string text;
  TextQuery words;
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_NODE_H_
