// Fuzzes Filter::Parse and what it accepts. The first byte chooses the kind, the
// rest is the text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/text_format.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/query/filter.h"
#include "tests/fuzz/require.h"
#include "unicode/utf8.h"

namespace communique::query {
namespace {

using fuzz::Require;

constexpr int kKinds = 6;  // of RecordKind, UNSPECIFIED with them

const char* const kRecords[] = {
    R"(name: 'summits/kim-putin' revision: 7 create_time { seconds: 1694480400 }
       summit {
         title: 'Kim meets Putin' state: SUMMIT_STATE_HELD series { number: 2 }
         time { edtf: '[2023-09-12,2023-09-14]' time_zones: 'Asia/Vladivostok'
                earliest_begin_time { seconds: 1694440800 }
                latest_end_time { seconds: 1694699999 } }
         place { path: 'RU/RU-PRI/vladivostok' coordinates { latitude_degrees: 43.1 } }
         participants { id: 'p1' actor { target: 'actors/kim' } role: PARTICIPANT_ROLE_GUEST }
         participants { id: 'p2' actor { text: 'a delegation' } }
         itineraries { id: 'i' legs { id: 'l1' departure { text: 'soon' } } }
         transactions { given: 'shells' given: 'food' secret: true }
         assertions { path: 'time' value { time_value { text: 'soon' } } }
         assertions { path: 'time' value { time_value { edtf: 'not one' text: 'x' } } }
         assertions { path: 'itineraries[i].legs[l1].departure' state: VALUE_STATE_NONE }
         assertions { path: 'broken[' value { int_value: 1 } }
       })",
    R"(name: 'actors/kim' actor { display_name: 'Kim' type: ACTOR_TYPE_PERSON
         names { id: 'n' text: 'Kim' kind: NAME_KIND_PRIMARY }
         relations { id: 'r' share_percent: 51.5 evidences {
           source { target: 'sources/h' } source_revision: 'r1' } } })",
    "name: 'statements/empty'",
};

const std::vector<v1::Record>& Records() {
  static const auto* const records = [] {
    auto* parsed = new std::vector<v1::Record>;
    for (const char* text : kRecords) {
      Require(google::protobuf::TextFormat::ParseFromString(text, &parsed->emplace_back()));
    }
    return parsed;
  }();
  return *records;
}

// A request whose strings are not UTF-8 is refused before its filter is parsed.
std::string ToUtf8(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  for (size_t at = 0; at < size;) {
    const size_t begin = at;
    UChar32 code_point = 0;
    U8_NEXT(data, at, size, code_point);
    if (code_point < 0) text.replace(begin, at - begin, at - begin, '?');
  }
  return text;
}

void CheckError(const absl::Status& status, absl::string_view text) {
  Require(status.code() == absl::StatusCode::kInvalidArgument);
  Require(base::ReasonOf(status) == v1::ERROR_REASON_INVALID_FILTER);
  size_t position = 0;
  Require(absl::SimpleAtoi(base::MetadataOf(status, "position"), &position));
  Require(position <= text.size());
}

void CheckText(absl::string_view text, v1::RecordKind kind) {
  const absl::StatusOr<Filter> filter = Filter::Parse(text, kind);
  const absl::StatusOr<Filter> again = Filter::Parse(text, kind);
  // Not their details, which have a map: its order is protobuf's.
  Require(filter.status().code() == again.status().code() &&
          filter.status().message() == again.status().message());
  if (!filter.ok()) return CheckError(filter.status(), text);
  Require(text.size() <= base::kMaxFilterBytes);
  Require(filter->fingerprint() == again->fingerprint());
  Require(filter->matches_all() == (filter->root() == nullptr));
  for (const v1::Record& record : Records()) {
    const bool matches = filter->Matches(record);
    Require(again->Matches(record) == matches);
    if (!filter->needs_record()) Require(filter->MatchesName(record.name()) == matches);
  }
}

}  // namespace
}  // namespace communique::query

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  if (size < 1) return 0;
  query::CheckText(query::ToUtf8(data + 1, size - 1),
                   static_cast<v1::RecordKind>(data[0] % query::kKinds));
  return 0;
}
