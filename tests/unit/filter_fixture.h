#ifndef COMMUNIQUE_TESTS_UNIT_FILTER_FIXTURE_H_
#define COMMUNIQUE_TESTS_UNIT_FILTER_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "service/base/error.h"
#include "service/domain/fuzzy_time.h"
#include "service/query/filter.h"
#include "tests/unit/text_proto.h"

// Records in text format, and what filters find in them.
namespace communique::query {

// Fills in the corners of every time, as a commit would.
inline void Normalize(google::protobuf::Message& message) {
  if (message.GetDescriptor() == v1::FuzzyTime::descriptor()) {
    base::Violations violations;
    domain::NormalizeFuzzyTime(static_cast<v1::FuzzyTime&>(message), "time", violations);
    EXPECT_TRUE(violations.empty()) << violations.ToStatus();
    return;
  }
  const google::protobuf::Reflection* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      Normalize(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Normalize(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

inline v1::Record MakeRecord(const std::string& text) {
  auto record = testing::Text<v1::Record>(text);
  Normalize(record);
  return record;
}

// A summit with a body in text format.
inline v1::Record Summit(const std::string& body) {
  return MakeRecord(absl::StrCat("name: 'summits/s' summit {", body, "}"));
}

// Whether a filter holds, with a kind, without one, and, negated, does not.
inline bool Holds(const std::string& text, const v1::Record& record) {
  const auto filter = Filter::Parse(text);
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
  if (!filter.ok()) return false;
  const bool holds = filter->Matches(record);
  RecordTerms terms(record);
  EXPECT_EQ(filter->Matches(record, terms), holds) << text << ", by its terms";
  EXPECT_EQ(filter->Matches(record, terms), holds) << text << ", by what was gathered";
  EXPECT_NE(Filter::Parse("NOT (" + text + ")")->Matches(record), holds) << text;
  if (record.has_summit()) {
    const auto of_kind = Filter::Parse(text, v1::RECORD_KIND_SUMMIT);
    EXPECT_TRUE(of_kind.ok() && of_kind->Matches(record) == holds) << text;
  }
  return holds;
}

struct Case {
  const char* text;
  bool holds;
};

template <size_t n>
void ExpectAll(const v1::Record& record, const Case (&cases)[n]) {
  for (const Case& test : cases) EXPECT_EQ(Holds(test.text, record), test.holds) << test.text;
}

}  // namespace communique::query

#endif  // COMMUNIQUE_TESTS_UNIT_FILTER_FIXTURE_H_
