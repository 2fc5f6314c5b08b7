// Two versions of one record, field by field.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/record_diff.h"
#include "tests/unit/text_proto.h"

namespace communique::cli {
namespace {

using testing::Text;

// "path: old -> new" of each difference.
std::vector<std::string> Lines(const v1::Record* before, const v1::Record* after) {
  std::vector<std::string> lines;
  for (const v1::FieldDifference& d : DifferencesBetween(before, after)) {
    lines.push_back(absl::StrCat(d.path(), ": ", d.old_json(), " -> ", d.new_json()));
  }
  return lines;
}

TEST(ClientDiffTest, NamesEveryFieldThatDiffers) {
  struct Case {
    std::string before;
    std::string after;
    std::vector<std::string> lines;
  };
  const std::vector<Case> cases = {
      {"actor { display_name: 'A' }", "actor { display_name: 'A' }", {}},
      {"actor { display_name: 'A' }",
       "actor { display_name: 'B' }",
       {R"(display_name: "A" -> "B")"}},
      {"actor { display_name: 'A' }",
       "actor { display_name: 'A' region_code: 'KP' }",
       {R"(region_code:  -> "KP")"}},
      {"actor { type: ACTOR_TYPE_PERSON }",
       "actor {}",
       {R"(type: "ACTOR_TYPE_PERSON" -> )"}},
      // A value is named whole.
      {"summit { time { text: 'soon' } }",
       "summit { time { text: 'soon' edtf: '2023-09' } }",
       {R"(time: {"text":"soon"} -> {"text":"soon","edtf":"2023-09"})"}},
      // Another message is gone into, however deep.
      {"statement { speaker { actor { text: 'x' } role: 'a' } }",
       "statement { speaker { actor { text: 'y' } role: 'b' } }",
       {R"(speaker.actor: {"text":"x"} -> {"text":"y"})", R"(speaker.role: "a" -> "b")"}},
      // One that comes or goes is named whole.
      {"statement {}",
       "statement { speaker { role: 'b' } }",
       {R"(speaker:  -> {"role":"b"})"}},
      // Elements are told apart by their ids, wherever they stand.
      {"statement { claims { id: 'a' condition: 'x' } claims { id: 'b' condition: 'y' } }",
       "statement { claims { id: 'c' } claims { id: 'b' condition: 'z' } }",
       {R"(claims[c]:  -> {"id":"c"})", R"(claims[b].condition: "y" -> "z")",
        R"(claims[a]: {"id":"a","condition":"x"} -> )"}},
      {"statement { claims { id: 'a' proposition { text: 'x' } } }",
       "statement { claims { id: 'a' proposition { text: 'y' } } }",
       {R"(claims[a].proposition.text: "x" -> "y")"}},
      // Also when they are the first or were the last.
      {"statement {}",
       "statement { claims { id: 'a' } claims { id: 'b' } }",
       {R"(claims[a]:  -> {"id":"a"})", R"(claims[b]:  -> {"id":"b"})"}},
      {"statement { claims { id: 'a' } }", "statement {}", {R"(claims[a]: {"id":"a"} -> )"}},
      // Only their order.
      {"statement { claims { id: 'a' } claims { id: 'b' } }",
       "statement { claims { id: 'b' } claims { id: 'a' } }",
       {R"(claims: [{"id":"a"},{"id":"b"}] -> [{"id":"b"},{"id":"a"}])"}},
      // Elements without ids are one value.
      {"statement { subjects { text: 'x' } }",
       "statement { subjects { text: 'x' } subjects { text: 'y' } }",
       {R"(subjects: [{"text":"x"}] -> [{"text":"x"},{"text":"y"}])"}},
      {"statement { segments { id: 'a' text: 'x' } segments { text: 'y' } }",
       "statement { segments { id: 'a' text: 'z' } segments { text: 'y' } }",
       {R"(segments: [{"id":"a","text":"x"},{"text":"y"}] -> )"
        R"([{"id":"a","text":"z"},{"text":"y"}])"}},
      // The kind of a sanction: one member of a oneof goes, another comes.
      {"sanction { regime {} }",
       "sanction { designation {} }",
       {"regime: {} -> ", "designation:  -> {}"}},
      // What the server keeps is no difference.
      {"revision: 1 etag: 'a' actor { display_name: 'A' }",
       "revision: 2 etag: 'b' actor { display_name: 'A' }",
       {}},
  };
  for (const Case& c : cases) {
    const auto before = Text<v1::Record>(c.before);
    const auto after = Text<v1::Record>(c.after);
    EXPECT_EQ(Lines(&before, &after), c.lines) << c.before << " and " << c.after;
  }
}

TEST(ClientDiffTest, WhereThereWasNoRecordEverythingIsAdded) {
  const auto record = Text<v1::Record>("actor { display_name: 'A' region_code: 'KP' "
                                       "names { id: 'n' } names { id: 'm' } }");
  EXPECT_EQ(Lines(nullptr, &record),
            (std::vector<std::string>{R"(display_name:  -> "A")",
                                      R"(names:  -> [{"id":"n"},{"id":"m"}])",
                                      R"(region_code:  -> "KP")"}));
  EXPECT_EQ(Lines(&record, nullptr),
            (std::vector<std::string>{R"(display_name: "A" -> )",
                                      R"(names: [{"id":"n"},{"id":"m"}] -> )",
                                      R"(region_code: "KP" -> )"}));
  EXPECT_TRUE(Lines(nullptr, nullptr).empty());
}

}  // namespace
}  // namespace communique::cli
