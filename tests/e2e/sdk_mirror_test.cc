// A mirror of a live server: over kills, restarts, trims and a new store it is what
// the server has.
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_server.h"

namespace communique {
namespace {

using testing::MakeActor;
using testing::MakeSummit;
using testing::Put;
using testing::ServerProcess;
using testing::TempDir;
using testing::TitleOf;

constexpr absl::Duration kSoon = absl::Seconds(20);

using Content = std::map<std::string, std::string>;  // name to etag

Content Of(const Mirror& mirror) {
  Content content;
  for (const MirrorRecord& record : mirror.List()) content[record->name()] = record->etag();
  return content;
}

Content Of(const Client& client) {
  Content content;
  for (const v1::RecordKind kind :
       {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_SANCTION, v1::RECORD_KIND_STATEMENT,
        v1::RECORD_KIND_ACTOR, v1::RECORD_KIND_SOURCE}) {
    for (const auto& record : client.List(kind, {.page_size = 7})) {
      EXPECT_TRUE(record.ok()) << record.status();
      if (record.ok()) content[record->name()] = record->etag();
    }
  }
  return content;
}

int64_t Commit(const Client& client, const v1::CommitRequest& request) {
  const auto response = client.Commit(request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? response->revision() : 0;
}

// Follows what a mirror tells, and keeps a map of it by that alone.
class Told {
 public:
  std::function<void(const MirrorChange&)> handler() {
    return [this](const MirrorChange& change) {
      absl::MutexLock lock(&mutex_);
      const auto standing = content_.find(change.name);
      EXPECT_EQ(standing == content_.end(), change.before == nullptr) << change.name;
      if (standing != content_.end() && change.before != nullptr) {
        EXPECT_EQ(standing->second, change.before->etag()) << change.name;
      }
      content_.erase(change.name);
      if (change.after != nullptr) content_[change.name] = change.after->etag();
    };
  }
  // Waits until what was told is this.
  bool Becomes(const Content& content) {
    absl::MutexLock lock(&mutex_);
    const auto equal = [&] { return content_ == content; };
    return mutex_.AwaitWithTimeout(absl::Condition(&equal), kSoon);
  }

 private:
  absl::Mutex mutex_;
  Content content_ ABSL_GUARDED_BY(mutex_);
};

class SdkMirrorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::unique_ptr<ServerProcess> server_;
  TempDir directory_;
};

TEST_F(SdkMirrorTest, IsWhatTheServerHasOverKillsAndRestarts) {
  const Client client = server_->MakeClient();
  Told told;
  Mirror mirror = client.Mirror({.on_change = told.handler()});
  std::mt19937 random(5);
  int64_t revision = 0;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 60; ++i) {
      const std::string id = absl::StrCat("a", random() % 40);
      if (random() % 4 == 0 && client.Get("actors/" + id).ok()) {
        revision = Commit(client, testing::Delete("actors/" + id));
      } else {
        revision = Commit(client, Put({MakeActor(id, absl::StrCat(round, " ", i)),
                                       MakeSummit(id, absl::StrCat(round, " ", i))}));
      }
    }
    ASSERT_TRUE(mirror.WaitForRevision(revision, kSoon).ok());
    EXPECT_EQ(Of(mirror), Of(client));
    EXPECT_TRUE(told.Becomes(Of(mirror)));
    server_->Kill();
    EXPECT_EQ(Of(mirror).empty(), false) << "reads go on without the server";
    ASSERT_TRUE(server_->Restart().ok());
  }
  EXPECT_EQ(mirror.stats().snapshot_count, 1);
  EXPECT_GE(mirror.stats().reconnect_count, 3);
}

TEST_F(SdkMirrorTest, AnOldFileBecomesTheStateThatStands) {
  const std::string file = directory_ / "mirror";
  const Client client = server_->MakeClient();
  Commit(client, Put({MakeActor("kept", "K"), MakeActor("changed", "C"), MakeActor("gone", "G")}));
  {
    Mirror mirror = client.Mirror({.file = file});
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    ASSERT_TRUE(mirror.Close(kSoon).ok());
  }
  Commit(client, Put(MakeActor("changed", "C2")));
  Commit(client, testing::Delete("actors/gone"));
  const int64_t head = Commit(client, Put(MakeActor("new", "N")));
  ASSERT_TRUE(client.TrimJournal(head).ok());
  Told told;
  Mirror mirror = client.Mirror({.on_change = told.handler(), .file = file});
  ASSERT_TRUE(mirror.WaitForRevision(head, kSoon).ok());
  EXPECT_EQ(Of(mirror), Of(client));
  EXPECT_TRUE(told.Becomes(Of(client)));
  EXPECT_EQ(mirror.stats().snapshot_count, 1) << "one, after the file's token was refused";
}

TEST_F(SdkMirrorTest, ANewStoreAtTheSameAddressIsTakenOver) {
  Told told;
  auto other = ServerProcess::Start({.journal = "memory"});
  ASSERT_TRUE(other.ok()) << other.status();
  const Client client = (*other)->MakeClient();
  Commit(client, Put({MakeActor("a", "A"), MakeActor("b", "B")}));
  Mirror mirror = client.Mirror({.on_change = told.handler()});
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  (*other)->Kill();  // and with it what was in memory
  ASSERT_TRUE((*other)->Restart().ok());
  Commit(client, Put(MakeActor("b", "B")));
  EXPECT_TRUE(told.Becomes(Of(client)));
  EXPECT_EQ(Of(mirror), Of(client));
}

TEST_F(SdkMirrorTest, AFilterIsTheServers) {
  const Client client = server_->MakeClient();
  Commit(client, Put({MakeActor("a", "Wanted"), MakeActor("b", "Other"), MakeSummit("s", "S")}));
  Mirror mirror = client.Mirror({.filter = "actor.display_name = \"Wanted\""});
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_EQ(mirror.List().size(), 1u);
  Commit(client, Put(MakeActor("b", "Wanted")));
  const int64_t revision = Commit(client, Put(MakeActor("a", "Found")));
  ASSERT_TRUE(mirror.WaitForRevision(revision, kSoon).ok());
  ASSERT_EQ(mirror.List().size(), 1u);
  EXPECT_EQ(mirror.List()[0]->name(), "actors/b");
  Mirror refused = client.Mirror({.filter = "no such thing ="});
  EXPECT_TRUE(absl::IsInvalidArgument(refused.WaitUntilSynced(kSoon)));
}

}  // namespace
}  // namespace communique
