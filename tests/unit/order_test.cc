// order_by: what it takes and refuses, and keys that compare as it says.
#include "service/query/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "tests/unit/text_proto.h"

namespace communique::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Text;

Order Parsed(const std::string& text, v1::RecordKind kind = v1::RECORD_KIND_SUMMIT) {
  const auto order = Order::Parse(text, kind);
  EXPECT_TRUE(order.ok()) << text << ": " << order.status();
  return order.ok() ? *order : Order();
}

// "summit.title desc"
std::vector<std::string> Fields(const Order& order) {
  std::vector<std::string> fields;
  for (const Order::Field& field : order.fields()) {
    fields.push_back(absl::StrCat(
        absl::StrJoin(field.path, ".",
                      [](std::string* out, const auto* part) { out->append(part->name()); }),
        field.descending ? " desc" : ""));
  }
  return fields;
}

// --- The text ----------------------------------------------------------------------

TEST(OrderTest, Paths) {
  EXPECT_THAT(Fields(Parsed("title")), ElementsAre("summit.title"));
  EXPECT_THAT(Fields(Parsed("summit.title")), ElementsAre("summit.title"));
  EXPECT_THAT(Fields(Parsed("update_time desc,revision asc , time")),
              ElementsAre("update_time desc", "revision", "summit.time"));
  EXPECT_THAT(Fields(Parsed(" \tplace.coordinates.latitude_degrees\n desc ")),
              ElementsAre("summit.place.coordinates.latitude_degrees desc"));
  EXPECT_THAT(Fields(Parsed("time.earliest_begin_time, time.tolerance, etag")),
              ElementsAre("summit.time.earliest_begin_time", "summit.time.tolerance", "etag"));
  EXPECT_THAT(Fields(Parsed("designation.list_id, measure.type", v1::RECORD_KIND_SANCTION)),
              ElementsAre("sanction.designation.list_id", "sanction.measure.type"));
  EXPECT_THAT(Fields(Parsed("create_time", v1::RECORD_KIND_UNSPECIFIED)),
              ElementsAre("create_time"));
}

TEST(OrderTest, TheNameStandsLastOrAlone) {
  const struct {
    std::string text;
    size_t fields;
    bool descending;
  } cases[] = {
      {"", 0, false},
      {"  ", 0, false},
      {"name", 0, false},
      {"name asc", 0, false},
      {"name desc", 0, true},
      {"time desc", 1, false},
      {"title, name", 1, false},
      {"title desc, name desc", 1, true},
      {"title, type, format, state, name desc", 4, true},
  };
  for (const auto& test : cases) {
    const Order order = Parsed(test.text);
    EXPECT_EQ(order.fields().size(), test.fields) << test.text;
    EXPECT_EQ(order.name_descending(), test.descending) << test.text;
  }
}

