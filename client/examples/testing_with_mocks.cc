// How to test code that uses the SDK: with mocks, with a feed written by hand, and
// with the real service in the test's own process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "communique/client.h"
#include "communique/mocks/fake_watch.h"
#include "communique/mocks/mock_connection.h"
#include "communique/testing/in_process_service.h"

namespace {

using ::testing::_;
using ::testing::NiceMock;
using ::testing::Return;

// What is tested: it takes a Client, and does not care what is behind it.
class Greeter {
 public:
  explicit Greeter(communique::Client client) : client_(std::move(client)) {}

  std::string Greet(const std::string& name) const {
    const auto record = client_.Get(name);
    if (absl::IsNotFound(record.status())) return "Who?";
    if (!record.ok()) return "Later.";
    return "Dear " + record->actor().display_name();
  }

 private:
  communique::Client client_;
};

communique::v1::Record Actor(const std::string& name, const std::string& display_name) {
  communique::v1::Record record;
  record.set_name(name);
  record.mutable_actor()->set_type(communique::v1::ACTOR_TYPE_PERSON);
  record.mutable_actor()->set_display_name(display_name);
  return record;
}

TEST(GreeterTest, AnswersAndErrorsCanBeMadeUp) {
  auto mock = std::make_shared<communique::MockConnection>();
  EXPECT_CALL(*mock, Get(communique::v1::RECORD_KIND_ACTOR, "actors/a", _))
      .WillOnce(Return(Actor("actors/a", "A")))
      .WillOnce(Return(absl::NotFoundError("gone")))
      .WillOnce(Return(absl::UnavailableError("away")));
  const Greeter greeter{communique::Client(mock)};
  EXPECT_EQ(greeter.Greet("actors/a"), "Dear A");
  EXPECT_EQ(greeter.Greet("actors/a"), "Who?");
  EXPECT_EQ(greeter.Greet("actors/a"), "Later.");
}

TEST(GreeterTest, AFeedCanBeWrittenByHand) {
  communique::FakeWatch feed;
  auto mock = std::make_shared<NiceMock<communique::MockConnection>>();
  ON_CALL(*mock, options)
      .WillByDefault(
          Return(communique::ClientOptions{.retry = {.initial_backoff = absl::Milliseconds(1)}}));
  ON_CALL(*mock, OpenWatch).WillByDefault([&feed](const auto& request) {
    return feed.Open(request);
  });
  feed.Put(Actor("actors/a", "A"));
  const communique::Mirror mirror = communique::Client(mock).Mirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(absl::Seconds(10)).ok());

  feed.Break(absl::UnavailableError("the server restarts"));
  const auto revision = feed.Put(Actor("actors/a", "A the second"));
  ASSERT_TRUE(mirror.WaitForRevision(revision, absl::Seconds(10)).ok());
  EXPECT_EQ(mirror.Get("actors/a")->actor().display_name(), "A the second");
}

TEST(GreeterTest, TheRealServiceRunsInTheTest) {
  const auto service = communique::testing::InProcessService::Start();
  ASSERT_TRUE(service.ok()) << service.status();
  const communique::Client client = (*service)->MakeClient({.principal = "tester"});
  const auto committed =
      client.Commit(communique::CommitBuilder().Create(Actor("actors/a", "A")).Build());
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(Greeter(client).Greet("actors/a"), "Dear A");
  EXPECT_EQ(Greeter(client).Greet("actors/b"), "Who?");
  const auto status = client.Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->head_revision(), committed->revision());
}

}  // namespace
