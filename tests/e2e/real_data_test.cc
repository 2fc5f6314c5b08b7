// Real data and samples of its formats: the loaders in tests/fixtures turn them
// into commits, every line is accepted, and questions get the answers that the
// loaders worked out from the files, in their order, page by page.

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "service/domain/names.h"
#include "tests/support/program.h"
#include "tests/support/server_process.h"

namespace communique {
namespace {

using testing::Ended;
using testing::ServerProcess;

constexpr char kFixtures[] = COMMUNIQUE_SOURCE_DIR "/tests/fixtures";
constexpr char kShared[] = COMMUNIQUE_SHARED_DATA;
// Loading the largest takes seconds; an instrumented build is ten times slower.
constexpr absl::Duration kLoadTimeout = absl::Minutes(4);

struct DataSet {
  std::string name;
  std::string loader;
  std::string folder;
  // "--flag=" or nothing, and the file in `folder`.
  std::vector<std::pair<std::string, std::string>> files;
  int changes = 0;  // puts of the whole data set
  int page_size = 0;

  bool present() const {
    for (const auto& [flag, file] : files) {
      if (!std::filesystem::exists(absl::StrCat(folder, "/", file))) return false;
    }
    return true;
  }
};

void PrintTo(const DataSet& set, std::ostream* out) { *out << set.name; }

struct Question {
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  std::string filter;
  std::string order_by;
  std::vector<std::string> names;
};

class RealDataTest : public ::testing::TestWithParam<DataSet> {
 protected:
  void SetUp() override {
    if (!GetParam().present()) {
      GTEST_SKIP() << "the folder of shared data is not on this machine; "
                      "COMMUNIQUE_SHARED_DATA names it";
    }
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    testing::WriteFile(commits_, RunLoader({}));
    const Ended loaded = Load("first");
    ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
    EXPECT_TRUE(
        absl::StrContains(loaded.output, absl::StrCat(" ", GetParam().changes, " changes,")))
        << loaded.output;
  }

  std::string RunLoader(std::vector<std::string> flags) const {
    std::vector<std::string> arguments = {"/usr/bin/env", "python3", "-B",
                                          absl::StrCat(kFixtures, "/", GetParam().loader)};
    for (const auto& [flag, file] : GetParam().files) {
      arguments.push_back(absl::StrCat(flag, GetParam().folder, "/", file));
    }
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Ended ended = testing::RunProgram({.arguments = std::move(arguments)}, kLoadTimeout);
    EXPECT_EQ(ended.exit_code, 0) << ended.error;
    return ended.output;
  }

  Ended Load(const std::string& load_id) const {
    return testing::RunProgram(
        {.arguments = {testing::BuiltProgram("communique"), "--endpoint=" + server_->endpoint(),
                       "load", "--load_id=" + load_id, commits_}},
        kLoadTimeout);
  }

  std::vector<Question> Questions() const {
    std::vector<Question> questions;
    const std::string text = RunLoader({"--questions"});
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> columns = absl::StrSplit(line, '\t');
      EXPECT_EQ(columns.size(), 4u) << line.substr(0, 200);
      if (columns.size() != 4) continue;
      questions.push_back({domain::KindOfCollection(columns[0]), columns[1], columns[2],
                           absl::StrSplit(columns[3], ' ', absl::SkipEmpty())});
    }
    return questions;
  }

  testing::TempDir files_;
  const std::string commits_ = files_ / "commits.jsonl";
  std::unique_ptr<ServerProcess> server_;
};

TEST_P(RealDataTest, AnswersAsTheFilesSayAndLoadsTwiceAlike) {
  const std::vector<Question> questions = Questions();
  EXPECT_GE(questions.size(), 10u);
  const Client client = server_->MakeClient();
  for (const Question& question : questions) {
    SCOPED_TRACE(absl::StrCat("filter ", question.filter, ", order ", question.order_by));
    EXPECT_FALSE(question.names.empty()) << "asks for nothing";
    std::vector<std::string> names;
    for (const auto& record : client.List(question.kind, {.filter = question.filter,
                                                         .order_by = question.order_by,
                                                         .page_size = GetParam().page_size,
                                                         .read_mask = {"name"}})) {
      ASSERT_TRUE(record.ok()) << record.status();
      names.push_back(record->name());
    }
    EXPECT_EQ(names.size(), question.names.size());
    EXPECT_EQ(names, question.names);
  }

  const Ended again = Load("again");
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_TRUE(absl::StartsWith(again.output, "0 commits, 0 changes,")) << again.output;
}

INSTANTIATE_TEST_SUITE_P(DataSets, RealDataTest,
                         ::testing::Values(DataSet{"SampleOfSpeeches",
                                                   "load_speeches.py",
                                                   kFixtures,
                                                   {{"", "speeches_sample.jsonl"}},
                                                   21,
                                                   2},
                                           DataSet{"SampleOfEvents",
                                                   "load_events.py",
                                                   kFixtures,
                                                   {{"--vetoes=", "vetoes_sample.csv"},
                                                    {"--meetings=", "meetings_sample.tsv"},
                                                    {"--g20=", "g20_sample.json"}},
                                                   56,
                                                   2},
                                           DataSet{"Speeches",
                                                   "load_speeches.py",
                                                   absl::StrCat(kShared, "/statements"),
                                                   {{"", "ungdc_1946-2022_six_countries.jsonl"}},
                                                   527,
                                                   50},
                                           DataSet{
                                               "Events",
                                               "load_events.py",
                                               absl::StrCat(kShared, "/events"),
                                               {{"--vetoes=", "unsc_vetoes_1946_sept2022.csv"},
                                                {"--meetings=", "icews_meetings_and_sanctions.tsv"},
                                                {"--g20=", "g20_2018_argentina_meetings.json"}},
                                               42400,
                                               500}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace communique
