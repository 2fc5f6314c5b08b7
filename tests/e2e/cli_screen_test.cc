// The program's screening: names, files of names, what it prints and exits with.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/e2e/screening_fixture.h"
#include "tests/support/program.h"

namespace communique {
namespace {

using testing::Actor;
using testing::CliTest;
using testing::Designation;
using testing::Ended;
using testing::Harms;
using testing::kFailure;
using testing::kNotFound;
using testing::kOk;
using testing::kUsage;
using testing::LinesOf;
using testing::ParseLines;

class CliScreenTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    v1::CommitRequest request;
    std::vector<v1::Record> records = testing::Authority("north");
    for (const auto& [id, name] : std::vector<std::pair<std::string, std::string>>{
             {"vrenzky", "Ostap Vrenzky"}, {"brankovane", "Ludmila Brankovane"}}) {
      records.push_back(Actor(id, {name}));
      records.push_back(Designation(id));
    }
    for (const v1::Record& record : records) *request.add_mutations()->mutable_put() = record;
    Commit(request);
  }
  Ended ScreenFile(const std::string& text, std::vector<std::string> more = {"-o", "jsonl"}) {
    testing::WriteFile(files_ / "names.csv", text);
    std::vector<std::string> arguments = {"screen", "--file=" + files_ / "names.csv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(CliScreenTest, NamesOnTheCommandLine) {
  // Words are one name, however they are quoted.
  const Ended words = Run({"screen", "Ostap", "Vrenzki"});
  EXPECT_EQ(words.exit_code, kOk) << words.error;
  const auto lines = LinesOf(words.output);
  ASSERT_EQ(lines.size(), 2u) << words.output;
  EXPECT_TRUE(absl::StartsWith(lines[0], "ASKED")) << lines[0];
  for (const char* said :
       {"Ostap Vrenzki", "actors/vrenzky", "Ostap Vrenzky", "sanctions/north-vrenzky", "yes"}) {
    EXPECT_TRUE(absl::StrContains(lines[1], said)) << lines[1];
  }
  EXPECT_TRUE(absl::StrContains(words.error, "communique-names-")) << words.error;
  EXPECT_FALSE(Harms(words.output));
  EXPECT_EQ(Run({"screen", "Ostap Vrenzki"}).output, words.output);

  // In quotation marks each is its own; whoever matches nobody is told, too.
  const Ended two = Run({"screen", "Ostap Vrenzky", "Quentin Abernathy-Xu", "-o", "jsonl"});
  EXPECT_EQ(two.exit_code, kOk) << two.error;
  const auto answers = ParseLines<v1::ScreenResponse>(two.output);
  ASSERT_EQ(answers.size(), 2u) << two.output;
  EXPECT_EQ(answers[0].results(0).matches(0).actor(), "actors/vrenzky");
  EXPECT_EQ(answers[1].results(0).decision(), v1::SCREEN_DECISION_NO_MATCH);
  EXPECT_TRUE(absl::StrContains(Run({"screen", "Quentin Abernathy-Xu"}).output, "no match"));
  EXPECT_TRUE(absl::StartsWith(Run({"screen", "Ostap", "-o", "json"}).output, "["));
}

TEST_F(CliScreenTest, FlagsAreTheRequest) {
  const Ended ended =
      Run({"screen", "Ostap Vrenzky", "--type=individual", "--birth_date=1980", "--country=no,SE",
           "--gender=m", "--identifier=AB 123", "--authority=actors/north",
           "--regime=sanctions/north-regime", "--threshold=0.9", "--possible_threshold=0.4",
           "--changed_since=0", "--exclude=actors/brankovane", "--include_delisted", "--known_at=1",
           "--valid_at=2023-09-12", "--limit=3", "-o", "jsonl"});
  ASSERT_EQ(ended.exit_code, kOk) << ended.error;
  const auto answers = ParseLines<v1::ScreenResponse>(ended.output);
  ASSERT_EQ(answers.size(), 1u);
  const v1::ScreenQuery& query = answers[0].results(0).query();
  EXPECT_EQ(query.type(), v1::ACTOR_TYPE_PERSON);
  EXPECT_EQ(query.birth_date(), "1980");
  EXPECT_THAT(query.region_codes(), ::testing::ElementsAre("NO", "SE"));
  EXPECT_EQ(query.gender(), "male");
  EXPECT_EQ(query.identifiers(0).value(), "AB 123");
  const v1::ScreenRequest& options = answers[0].options();
  EXPECT_THAT(options.authorities(), ::testing::ElementsAre("actors/north"));
  EXPECT_THAT(options.regimes(), ::testing::ElementsAre("sanctions/north-regime"));
  EXPECT_THAT(options.excluded_actors(), ::testing::ElementsAre("actors/brankovane"));
  EXPECT_EQ(options.threshold(), 0.9);
  EXPECT_EQ(options.possible_threshold(), 0.4);
  EXPECT_TRUE(options.include_delisted());
  EXPECT_EQ(options.max_matches(), 3);
  EXPECT_EQ(options.scope().known_revision(), 1);
  EXPECT_EQ(options.scope().valid_date(), "2023-09-12");
}

TEST_F(CliScreenTest, AFileIsALineForEachName) {
  const Ended ended = ScreenFile(
      "\xef\xbb\xbfid,Name,Birth Date,country,gender,type,note\r\n"
      "c-1,\"Vrenzky, Ostap\",1980-05-06,NO;SE,f,person,first\r\n"
      "\r\n"
      ",\"Quentin \"\"Q\"\" Abernathy\",,,,,\"two\r\nlines\"\r\n"
      "c-3,Ludmila Brankovane,,,,,\r\n");
  EXPECT_EQ(ended.exit_code, kOk) << ended.error;
  EXPECT_TRUE(absl::StrContains(ended.error, "note")) << ended.error;
  const auto answers = ParseLines<v1::ScreenResponse>(ended.output);
  ASSERT_EQ(answers.size(), 3u) << ended.output;
  const v1::ScreenQuery& first = answers[0].results(0).query();
  EXPECT_EQ(first.query_id(), "c-1");
  EXPECT_EQ(first.names(0), "Vrenzky, Ostap");
  EXPECT_EQ(first.birth_date(), "1980-05-06");
  EXPECT_THAT(first.region_codes(), ::testing::ElementsAre("NO", "SE"));
  EXPECT_EQ(first.gender(), "female");
  EXPECT_EQ(first.type(), v1::ACTOR_TYPE_PERSON);
  EXPECT_EQ(answers[1].results(0).query_id(), "4");  // its line
  EXPECT_EQ(answers[1].results(0).query().names(0), "Quentin \"Q\" Abernathy");
  EXPECT_EQ(answers[2].results(0).matches(0).actor(), "actors/brankovane");
  for (const v1::ScreenResponse& answer : answers) {
    EXPECT_EQ(answer.results_size(), 1);
    EXPECT_EQ(answer.pin().revision(), 1);
    EXPECT_NE(answer.algorithm_version(), "");
    EXPECT_GT(answer.options().threshold(), 0);
  }
  // A line can be asked again as it stands.
  v1::ScreenRequest again = answers[2].options();
  *again.add_queries() = answers[2].results(0).query();
  const auto repeated = client_->Screen(again);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_EQ(repeated->SerializeAsString(), answers[2].SerializeAsString());
}

TEST_F(CliScreenTest, ManyBatchesComeInOrderAndOfOneRevision) {
  std::string file = "name\n";
  for (int i = 0; i < 730; ++i) absl::StrAppend(&file, "Ostap Vrenzky ", i, "\n");
  const Ended ended = ScreenFile(file);
  EXPECT_EQ(ended.exit_code, kOk) << ended.error;
  const auto answers = ParseLines<v1::ScreenResponse>(ended.output);
  ASSERT_EQ(answers.size(), 730u);
  for (int i = 0; i < 730; ++i) {
    EXPECT_EQ(answers[i].results(0).query().names(0), absl::StrCat("Ostap Vrenzky ", i));
    EXPECT_EQ(answers[i].options().scope().known_revision(), 1);
  }
}

TEST_F(CliScreenTest, RowsThatCannotBeScreenedAreTold) {
  const Ended ended = ScreenFile(
      "name,birth_date,country\n"
      "Ostap Vrenzky,,\n"
      "???,,\n"                          // the server finds nothing in it
      "Ludmila Brankovane,yesterday,\n"  // nor in this
      "Ludmila Brankovane,,Norway\n"
      ",,\n"
      "too,few\n"
      "Ludmila Brankovane,,\n");
  EXPECT_EQ(ended.exit_code, kFailure);
  const auto answers = ParseLines<v1::ScreenResponse>(ended.output);
  ASSERT_EQ(answers.size(), 2u) << ended.output << ended.error;
  EXPECT_EQ(answers[1].results(0).query_id(), "8");
  for (const char* told : {"line 3:", "line 4:", "line 5:", "line 6:", "line 7:", "5 rows"}) {
    EXPECT_TRUE(absl::StrContains(ended.error, told)) << told << " in " << ended.error;
  }
}

TEST_F(CliScreenTest, WhatIsNoFileOfNames) {
  const auto refused = [&](const std::string& text, const std::string& told) {
    const Ended ended = ScreenFile(text);
    EXPECT_EQ(ended.exit_code, kFailure) << text;
    EXPECT_TRUE(absl::StrContains(ended.error, told)) << ended.error;
    return ended;
  };
  refused("", "empty");
  refused("Ostap Vrenzky\n", "header");
  refused("name,name\n", "twice");
  // What stands before it is screened.
  const Ended open = refused("name\nOstap Vrenzky\n\"Ludmila\n", "line 3");
  EXPECT_EQ(ParseLines<v1::ScreenResponse>(open.output).size(), 1u);
  EXPECT_EQ(refused("name\nOst\"ap\n", "line 2").output, "");
  EXPECT_EQ(ScreenFile("name\n").exit_code, kOk);
  EXPECT_EQ(Run({"screen", "--file=/nowhere/names.csv"}).exit_code, kFailure);
}

TEST_F(CliScreenTest, Usage) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"screen"},
                                             {"screen", "Ostap", "--file=names.csv"},
                                             {"screen", "Ostap", "--type=cat"},
                                             {"screen", "Ostap", "--gender=x"},
                                             {"screen", "Ostap", "--country=Norway"},
                                             {"screen", "Ostap", "--threshold=2"},
                                             {"screen", "Ostap", "--threshold=0"},
                                             {"screen", "Ostap", "--limit=101"},
                                             {"screen", "Ostap", "--authority=un"},
                                             {"screen", "Ostap", "--known_at=soon"}}) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kUsage) << arguments.back() << ended.error;
  }
  EXPECT_EQ(Run({"screen", "???"}).exit_code, kFailure);
  EXPECT_EQ(Run({"screen", "Ostap", "--authority=actors/nobody"}).exit_code, kFailure);
  EXPECT_EQ(Run({"screen", "Ostap", "--known_at=sources/none"}).exit_code, kNotFound);
}

}  // namespace
}  // namespace communique
