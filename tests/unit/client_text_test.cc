// How the command line puts history, fragments and computed states.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/flags.h"
#include "cli/highlight.h"
#include "cli/history_text.h"
#include "cli/json.h"
#include "cli/scope.h"
#include "google/protobuf/struct.pb.h"
#include "tests/unit/text_proto.h"

namespace communique::cli {
namespace {

using testing::Text;

const Output kPlain(Format::kTable, false);
const Output kColored(Format::kTable, true);

Revision ARevision() {
  Revision revision;
  revision.change = Text<v1::Change>(
      "revision: 25 commit_time { seconds: 1694678400 } principal: 'desk' reason: 'it was held' "
      "name: 'summits/s' kinds: CHANGE_KIND_UPDATED kinds: CHANGE_KIND_STATUS_CHANGED "
      "record { name: 'summits/s' summit { title: 'S' } }");
  revision.differences.push_back(
      Text<v1::FieldDifference>(R"(path: 'state' old_json: '"A"' new_json: '"B"')"));
  revision.differences.push_back(Text<v1::FieldDifference>(R"(path: 'x[y].z' new_json: '1')"));
  return revision;
}

TEST(HistoryTextTest, TellsWhoChangedWhatWhenAndWhy) {
  const std::vector<std::string> lines = RevisionLines(ARevision(), kPlain);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0],
            "25       2023-09-14 08:00:00Z  updated, status changed  by desk  (it was held)");
  EXPECT_EQ(lines[1], R"(    state: "A" -> "B")");
  EXPECT_EQ(lines[2], "    x[y].z: (none) -> 1");
  EXPECT_EQ(DifferenceLine(Text<v1::FieldDifference>("path: 'p' old_json: '[]'")),
            "p: [] -> (none)");
}

TEST(HistoryTextTest, NamesWhereARecordWentAndLeavesOutWhatIsNotKnown) {
  EXPECT_EQ(RevisionLine(Text<v1::Change>("revision: 7 commit_time { seconds: 0 } "
                                          "kinds: CHANGE_KIND_MERGED "
                                          "tombstone { successor: 'actors/b' }"),
                         kPlain),
            "7        1970-01-01 00:00:00Z  merged            → actors/b");
}

TEST(HistoryTextTest, TellsWhatHeldThen) {
  Revision revision = ARevision();
  auto& state = *revision.change.mutable_record()->add_computed_states();
  state.set_state("under_way");
  state.set_holds(v1::HOLDS_POSSIBLY);
  EXPECT_EQ(RevisionLines(revision, kPlain)[1], "    then: possibly under way");
}

TEST(HistoryTextTest, CutsLongValuesInTheTableOnly) {
  Revision revision = ARevision();
  const std::string text(200, 'x');
  revision.differences.resize(1);
  revision.differences[0].set_new_json("\"" + text + "\"");
  const std::string line = RevisionLines(revision, kPlain)[1];
  EXPECT_TRUE(absl::EndsWith(line, "xxx…")) << line;
  EXPECT_LT(line.size(), 100u);
  EXPECT_TRUE(absl::StrContains(RevisionJson(revision), text));
}

TEST(HistoryTextTest, IsHarmless) {
  Revision revision = ARevision();
  revision.change.set_principal("\x1b[2J");
  revision.change.set_reason("\xe2\x80\xae");
  revision.differences[0].set_path("\x07");
  revision.differences[0].set_old_json("\x1b");
  for (const std::string& line : RevisionLines(revision, kPlain)) {
    EXPECT_FALSE(absl::StrContains(line, "\x1b")) << line;
    EXPECT_FALSE(absl::StrContains(line, "\x07")) << line;
    EXPECT_FALSE(absl::StrContains(line, "\xe2\x80\xae")) << line;
  }
}

TEST(HistoryTextTest, InJsonIsTheChangeWithItsDifferences) {
  google::protobuf::Struct object;
  ASSERT_TRUE(FromJson(RevisionJson(ARevision()), &object).ok()) << RevisionJson(ARevision());
  const auto& fields = object.fields();
  EXPECT_EQ(fields.at("revision").string_value(), "25");
  EXPECT_EQ(fields.at("principal").string_value(), "desk");
  const auto& differences = fields.at("differences").list_value();
  ASSERT_EQ(differences.values_size(), 2);
  EXPECT_EQ(differences.values(0).struct_value().fields().at("new_json").string_value(), "\"B\"");
  // An empty change is JSON too.
  ASSERT_TRUE(FromJson(RevisionJson({}), &object).ok()) << RevisionJson({});
}

