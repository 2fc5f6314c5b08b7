// What of the public headers no other test uses as its comment says.
#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "communique/client.h"
#include "communique/mocks/mock_connection.h"
#include "google/rpc/error_details.pb.h"

namespace communique {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::NiceMock;
using ::testing::Return;

TEST(NamesTest, AKindAndItsCollectionAreAPair) {
  for (const std::string collection : {"summits", "sanctions", "statements", "actors", "sources"}) {
    const v1::RecordKind kind = RecordKindOfCollection(collection);
    EXPECT_NE(kind, v1::RECORD_KIND_UNSPECIFIED) << collection;
    EXPECT_EQ(CollectionOf(kind), collection);
    const auto of_name = RecordKindOf(collection + "/x");
    ASSERT_TRUE(of_name.ok()) << of_name.status();
    EXPECT_EQ(*of_name, kind);
  }
  EXPECT_EQ(RecordKindOfCollection("Actors"), v1::RECORD_KIND_UNSPECIFIED);
  EXPECT_EQ(CollectionOf(v1::RECORD_KIND_UNSPECIFIED), "");
  for (const char* const name : {"", "actors", "actors/", "/x", "treaties/x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RecordKindOf(name).status())) << name;
  }
}

absl::Status WithReason(absl::StatusCode code, const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  absl::Status status(code, "said by the service");
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                    absl::Cord(info.SerializeAsString()));
  return status;
}

TEST(WatchEndTest, AStatusOfNextSaysWhyAWatchEnded) {
  EXPECT_EQ(WatchEndOf(absl::OkStatus()), WatchEnd::kNone);
  EXPECT_EQ(WatchEndOf(absl::CancelledError("")), WatchEnd::kCancelled);
  EXPECT_EQ(WatchEndOf(WithReason(absl::StatusCode::kOutOfRange, "RESUME_TOKEN_EXPIRED")),
            WatchEnd::kTokenExpired);
  EXPECT_EQ(WatchEndOf(WithReason(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EPOCH")),
            WatchEnd::kTokenRefused);
  EXPECT_EQ(WatchEndOf(WithReason(absl::StatusCode::kInvalidArgument, "INVALID_FILTER")),
            WatchEnd::kRefused);
  EXPECT_EQ(WatchEndOf(absl::DataLossError("")), WatchEnd::kBroken);
  EXPECT_EQ(WatchEndOf(absl::UnavailableError("")), WatchEnd::kUnreachable);
}

TEST(StreamRangeTest, IsWalkedOnceAndGoesOnWhereItStands) {
  int next = 0;
  StreamRange<int> range([&]() -> std::optional<absl::StatusOr<int>> {
    if (next == 3) return std::nullopt;
    return absl::StatusOr<int>(++next);
  });
  EXPECT_EQ(next, 0) << "nothing is fetched before the walk";
  ASSERT_NE(range.begin(), range.end());
  EXPECT_EQ(**range.begin(), 1);
  EXPECT_EQ(next, 1);
  StreamRange<int> moved = std::move(range);
  std::vector<int> walked;
  for (const absl::StatusOr<int>& value : moved) walked.push_back(*value);
  EXPECT_THAT(walked, ElementsAre(1, 2, 3));
  EXPECT_EQ(moved.begin(), moved.end());
}

TEST(StreamRangeTest, AnErrorIsTheLastElement) {
  int calls = 0;
  StreamRange<int> range([&]() -> std::optional<absl::StatusOr<int>> {
    ++calls;
    return absl::StatusOr<int>(absl::UnavailableError("away"));
  });
  int elements = 0;
  for (const absl::StatusOr<int>& value : range) {
    EXPECT_TRUE(absl::IsUnavailable(value.status()));
    ++elements;
  }
  EXPECT_EQ(elements, 1);
  EXPECT_EQ(calls, 1) << "the reader is not called after an error";
}

v1::LoadResponse Durable(int64_t line, int64_t revision) {
  v1::LoadResponse response;
  response.set_durable_line(line);
  response.set_revision(revision);
  response.set_commit_count(line);
  return response;
}

TEST(MockLoadStreamTest, ALoadCanBeMadeUp) {
  auto stream = std::make_unique<NiceMock<MockLoadStream>>();
  std::vector<int64_t> lines;
  EXPECT_CALL(*stream, Write(_, _)).WillRepeatedly([&](const v1::LoadRequest& request, absl::Time) {
    if (request.has_header()) {
      EXPECT_EQ(request.header().load_id(), "made-up");
    } else {
      lines.push_back(request.line().number());
    }
    return absl::OkStatus();
  });
  EXPECT_CALL(*stream, WritesDone(_)).WillOnce(Return(absl::OkStatus()));
  EXPECT_CALL(*stream, Read(_))
      .WillOnce(Return(std::optional<v1::LoadResponse>(Durable(0, 0))))
      .WillOnce(Return(std::optional<v1::LoadResponse>(Durable(2, 7))))
      .WillOnce(Return(std::optional<v1::LoadResponse>()));
  auto mock = std::make_shared<NiceMock<MockConnection>>();
  EXPECT_CALL(*mock, OpenLoad()).WillOnce([&] { return std::move(stream); });

  Loader loader = Client(mock).Load({.load_id = "made-up"});
  const auto held = loader.Start();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(*held, 0);
  EXPECT_TRUE(loader.Write(1, CommitBuilder().Delete("actors/a").Build()).ok());
  EXPECT_TRUE(loader.Write(2, CommitBuilder().Delete("actors/b").Build()).ok());
  const auto result = loader.Finish();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(lines, ElementsAre(1, 2));
  EXPECT_EQ(result->durable_line, 2);
  EXPECT_EQ(result->revision, 7);
  EXPECT_EQ(result->commit_count, 2);
}

TEST(MockLoadStreamTest, AMockThatOpensNoLoadIsAnError) {
  auto mock = std::make_shared<NiceMock<MockConnection>>();
  EXPECT_TRUE(absl::IsUnimplemented(Client(mock).Load({.load_id = "made-up"}).Start().status()));
}

}  // namespace
}  // namespace communique
