// Everything the seed article says, written through the SDK's Loader and read
// back through the SDK: each of its 70 facts stands where facts.tsv says.

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "communique/client.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "service/domain/field_path.h"
#include "service/domain/names.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::ServerProcess;

constexpr int kFactCount = 70;
constexpr char kDataset[] = COMMUNIQUE_SOURCE_DIR "/deploy/data/hankyoreh-2023-09-12.jsonl";
constexpr char kFacts[] = COMMUNIQUE_SOURCE_DIR "/tests/fixtures/facts.tsv";

// The commits of a file, a line each.
std::vector<v1::CommitRequest> ReadCommits(const std::string& path) {
  std::vector<v1::CommitRequest> commits;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &commits.emplace_back());
    EXPECT_TRUE(parsed.ok()) << path << ":" << commits.size() << ": " << parsed.ToString();
  }
  return commits;
}

struct Row {
  int line = 0;
  int fact = 0;
  std::string name;
  std::string path;
  std::string expected;
};

std::vector<Row> ReadFacts() {
  std::vector<Row> rows;
  std::ifstream file(kFacts);
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> columns = absl::StrSplit(line, '\t');
    Row& row = rows.emplace_back();
    row.line = number;
    if (columns.size() != 4 || !absl::SimpleAtoi(columns[0], &row.fact)) {
      ADD_FAILURE() << kFacts << ":" << number << ": not four columns, the first a number";
      continue;
    }
    row.name = columns[1];
    row.path = columns[2];
    row.expected = columns[3];
  }
  return rows;
}

// A scalar as facts.tsv writes it; times and lengths as in protobuf JSON.
std::string TextOf(const domain::FieldRef& value) {
  if (!value.IsMessage()) return value.ScalarText();
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(value.message(), &json).ok()) return "";
  return std::string(absl::StripSuffix(absl::StripPrefix(json, "\""), "\""));
}

// Clears what the server derives, wherever it stands.
void ClearCorners(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  if (message.GetDescriptor() == v1::FuzzyTime::descriptor()) {
    auto& time = static_cast<v1::FuzzyTime&>(message);
    time.clear_earliest_begin_time();
    time.clear_latest_begin_time();
    time.clear_earliest_end_time();
    time.clear_latest_end_time();
    return;
  }
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      ClearCorners(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                        : *reflection->MutableMessage(&message, field));
    }
  }
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

class FactsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    commits_ = ReadCommits(kDataset);
    ASSERT_FALSE(commits_.empty());
    Loader loader = server_->MakeClient().Load({.load_id = "facts"});
    const auto held = loader.Start();
    ASSERT_TRUE(held.ok()) << held.status();
    ASSERT_EQ(*held, 0);
    for (size_t i = 0; i < commits_.size(); ++i) {
      ASSERT_TRUE(loader.Write(static_cast<int64_t>(i) + 1, commits_[i]).ok());
    }
    const auto result = loader.Finish();
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->durable_line, static_cast<int64_t>(commits_.size()));
    ASSERT_EQ(result->commit_count, static_cast<int64_t>(commits_.size()));
  }

  std::set<std::string> NamesInDataset() const {
    std::set<std::string> names;
    for (const v1::CommitRequest& commit : commits_) {
      for (const v1::Mutation& mutation : commit.mutations()) names.insert(mutation.put().name());
    }
    return names;
  }

  // Every record, by the SDK's lists.
  std::map<std::string, v1::Record> ReadAll() const {
    std::map<std::string, v1::Record> records;
    const Client client = server_->MakeClient();
    for (const v1::RecordKind kind :
         {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_SANCTION, v1::RECORD_KIND_STATEMENT,
          v1::RECORD_KIND_ACTOR, v1::RECORD_KIND_SOURCE}) {
      for (const auto& record : client.List(kind, {.page_size = 7})) {
        EXPECT_TRUE(record.ok()) << record.status();
        if (record.ok()) records[record->name()] = *record;
      }
    }
    return records;
  }

  std::unique_ptr<ServerProcess> server_;
  std::vector<v1::CommitRequest> commits_;
};