TEST(OrderTest, MistakesAreToldWithTheirPlace) {
  const struct {
    std::string text, problem;
  } cases[] = {
      {"titel", R"(at character 0: "titel": Summit has no field "titel")"},
      {"time, place.citty", R"(at character 12: "place.citty": Place has no field "citty")"},
      {"title desc, ", "at character 11: a field was expected"},
      {",title", "at character 0: a field was expected"},
      {"place..path", R"(at character 6: "place..path": Place has no field "")"},
      {"title.x", R"(at character 0: "title.x": "title" has no fields)"},
      {"title DESC", R"(at character 6: "asc", "desc" or a comma was expected, found "DESC")"},
      {"title time", R"(at character 6: "asc", "desc" or a comma was expected, found "time")"},
      {"title desc asc", R"(at character 11: a comma was expected, found "asc")"},
      {"-title", R"(at character 0: "-title": Summit has no field "-title")"},
      {"agenda", R"("agenda": "agenda" is repeated and has no one value to order by)"},
      {"participants.role", R"("participants" is repeated and has no one value)"},
      {"time.time_zones", R"("time_zones" is repeated and has no one value)"},
      {"place", R"("place" is a message, Place, which has no order; name a field of it, such as )"
                R"("place.display_name")"},
      {"summit", R"(such as "summit.title")"},
      {"title, time, title desc", R"(at character 13: "title" comes twice)"},
      {"title, summit.title", R"("summit.title" comes twice)"},
      {"name, title", R"(at character 6: no two records have one name)"},
      {"name, name", "no two records have one name"},
      {"name.x", R"("name" has no fields)"},
      {"statement.title", R"("statement" is in no stored record of this kind)"},
      {"pin.revision", R"("pin" is in no stored record of this kind)"},
      {"redirected_from", "is in no stored record of this kind"},
      {"title, type, format, state, revision", "has 5 fields; at most 4"},
      {std::string(100'000, ','), "has 100001 fields; at most 4"},
  };
  for (const auto& test : cases) {
    const auto order = Order::Parse(test.text, v1::RECORD_KIND_SUMMIT);
    EXPECT_EQ(order.status().code(), absl::StatusCode::kInvalidArgument) << test.text;
    EXPECT_EQ(base::ReasonOf(order.status()), v1::ERROR_REASON_INVALID_FIELD) << test.text;
    EXPECT_THAT(std::string(order.status().message()), HasSubstr("order_by"));
    EXPECT_THAT(std::string(order.status().message()), HasSubstr(test.problem));
  }
}

TEST(OrderTest, EveryMistakeIsTold) {
  const auto status = Order::Parse("titel, agenda, time up", v1::RECORD_KIND_SUMMIT).status();
  EXPECT_EQ(base::MetadataOf(status, "violation_count"), "3");
  const std::string details = base::DetailOf(status, "google.rpc.BadRequest");
  for (const char* part : {"at character 0", "at character 7", "at character 20"}) {
    EXPECT_THAT(details, HasSubstr(part));
  }
}

TEST(OrderTest, WithoutAKindPathsAreOfTheRecord) {
  EXPECT_THAT(Order::Parse("title", v1::RECORD_KIND_UNSPECIFIED).status().ToString(),
              HasSubstr(R"(Record has no field "title")"));
}

// --- The primary time --------------------------------------------------------------

TEST(OrderTest, ByPrimaryTime) {
  const struct {
    v1::RecordKind kind;
    std::string text;
    bool primary;
  } cases[] = {
      {v1::RECORD_KIND_SUMMIT, "time", true},
      {v1::RECORD_KIND_SUMMIT, "summit.time desc", true},
      {v1::RECORD_KIND_SUMMIT, "time, name desc", true},
      {v1::RECORD_KIND_SUMMIT, "", false},
      {v1::RECORD_KIND_SUMMIT, "time, title", false},
      {v1::RECORD_KIND_SUMMIT, "time.earliest_begin_time", false},
      {v1::RECORD_KIND_STATEMENT, "time", true},
      {v1::RECORD_KIND_SOURCE, "posted_time", true},
      {v1::RECORD_KIND_SOURCE, "modified_time", false},
      {v1::RECORD_KIND_ACTOR, "end_time", false},
      {v1::RECORD_KIND_SANCTION, "regime.in_force_time", false},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Parsed(test.text, test.kind).by_primary_time(test.kind), test.primary) << test.text;
  }
  EXPECT_FALSE(Parsed("time").by_primary_time(v1::RECORD_KIND_STATEMENT));
}

TEST(OrderTest, TheColumnsKeyIsTheRecords) {
  const std::string at = "edtf: '2023' earliest_begin_time { seconds: ";
  for (const std::string& time :
       {at + "1672444800 }", at + "-62135596800 }", at + "-1 }", at + "0 }",
        std::string("edtf: '../2023'"), std::string("text: 'soon'")}) {
    for (const auto& [kind, field, body] :
         {std::tuple(v1::RECORD_KIND_SUMMIT, "time", "summit"),
          std::tuple(v1::RECORD_KIND_STATEMENT, "time", "statement"),
          std::tuple(v1::RECORD_KIND_SOURCE, "posted_time", "source")}) {
      const auto record =
          Text<v1::Record>(absl::StrCat(body, " { ", field, " { ", time, " } }"));
      EXPECT_EQ(TimeKey(PrimaryTimeOf(record), false), Parsed(field, kind).KeyOf(record));
      EXPECT_EQ(TimeKey(PrimaryTimeOf(record), true),
                Parsed(absl::StrCat(field, " desc"), kind).KeyOf(record));
    }
  }
}

TEST(OrderTest, PrimaryTimes) {
  const struct {
    std::string record;
    std::optional<int64_t> seconds;
  } cases[] = {
      {"summit { time { edtf: '1970' earliest_begin_time { seconds: -50400 } } }", -50400},
      {"source { posted_time { edtf: '1970' earliest_begin_time {} } }", 0},
      {"summit { time { edtf: '../1970' } }", std::numeric_limits<int64_t>::min()},
      {"statement { time { text: 'soon' } }", std::nullopt},
      {"statement {}", std::nullopt},
      {"actor { end_time { edtf: '1970' earliest_begin_time {} } }", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(PrimaryTimeOf(Text<v1::Record>(test.record)), test.seconds) << test.record;
  }
  EXPECT_EQ(PrimaryTimeField(v1::RECORD_KIND_ACTOR), nullptr);
  EXPECT_EQ(PrimaryTimeField(v1::RECORD_KIND_SANCTION), nullptr);
}

// --- Keys --------------------------------------------------------------------------

// Bodies in ascending order of a field; the last one has it not.
struct Sequence {
  v1::RecordKind kind;
  std::string field;
  std::vector<std::string> records;
};

TEST(OrderTest, KeysCompareAsValues) {
  const std::string longest(base::kMaxSortKeyTextBytes, 'x');
  const Sequence sequences[] = {
      {v1::RECORD_KIND_SUMMIT,
       "title",
       {R"(summit { title: "\001" })", R"(summit { title: "a" })", R"(summit { title: "a\000" })",
        R"(summit { title: "a\000b" })", R"(summit { title: "a\001" })",
        R"(summit { title: "ab" })", R"(summit { title: "b" })",
        "summit { title: '" + longest + "' }", "summit { title: '평양' }", "summit {}"}},
      {v1::RECORD_KIND_SUMMIT,
       "state",
       {"summit { state: SUMMIT_STATE_SPECULATED }", "summit { state: SUMMIT_STATE_HELD }",
        "summit { state: SUMMIT_STATE_INTENDED }", "summit {}"}},
      {v1::RECORD_KIND_SUMMIT,
       "series.number",
       {"summit { series { number: -2147483648 } }", "summit { series { number: -1 } }",
        "summit { series { number: 1 } }", "summit { series { number: 256 } }",
        "summit { series {} }"}},
      {v1::RECORD_KIND_SUMMIT,
       "place.coordinates.latitude_degrees",
       {"summit { place { coordinates { latitude_degrees: -90 } } }",
        "summit { place { coordinates { latitude_degrees: -1e-300 } } }",
        "summit { place { coordinates { latitude_degrees: 1e-300 } } }",
        "summit { place { coordinates { latitude_degrees: 0.5 } } }",
        "summit { place { coordinates { latitude_degrees: 42.4 } } }", "summit { place {} }"}},
      {v1::RECORD_KIND_SUMMIT,
       "time",
       {"summit { time { edtf: '../2023' } }",
        "summit { time { edtf: '0001' earliest_begin_time { seconds: -62135596800 } } }",
        "summit { time { edtf: '1969' earliest_begin_time { seconds: -31586400 } } }",
        "summit { time { edtf: '1970' earliest_begin_time {} } }",
        "summit { time { edtf: '2023' earliest_begin_time { seconds: 1672444800 } } }",
        "summit { time { text: 'soon' } }"}},
      {v1::RECORD_KIND_SUMMIT,
       "update_time",
       {"update_time { seconds: -1 nanos: 999 }", "update_time {}", "update_time { nanos: 1000 }",
        "update_time { seconds: 1 }", "update_time { seconds: 1 nanos: 5 }", ""}},
      {v1::RECORD_KIND_SUMMIT,
       "time.tolerance",
       {"summit { time { tolerance { nanos: -5 } } }", "summit { time { tolerance {} } }",
        "summit { time { tolerance { seconds: 9 } } }", "summit { time {} }"}},
      {v1::RECORD_KIND_STATEMENT, "translated", {"statement { translated: true }", "statement {}"}},
      {v1::RECORD_KIND_SOURCE,
       "list_version.entry_count",
       {"source { list_version { entry_count: -9223372036854775808 } }",
        "source { list_version { entry_count: 1 } }",
        "source { list_version { entry_count: 9223372036854775807 } }", "source {}"}},
      {v1::RECORD_KIND_SANCTION,
       "designation.list_id",
       {"sanction { designation { list_id: 'a' } }", "sanction { measure {} }"}},
  };
  for (const Sequence& sequence : sequences) {
    const Order up = Parsed(sequence.field, sequence.kind);
    const Order down = Parsed(sequence.field + " desc", sequence.kind);
    const auto key = [&](const Order& order, size_t i) {
      return order.KeyOf(Text<v1::Record>(sequence.records[i]));
    };
    const size_t unset = sequence.records.size() - 1;
    for (size_t i = 0; i < unset; ++i) {
      EXPECT_LT(key(up, i), key(up, i + 1)) << sequence.field << " " << i;
      EXPECT_LT(key(down, i), key(down, unset)) << sequence.field << " " << i;
      if (i + 1 < unset) {
        EXPECT_GT(key(down, i), key(down, i + 1)) << sequence.field << " " << i;
      }
    }
  }
}

TEST(OrderTest, TextsCountUpToALimit) {
  const Order order = Parsed("title");
  const auto key = [&](const std::string& title) {
    v1::Record record;
    record.mutable_summit()->set_title(title);
    return order.KeyOf(record);
  };
  const std::string head(base::kMaxSortKeyTextBytes - 1, 'x');
  EXPECT_NE(key(head + "a"), key(head + "b"));
  EXPECT_EQ(key(head + "aa"), key(head + "ab"));
  EXPECT_EQ(key(head + "é"), key(head)) << "not half a character";
  EXPECT_LE(key(std::string(1000, '\0')).size(), 2 * base::kMaxSortKeyTextBytes + 3);
}

TEST(OrderTest, WithoutFieldsEveryKeyIsEmpty) {
  EXPECT_THAT(Parsed("name desc").KeyOf(Text<v1::Record>("name: 'a'")), IsEmpty());
}

// --- Keys of any records -------------------------------------------------------------

// A field's value in a form that compares by itself; nullopt when it is unset.
using Value = std::optional<std::variant<int64_t, double, std::string, std::pair<int64_t, int>>>;

struct ModelField {
  std::string path;
  std::function<Value(const v1::Summit&)> value;
};

Value UnlessDefault(auto value) {
  if (value == decltype(value){}) return std::nullopt;
  return value;
}

std::string Head(const std::string& text) {
  size_t end = 0;
  for (size_t i = 0; i <= text.size() && i <= base::kMaxSortKeyTextBytes; ++i) {
    const bool begins = i == text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins) end = i;
  }
  return text.substr(0, end);
}

const std::vector<ModelField>& ModelFields() {
  static const auto* const kFields = new std::vector<ModelField>{
      {"title", [](const v1::Summit& s) { return UnlessDefault(Head(s.title())); }},
      {"state", [](const v1::Summit& s) { return UnlessDefault(int64_t{s.state()}); }},
      {"series.number",
       [](const v1::Summit& s) { return UnlessDefault(int64_t{s.series().number()}); }},
      {"place.display_name",
       [](const v1::Summit& s) { return UnlessDefault(Head(s.place().display_name())); }},
      {"place.coordinates.latitude_degrees",
       [](const v1::Summit& s) {
         return UnlessDefault(s.place().coordinates().latitude_degrees());
       }},
      {"time",
       [](const v1::Summit& s) -> Value {
         if (s.time().edtf().empty()) return std::nullopt;
         if (!s.time().has_earliest_begin_time()) return std::numeric_limits<int64_t>::min();
         return s.time().earliest_begin_time().seconds();
       }},
      {"time.latest_end_time",
       [](const v1::Summit& s) -> Value {
         if (!s.time().has_latest_end_time()) return std::nullopt;
         return std::pair<int64_t, int>(s.time().latest_end_time().seconds(),
                                        s.time().latest_end_time().nanos());
       }},
  };
  return *kFields;
}

class RandomSummits {
 public:
  explicit RandomSummits(unsigned seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }

  v1::Record Next() {
    v1::Record record;
    v1::Summit& summit = *record.mutable_summit();
    summit.set_title(SomeText());
    summit.set_state(static_cast<v1::SummitState>(Below(4)));
    if (Below(2) == 0) summit.mutable_series()->set_number(SomeNumber());
    if (Below(2) == 0) summit.mutable_place()->set_display_name(SomeText());
    if (Below(2) == 0) {
      summit.mutable_place()->mutable_coordinates()->set_latitude_degrees(SomeNumber() / 4.0);
    }
    if (Below(4) != 0) {
      if (Below(4) != 0) summit.mutable_time()->set_edtf("2023");
      if (Below(2) == 0) {
        summit.mutable_time()->mutable_earliest_begin_time()->set_seconds(SomeNumber());
      }
      if (Below(2) == 0) {
        auto& end = *summit.mutable_time()->mutable_latest_end_time();
        end.set_seconds(SomeNumber());
        end.set_nanos(static_cast<int>(Below(3)));
      }
    }
    return record;
  }

 private:
  // Few, so that many are alike, and of all sizes.
  int SomeNumber() {
    constexpr int kNumbers[] = {0, 1, -1, 255, 256, -256, 1 << 30, -(1 << 30)};
    return kNumbers[Below(std::size(kNumbers))];
  }

  // Of few letters, so that many begin alike, and around the limit.
  std::string SomeText() {
    const std::string kLetters[] = {"a", "b", std::string(1, '\0'), "\x01", "é", "평"};
    std::string text(Below(3) == 0 ? base::kMaxSortKeyTextBytes - Below(4) : 0, 'a');
    for (size_t i = Below(5); i > 0; --i) text += kLetters[Below(std::size(kLetters))];
    return text;
  }

  std::mt19937 random_;
};

int Sign(int number) { return (number > 0) - (number < 0); }

int Compare(const Value& a, const Value& b, bool descending) {
  if (a.has_value() != b.has_value()) return a.has_value() ? -1 : 1;
  const int ascending = a < b ? -1 : b < a ? 1 : 0;
  return descending ? -ascending : ascending;
}

TEST(OrderTest, KeysCompareAsAPlainComparatorSays) {
  constexpr int kOrders = 200, kPairs = 200;
  RandomSummits random(20230913);
  int ties = 0;
  for (int i = 0; i < kOrders; ++i) {
    std::vector<std::pair<ModelField, bool>> model;
    std::vector<std::string> terms;
    std::vector<ModelField> left = ModelFields();
    for (size_t n = 1 + random.Below(base::kMaxOrderFields); n > 0; --n) {
      const size_t pick = random.Below(left.size());
      const bool descending = random.Below(2) == 0;
      terms.push_back(left[pick].path + (descending ? " desc" : ""));
      model.emplace_back(left[pick], descending);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    const Order order = Parsed(absl::StrJoin(terms, ","));
    for (int j = 0; j < kPairs; ++j) {
      const v1::Record a = random.Next(), b = random.Next();
      int expected = 0;
      for (const auto& [field, descending] : model) {
        expected = Compare(field.value(a.summit()), field.value(b.summit()), descending);
        if (expected != 0) break;
      }
      ties += expected == 0;
      ASSERT_EQ(Sign(order.KeyOf(a).compare(order.KeyOf(b))), expected)
          << absl::StrJoin(terms, ",") << "\n"
          << a.DebugString() << "\n"
          << b.DebugString();
    }
  }
  // Else the fields after the first were never looked at.
  EXPECT_GT(ties, kOrders * kPairs / 100);
}

}  // namespace
}  // namespace communique::query
