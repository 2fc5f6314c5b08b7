// A user's own test, with what the component `mocks` brings.
#include <gmock/gmock.h>

#include <memory>

#include "communique/client.h"
#include "communique/mocks/fake_watch.h"
#include "communique/mocks/mock_connection.h"

namespace {

using ::testing::_;
using ::testing::Return;

TEST(StrangerTest, ReadsFromAMock) {
  communique::v1::Record record;
  record.set_name("actors/anna-moreau");
  auto mock = std::make_shared<communique::MockConnection>();
  EXPECT_CALL(*mock, Get(communique::v1::RECORD_KIND_ACTOR, "actors/anna-moreau", _))
      .WillOnce(Return(record));
  const auto got = communique::Client(mock).Get("actors/anna-moreau");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->name(), "actors/anna-moreau");
}

TEST(StrangerTest, WatchesAFeedOfItsOwn) {
  communique::FakeWatch feed;
  auto mock = std::make_shared<::testing::NiceMock<communique::MockConnection>>();
  ON_CALL(*mock, OpenWatch).WillByDefault([&](const auto& request) { return feed.Open(request); });
  communique::v1::Record record;
  record.set_name("actors/anna-moreau");
  feed.Put(record);
  communique::v1::WatchRequest request;
  request.set_start_revision(0);
  communique::Watch watch = communique::Client(mock).Watch({.request = request});
  const auto batch = watch.Next();
  ASSERT_TRUE(batch.ok() && batch->has_value()) << batch.status();
  ASSERT_EQ((*batch)->changes().size(), 1);
  EXPECT_EQ((*batch)->changes()[0].name(), "actors/anna-moreau");
}

}  // namespace