TEST_F(FactsTest, EachOfTheSeventyFactsIsHeld) {
  const auto records = ReadAll();
  std::set<int> held;
  std::set<int> wrong;
  for (const Row& row : ReadFacts()) {
    const std::string where =
        absl::StrCat("facts.tsv:", row.line, ": fact ", row.fact, ": ", row.name, " ", row.path);
    EXPECT_GE(row.fact, 1) << where;
    EXPECT_LE(row.fact, kFactCount) << where;
    const auto found = records.find(row.name);
    if (found == records.end()) {
      ADD_FAILURE() << where << ": no such record";
      wrong.insert(row.fact);
      continue;
    }
    const auto value = domain::ResolvePath(*domain::BodyOf(found->second), row.path);
    const bool set = value.ok() && value->IsSet();
    EXPECT_TRUE(set) << where << ": " << (value.ok() ? "is not set" : value.status().ToString());
    const std::string text = set ? TextOf(*value) : "";
    EXPECT_EQ(text, row.expected) << where;
    (set && text == row.expected ? held : wrong).insert(row.fact);
  }
  for (int fact = 1; fact <= kFactCount; ++fact) {
    EXPECT_TRUE(held.contains(fact) || wrong.contains(fact)) << "fact " << fact << " has no row";
  }
  EXPECT_EQ(held.size(), static_cast<size_t>(kFactCount));
}

TEST_F(FactsTest, EveryRecordIsReadBackBothWays) {
  const auto records = ReadAll();
  const auto expected = NamesInDataset();
  EXPECT_EQ(records.size(), expected.size());
  const Client client = server_->MakeClient();
  for (const std::string& name : expected) {
    const auto record = client.Get(name);
    ASSERT_TRUE(record.ok()) << name << ": " << record.status();
    ASSERT_TRUE(records.contains(name)) << name << " is not listed";
    v1::Record listed = records.at(name);
    *listed.mutable_pin() = record->pin();  // only Get answers it in the record
    EXPECT_EQ(listed.SerializeAsString(), record->SerializeAsString()) << name;
  }
}

// What was sent is what stands, but for what the server derives: nothing is lost
// on the way, whether facts.tsv speaks of it or not.
TEST_F(FactsTest, BodiesAreKeptToTheLastField) {
  const Client client = server_->MakeClient();
  const auto changes = testing::ReadChanges(client);
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_TRUE(testing::CheckDense(*changes, 1, static_cast<int64_t>(commits_.size())).ok());
  size_t next = 0;
  for (size_t i = 0; i < commits_.size(); ++i) {
    for (const v1::Mutation& mutation : commits_[i].mutations()) {
      ASSERT_LT(next, changes->size());
      const v1::Change& change = (*changes)[next++];
      EXPECT_EQ(change.revision(), static_cast<int64_t>(i) + 1);
      EXPECT_EQ(change.reason(), commits_[i].reason());
      ASSERT_EQ(change.name(), mutation.put().name());
      // The corners that were derived agree with themselves.
      v1::CommitRequest again;
      *again.add_mutations()->mutable_put() = change.record();
      again.mutable_mutations(0)->mutable_put()->clear_etag();
      again.set_validate_only(true);
      const auto answer = client.Commit(again);
      EXPECT_TRUE(answer.ok()) << change.name() << ": " << answer.status();
      v1::Record stored = change.record();
      ClearCorners(*domain::MutableBodyOf(stored));
      EXPECT_EQ(ToJson(*domain::BodyOf(stored)), ToJson(*domain::BodyOf(mutation.put())))
          << change.name();
    }
  }
  EXPECT_EQ(next, changes->size());
}

}  // namespace
}  // namespace communique
