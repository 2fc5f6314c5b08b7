// The batch of a watch: it reads like the response that it came as, parses late,
// and is refused whole when its bytes are not those of a response.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/watch_batch.h"
#include "google/protobuf/util/message_differencer.h"

namespace communique {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

v1::Change RecordChange(int64_t revision, const std::string& id) {
  v1::Change change;
  change.set_revision(revision);
  change.mutable_commit_time()->set_seconds(1'700'000'000 + revision);
  change.set_principal("desk");
  change.set_reason("ein Grund, 原因");
  change.set_name("statements/" + id);
  change.add_kinds(v1::CHANGE_KIND_UPDATED);
  change.add_kinds(v1::CHANGE_KIND_STATUS_CHANGED);
  change.add_paths("statement.segments");
  change.set_previous_revision(revision - 1);
  v1::Record& record = *change.mutable_record();
  record.set_name(change.name());
  record.set_revision(revision);
  record.mutable_statement()->add_segments()->set_text(std::string(300, 'x') + " Ж");
  record.mutable_statement()->set_title("«qui»");
  record.mutable_pin()->set_journal_hash("\xff\x01");
  return change;
}

v1::WatchResponse Response() {
  v1::WatchResponse response;
  response.set_from_revision(4);
  response.set_through_revision(9);
  response.set_resume_token("token");
  response.set_head_revision(12);
  response.mutable_server_time()->set_seconds(5);
  response.add_marks(v1::WATCH_MARK_CHECKPOINT);
  response.add_marks(v1::WATCH_MARK_CAUGHT_UP);
  *response.add_changes() = RecordChange(5, "a");
  v1::Change& gone = *response.add_changes();
  gone.set_revision(7);
  gone.set_name("statements/b");
  gone.add_kinds(v1::CHANGE_KIND_DELETED);
  gone.mutable_tombstone()->set_name("statements/b");
  *response.add_changes() = RecordChange(9, "c");
  response.add_entered_records()->set_name("statements/c");
  response.add_left_records()->set_name("statements/d");
  return response;
}

WatchBatch Parsed(const v1::WatchResponse& response) {
  absl::StatusOr<WatchBatch> batch = WatchBatch::Parse(response.SerializeAsString());
  EXPECT_TRUE(batch.ok()) << batch.status();
  return *std::move(batch);
}

void ExpectReads(const WatchBatch& batch) {
  const v1::WatchResponse response = Response();
  EXPECT_EQ(batch.from_revision(), 4);
  EXPECT_EQ(batch.through_revision(), 9);
  EXPECT_EQ(batch.resume_token(), "token");
  EXPECT_EQ(batch.head_revision(), 12);
  EXPECT_EQ(batch.server_time().seconds(), 5);
  EXPECT_THAT(batch.marks(), ElementsAre(v1::WATCH_MARK_CHECKPOINT, v1::WATCH_MARK_CAUGHT_UP));
  EXPECT_TRUE(batch.Has(v1::WATCH_MARK_CAUGHT_UP));
  EXPECT_FALSE(batch.Has(v1::WATCH_MARK_DRAINING));
  EXPECT_FALSE(batch.has_snapshot());
  EXPECT_EQ(batch.entered_records()[0].name(), "statements/c");
  EXPECT_EQ(batch.left_records()[0].name(), "statements/d");
  EXPECT_EQ(batch.frame().changes_size(), 0);
  ASSERT_EQ(batch.changes().size(), 3U);

  const WatchedChange& first = batch.changes()[0];
  EXPECT_EQ(first.revision(), 5);
  EXPECT_EQ(first.name(), "statements/a");
  EXPECT_TRUE(first.has_record());
  EXPECT_FALSE(first.has_tombstone());
  EXPECT_TRUE(first.Is(v1::CHANGE_KIND_UPDATED));
  EXPECT_TRUE(first.Is(v1::CHANGE_KIND_STATUS_CHANGED));
  EXPECT_FALSE(first.Is(v1::CHANGE_KIND_DELETED));
  EXPECT_EQ(first.bytes(), response.changes(0).SerializeAsString());
  EXPECT_EQ(first.record_bytes(), response.changes(0).record().SerializeAsString());
  EXPECT_EQ(first.commit_time().seconds(), 1'700'000'005);
  EXPECT_EQ(first.principal(), "desk");
  EXPECT_EQ(first.reason(), "ein Grund, 原因");
  EXPECT_THAT(first.kinds(), ElementsAre(v1::CHANGE_KIND_UPDATED, v1::CHANGE_KIND_STATUS_CHANGED));
  EXPECT_THAT(first.paths(), ElementsAre("statement.segments"));
  EXPECT_EQ(first.previous_revision(), 4);
  EXPECT_EQ(first.record().statement().title(), "«qui»");

  const WatchedChange& second = batch.changes()[1];
  EXPECT_FALSE(second.has_record());
  EXPECT_TRUE(second.has_tombstone());
  EXPECT_TRUE(second.Is(v1::CHANGE_KIND_DELETED));
  EXPECT_EQ(second.record_bytes(), "");
  EXPECT_EQ(second.tombstone().name(), "statements/b");

  const v1::Change& whole = batch.changes()[2];
  EXPECT_TRUE(MessageDifferencer::Equals(whole, response.changes(2)));
  EXPECT_TRUE(MessageDifferencer::Equals(batch.message(), response));
}

TEST(WatchBatchTest, ReadsLikeTheResponseThatItCameAs) { ExpectReads(Parsed(Response())); }

TEST(WatchBatchTest, ReadsLikeTheMessageThatItIsMadeOf) { ExpectReads(WatchBatch(Response())); }

TEST(WatchBatchTest, AMessageWithATextThatIsNotUtf8IsTakenAsItIs) {
  v1::WatchResponse response = Response();
  response.mutable_changes(0)->set_principal("\xff");
  EXPECT_EQ(WatchBatch(response).changes()[0].principal(), "\xff");
}

TEST(WatchBatchTest, AnEmptyResponseIsABatch) {
  const WatchBatch batch = Parsed({});
  EXPECT_TRUE(batch.changes().empty());
  EXPECT_EQ(batch.resume_token(), "");
}

TEST(WatchBatchTest, ACopyLivesOnByItself) {
  std::optional<WatchBatch> batch = Parsed(Response());
  const WatchBatch copy = *batch;
  batch.reset();
  ExpectReads(copy);
}

TEST(WatchBatchTest, KindsOfALaterVersionAreTold) {
  v1::WatchResponse response = Response();
  response.mutable_changes(0)->add_kinds(static_cast<v1::ChangeKind>(63));
  response.mutable_changes(0)->add_kinds(static_cast<v1::ChangeKind>(64));
  response.mutable_changes(0)->add_kinds(static_cast<v1::ChangeKind>(-1));
  const WatchBatch batch = Parsed(response);
  const WatchedChange& change = batch.changes()[0];
  EXPECT_TRUE(change.Is(static_cast<v1::ChangeKind>(63)));
  EXPECT_TRUE(change.Is(static_cast<v1::ChangeKind>(64)));
  EXPECT_TRUE(change.Is(static_cast<v1::ChangeKind>(-1)));
  EXPECT_FALSE(change.Is(static_cast<v1::ChangeKind>(65)));
}

TEST(WatchBatchTest, ThreadsMayParseOneChangeAtOnce) {
  const WatchBatch batch = Parsed(Response());
  for (const WatchedChange& change : batch.changes()) {
    std::vector<const v1::Change*> seen(4);
    std::vector<std::thread> threads;
    for (const v1::Change*& slot : seen) threads.emplace_back([&] { slot = &change.message(); });
    for (std::thread& thread : threads) thread.join();
    for (const v1::Change* one : seen) EXPECT_EQ(one, seen[0]);
  }
}

TEST(WatchBatchTest, BytesThatAreNoResponseAreRefused) {
  const std::string whole = Response().SerializeAsString();
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string("\x0a\xff"),
                                   std::string("\x0a\x02\x0a\x05", 4), std::string("\x0b\x0c"),
                                   std::string("\x02\x01x", 3), std::string(1, '\0')}) {
    const absl::Status status = WatchBatch::Parse(bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << bytes.size();
  }
  // Two outcomes of one change: a parser would make one of them.
  v1::Change gone;
  gone.mutable_tombstone()->set_name("statements/a");
  const std::string twice = RecordChange(1, "a").SerializeAsString() + gone.SerializeAsString();
  const std::string size = {static_cast<char>(0x80 | (twice.size() & 0x7f)),
                            static_cast<char>(twice.size() >> 7)};
  EXPECT_EQ(WatchBatch::Parse(absl::StrCat("\x0a", size, twice)).status().code(),
            absl::StatusCode::kDataLoss);
}

// What a batch takes, the parser takes; then both say the same. Bytes are changed,
// cut, doubled and moved at random.
TEST(WatchBatchTest, TakesNothingThatTheParserDoesNot) {
  std::mt19937 random(20261128);
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  const std::string whole = Response().SerializeAsString();
  int taken = 0, refused_by_both = 0, refused_here = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string bytes = whole;
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::size_t at = below(bytes.size());
      switch (below(5)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 2:
          bytes.erase(at, 1 + below(3));
          break;
        case 3:
          bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(4)));
          break;
        default:
          bytes.resize(at + 1);
      }
      if (bytes.empty()) break;
    }
    const absl::StatusOr<WatchBatch> batch = WatchBatch::Parse(bytes);
    v1::WatchResponse parsed;
    const bool parses = parsed.ParseFromString(bytes);
    if (!batch.ok()) {
      ++(parses ? refused_here : refused_by_both);
      continue;
    }
    ++taken;
    ASSERT_TRUE(parses) << round;
    ASSERT_TRUE(MessageDifferencer::Equals(batch->message(), parsed)) << round;
    for (std::size_t i = 0; i < batch->changes().size(); ++i) {
      const WatchedChange& change = batch->changes()[i];
      const v1::Change& expected = parsed.changes(static_cast<int>(i));
      ASSERT_EQ(change.revision(), expected.revision()) << round;
      ASSERT_EQ(change.name(), expected.name()) << round;
      ASSERT_EQ(change.has_record(), expected.has_record()) << round;
      ASSERT_EQ(change.has_tombstone(), expected.has_tombstone()) << round;
      for (int kind = 0; kind < 64; ++kind) {
        bool told = false;
        for (const int one : expected.kinds()) told = told || one == kind;
        ASSERT_EQ(change.Is(static_cast<v1::ChangeKind>(kind)), told) << round;
      }
      v1::Record record;
      ASSERT_TRUE(record.ParseFromArray(change.record_bytes().data(),
                                        static_cast<int>(change.record_bytes().size())));
      ASSERT_TRUE(MessageDifferencer::Equals(record, expected.record())) << round;
    }
  }
  EXPECT_GT(taken, 3'000);
  EXPECT_GT(refused_by_both, 3'000);
  EXPECT_LT(refused_here, refused_by_both / 20);
}

}  // namespace
}  // namespace communique
