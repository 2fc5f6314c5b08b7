// What each revision changed, and what two of them tell apart: through the SDK and
// on the command line.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/support/records.h"

namespace communique {
namespace {

using google::protobuf::Struct;
using testing::Delete;
using testing::Ended;
using testing::Harms;
using testing::kFailure;
using testing::kNotFound;
using testing::kOk;
using testing::LinesOf;
using testing::MakeActor;
using testing::ParseLines;
using testing::Put;

constexpr char kSummit[] = "summits/kim-putin-2023";

class HistoryTest : public testing::CliTest {
 protected:
  // "path: old -> new" of each difference, by revision.
  std::map<int64_t, std::vector<std::string>> History(const std::string& name) const {
    std::map<int64_t, std::vector<std::string>> history;
    for (const auto& revision : client_->History(name, {.include_values = true})) {
      EXPECT_TRUE(revision.ok()) << revision.status();
      if (!revision.ok()) break;
      auto& lines = history[revision->change.revision()];
      for (const auto& d : revision->differences) {
        lines.push_back(absl::StrCat(d.path(), ": ", d.old_json(), " -> ", d.new_json()));
      }
    }
    return history;
  }

  // The same of what `diff` prints.
  std::vector<std::string> Diff(const std::string& name, int64_t from, int64_t to) const {
    const Ended ended = Run({"diff", name, absl::StrCat("--from=", from), absl::StrCat("--to=", to),
                             "-o", "jsonl"});
    EXPECT_EQ(ended.exit_code, kOk) << ended.error;
    std::vector<std::string> lines;
    for (const Struct& object : ParseLines<Struct>(ended.output)) {
      for (const auto& value : object.fields().at("differences").list_value().values()) {
        const auto& d = value.struct_value().fields();
        const auto text = [&](const char* key) {
          return d.count(key) != 0 ? d.at(key).string_value() : "";
        };
        lines.push_back(
            absl::StrCat(text("path"), ": ", text("old_json"), " -> ", text("new_json")));
      }
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;

TEST_F(HistoryTest, NamesOldAndNewOfEachChangedField) {
  Commit(Put(MakeActor("a", "Actor A")));
  v1::Record changed = MakeActor("a", "Actor A, later");
  changed.mutable_actor()->set_region_code("KP");
  Commit(Put(changed));
  Commit(Delete("actors/a"));
  Commit(Put(MakeActor("a", "Back")));
  const auto history = History("actors/a");
  ASSERT_EQ(history.size(), 4u);
  EXPECT_EQ(history.at(1), (Lines{R"(display_name:  -> "Actor A")",
                                  R"(type:  -> "ACTOR_TYPE_PERSON")"}));
  EXPECT_EQ(history.at(2), (Lines{R"(display_name: "Actor A" -> "Actor A, later")",
                                  R"(region_code:  -> "KP")"}));
  // What went is told once, with its values.
  EXPECT_EQ(history.at(3), (Lines{R"(display_name: "Actor A, later" -> )",
                                  R"(type: "ACTOR_TYPE_PERSON" -> )", R"(region_code: "KP" -> )"}));
  EXPECT_EQ(history.at(4),
            (Lines{R"(display_name:  -> "Back")", R"(type:  -> "ACTOR_TYPE_PERSON")"}));
}

TEST_F(HistoryTest, ValuesComeOnlyWhenAskedForAndPageByPage) {
  for (int i = 0; i < 7; ++i) Commit(Put(MakeActor("a", absl::StrCat("Actor ", i))));
  for (const auto& revision : client_->History("actors/a")) {
    ASSERT_TRUE(revision.ok()) << revision.status();
    EXPECT_TRUE(revision->differences.empty());
  }
  int64_t expected = 7;
  for (const auto& revision :
       client_->History("actors/a", {.page_size = 3, .include_values = true})) {
    ASSERT_TRUE(revision.ok()) << revision.status();
    EXPECT_EQ(revision->change.revision(), expected--);
    ASSERT_FALSE(revision->differences.empty());
    EXPECT_EQ(revision->differences[0].new_json(), absl::StrCat("\"Actor ", expected, "\""));
  }
  EXPECT_EQ(expected, 0);
}

TEST_F(HistoryTest, OnTheCommandLine) {
  LoadArticle();
  const Ended table = Run({"history", kSummit, "--limit=2"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  ASSERT_GT(lines.size(), 3u);
  EXPECT_TRUE(absl::StartsWith(lines[0], "25 ")) << lines[0];
  EXPECT_TRUE(absl::StrContains(lines[0], "status changed")) << lines[0];
  EXPECT_TRUE(absl::StrContains(lines[0], "(Later knowledge: ")) << lines[0];
  EXPECT_TRUE(absl::StrContains(
      table.output, "\n    state: \"SUMMIT_STATE_ANNOUNCED\" -> \"SUMMIT_STATE_HELD\"\n"))
      << table.output;
  EXPECT_TRUE(absl::StrContains(table.output, "\n24 ")) << table.output;
  EXPECT_FALSE(Harms(table.output));

  // A line is a Change with its differences.
  const Ended jsonl = Run({"history", kSummit, "-o", "jsonl", "--known_at=14"});
  const auto objects = ParseLines<Struct>(jsonl.output);
  ASSERT_EQ(objects.size(), 3u) << jsonl.error;
  EXPECT_EQ(objects[0].fields().at("revision").string_value(), "14");
  EXPECT_FALSE(objects[0].fields().at("differences").list_value().values().empty());
  EXPECT_EQ(objects[2].fields().at("kinds").list_value().values(0).string_value(),
            "CHANGE_KIND_CREATED");

  EXPECT_EQ(Run({"history", "actors/never"}).exit_code, kNotFound);
  EXPECT_EQ(Run({"history", kSummit, "--known_at=99"}).exit_code, kFailure);
}

// Of two revisions in a row, `diff` finds what the server recorded.
TEST_F(HistoryTest, DiffAndHistoryAgree) {
  LoadArticle();
  int64_t previous = 0;
  for (const auto& [revision, lines] : History(kSummit)) {
    EXPECT_EQ(Diff(kSummit, previous, revision), lines) << previous << " to " << revision;
    previous = revision;
  }
  EXPECT_EQ(previous, 25);
}

TEST_F(HistoryTest, DiffOverSeveralRevisionsNamesWhoAndWhy) {
  Commit(Put(MakeActor("a", "One")));
  v1::CommitRequest second = Put(MakeActor("a", "Two"));
  second.set_reason("a second look");
  Commit(second);
  Commit(Put(MakeActor("b", "Another")));
  Commit(Put(MakeActor("a", "Three")));
  Commit(Put(MakeActor("a", "Four")));

  const Ended table = Run({"diff", "actors/a", "--from=1", "--to=4"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  ASSERT_EQ(lines.size(), 5u) << table.output;
  EXPECT_EQ(lines[0], "actors/a  1 -> 4");
  EXPECT_EQ(lines[1], R"(  display_name: "One" -> "Three")");
  EXPECT_EQ(lines[2], "");
  EXPECT_TRUE(absl::StartsWith(lines[3], "4 ")) << lines[3];
  EXPECT_TRUE(absl::StartsWith(lines[4], "2 ")) << lines[4];
  EXPECT_TRUE(absl::StrContains(lines[4], "by desk  (a second look)")) << lines[4];

  // Without --to, as it is now.
  const Ended now = Run({"diff", "actors/a", "--from=4"});
  EXPECT_TRUE(absl::StartsWith(now.output, "actors/a  4 -> 5\n")) << now.output << now.error;
  EXPECT_TRUE(absl::StrContains(now.output, R"("Three" -> "Four")")) << now.output;

  // Nothing is between a revision and itself, or where only others changed.
  for (const std::string to : {"--to=2", "--to=3"}) {
    const Ended same = Run({"diff", "actors/a", "--from=2", to});
    EXPECT_EQ(same.exit_code, kOk);
    EXPECT_EQ(LinesOf(same.output).size(), 1u) << same.output;
    EXPECT_TRUE(absl::StrContains(same.error, "no difference")) << same.error;
  }
}

TEST_F(HistoryTest, DiffWhereThereWasNoRecord) {
  Commit(Put(MakeActor("a", "One")));
  Commit(Delete("actors/a"));
  Commit(Put({MakeActor("b", "B"), MakeActor("c", "C")}));
  Commit(testing::Merge("actors/b", "actors/c"));
  const Lines added = {R"(display_name:  -> "One")", R"(type:  -> "ACTOR_TYPE_PERSON")"};
  const Lines removed = {R"(display_name: "One" -> )", R"(type: "ACTOR_TYPE_PERSON" -> )"};
  EXPECT_EQ(Diff("actors/a", 0, 1), added);
  EXPECT_EQ(Diff("actors/a", 1, 2), removed);
  // What was merged away is gone, whatever the survivor is.
  EXPECT_EQ(Diff("actors/b", 3, 4),
            (Lines{R"(display_name: "B" -> )", R"(type: "ACTOR_TYPE_PERSON" -> )"}));
  // There on neither side.
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"diff", "actors/a", "--from=2"},
                                             {"diff", "actors/a", "--from=0", "--to=2"},
                                             {"diff", "actors/never", "--from=0"},
                                             {"diff", "actors/b", "--from=4"}}) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kNotFound) << ::testing::PrintToString(arguments) << ended.error;
    EXPECT_EQ(ended.output, "");
    EXPECT_FALSE(ended.error.empty());
  }
  EXPECT_EQ(Run({"diff", "actors/a", "--from=0", "--to=99"}).exit_code, kFailure);
}

}  // namespace
}  // namespace communique