TEST(HighlightTest, EmphasisesWhatMatched) {
  struct Case {
    std::string fragment;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"text: 'in Pyongyang'", "in Pyongyang"},
      {"text: 'in Pyongyang' highlights { start_offset: 3 end_offset: 9 }", "in <Pyongy>ang"},
      // Offsets count code points.
      {"text: '평양에서 만나' highlights { start_offset: 0 end_offset: 2 }", "<평양>에서 만나"},
      {"text: 'aéb' highlights { start_offset: 2 end_offset: 3 }", "aé<b>"},
      // In any order; overlaps, beyond the end, backwards.
      {"text: 'abcdef' highlights { start_offset: 4 end_offset: 5 } "
       "highlights { start_offset: 0 end_offset: 1 }",
       "<a>bcd<e>f"},
      {"text: 'abcdef' highlights { start_offset: 0 end_offset: 3 } "
       "highlights { start_offset: 2 end_offset: 4 }",
       "<abc><d>ef"},
      {"text: 'abc' highlights { start_offset: 2 end_offset: 99 }", "ab<c>"},
      {"text: 'abc' highlights { start_offset: 9 end_offset: 99 }", "abc"},
      {"text: 'abc' highlights { start_offset: -5 end_offset: 1 }", "<a>bc"},
      {"text: 'abc' highlights { start_offset: 2 end_offset: 1 }", "abc"},
      {"highlights { start_offset: 0 end_offset: 1 }", ""},
      // What a terminal would obey stays text, also within a match.
      {"text: 'a\\033[1mb' highlights { start_offset: 0 end_offset: 2 }", "<a\\u001b>[1mb"},
  };
  const auto mark = [](absl::string_view text) { return absl::StrCat("<", text, ">"); };
  for (const Case& c : cases) {
    EXPECT_EQ(HighlightedText(Text<v1::SearchFragment>(c.fragment), mark), c.text) << c.fragment;
  }
}

TEST(HighlightTest, IsBoldOnlyInColor) {
  EXPECT_EQ(kPlain.Bold("a"), "a");
  EXPECT_EQ(kColored.Bold("a"), "\033[1ma\033[0m");
}

TEST(StatesTest, TellWhatHoldsAndWhatMayHold) {
  const auto record = Text<v1::Record>(
      "computed_states { state: 'listed' holds: HOLDS_NO } "
      "computed_states { state: 'listed' element_id: 'i1' holds: HOLDS_NO } "
      "computed_states { state: 'in_office' element_id: 'p1' holds: HOLDS_POSSIBLY } "
      "computed_states { state: 'in_force' holds: HOLDS_YES }");
  EXPECT_EQ(StatesOf(record), "not listed, possibly in office (p1), in force");
  EXPECT_EQ(StatesOf({}), "");
}

TEST(FlagsTest, EachNameStandsOnce) {
  std::set<absl::string_view> names;
  for (const Flag& flag : AllFlags()) EXPECT_TRUE(names.insert(flag.name).second) << flag.name;
}

TEST(ScopeTest, KnownAtIsARevisionATimeADateOrAVersionOfAList) {
  struct Case {
    std::string known_at;
    std::string scope;
  };
  const std::vector<Case> cases = {
      {"0", "known_revision: 0"},
      {"42", "known_revision: 42"},
      {"2023-09-12T08:00:00Z", "known_time { seconds: 1694505600 }"},
      {"2023-09-12T17:00:00.25+09:00", "known_time { seconds: 1694505600 nanos: 250000000 }"},
      {"2023-09-12", "known_time { seconds: 1694563199 nanos: 999999999 }"},
      {"sources/un-1718-2023", "known_list_version: 'sources/un-1718-2023'"},
  };
  for (const Case& c : cases) {
    const auto line = CommandLine::Parse({"--known_at=" + c.known_at, "--valid_at=2023-09-12"});
    ASSERT_TRUE(line.ok());
    const auto scope = ScopeOf(*line);
    ASSERT_TRUE(scope.ok()) << scope.status();
    EXPECT_EQ(scope->SerializeAsString(),
              Text<v1::ReadScope>(c.scope + " valid_date: '2023-09-12'").SerializeAsString())
        << c.known_at;
  }
  for (const std::string flag : {"--known_at=-1", "--known_at=", "--known_at=2023-13-01",
                                 "--known_at=2023-9-1", "--known_at=2023-09-12T08:00:00",
                                 "--known_at=actors/a", "--valid_at=2023", "--valid_at=2023-02-30",
                                 "--valid_at=12.9.2023", "--valid_at="}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ScopeOf(*CommandLine::Parse({flag})).status())) << flag;
  }
}

}  // namespace
}  // namespace communique::cli
