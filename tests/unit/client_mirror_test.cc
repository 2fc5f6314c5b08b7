// The mirror of the SDK: one revision at a time, over every kind of loss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/mirror.h"
#include "communique/mocks/fake_watch.h"
#include "communique/mocks/mock_connection.h"

namespace communique {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::NiceMock;

constexpr absl::Duration kSoon = absl::Seconds(10);

v1::Record Actor(const std::string& id, const std::string& display_name = "") {
  v1::Record record;
  record.set_name("actors/" + id);
  record.mutable_actor()->set_display_name(display_name);
  return record;
}

class ClientMirrorTest : public ::testing::Test {
 protected:
  ClientMirrorTest() {
    options_.retry = {.initial_backoff = absl::Milliseconds(1),
                      .max_backoff = absl::Milliseconds(2)};
    Serve(feed_);
    ON_CALL(*mock_, options).WillByDefault([this] { return options_; });
    std::string pattern = (std::filesystem::temp_directory_path() / "mirror-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ClientMirrorTest() override { std::filesystem::remove_all(directory_); }

  void Serve(FakeWatch& feed) {
    ON_CALL(*mock_, OpenWatch).WillByDefault([&feed](const v1::WatchRequest& request) {
      return feed.Open(request);
    });
  }

  // A mirror whose changes are recorded as "was>is" of display names.
  Mirror MakeMirror(MirrorOptions options = {}) {
    options.on_change = [this](const MirrorChange& change) {
      absl::MutexLock lock(&mutex_);
      const auto text = [](const MirrorRecord& record) {
        return record == nullptr ? "-" : record->actor().display_name();
      };
      told_.push_back(
          absl::StrCat(change.name.substr(7), ":", text(change.before), ">", text(change.after)));
    };
    options.on_end = [this](const absl::Status& status) {
      absl::MutexLock lock(&mutex_);
      told_.push_back(absl::StrCat("end:", status.message()));
    };
    return Client(mock_).Mirror(std::move(options));
  }

  // What was told, once as many are there.
  std::vector<std::string> Told(std::size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return told_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), kSoon));
    return std::exchange(told_, {});
  }

  // The names that stand.
  static std::vector<std::string> Names(const Mirror& mirror) {
    std::vector<std::string> names;
    for (const MirrorRecord& record : mirror.List()) names.push_back(record->name().substr(7));
    return names;
  }

  FakeWatch feed_;
  ClientOptions options_;
  std::shared_ptr<NiceMock<MockConnection>> mock_ = std::make_shared<NiceMock<MockConnection>>();
  std::string directory_;
  absl::Mutex mutex_;
  std::vector<std::string> told_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ClientMirrorTest, TakesTheStateThenFollows) {
  feed_.Put(Actor("b", "B"));
  feed_.Put(Actor("a", "A"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_THAT(Names(mirror), ElementsAre("a", "b"));
  EXPECT_EQ(mirror.Get("actors/a")->actor().display_name(), "A");
  EXPECT_TRUE(mirror.Get("actors/none") == nullptr);
  EXPECT_THAT(Told(2), ElementsAre("a:->A", "b:->B"));

  feed_.Put(Actor("a", "A2"));
  feed_.Delete("actors/b");
  const int64_t last = feed_.Put(Actor("c", "C"));
  ASSERT_TRUE(mirror.WaitForRevision(last, kSoon).ok());
  EXPECT_THAT(Told(3), ElementsAre("a:A>A2", "b:B>-", "c:->C"));
  EXPECT_THAT(Names(mirror), ElementsAre("a", "c"));
  const MirrorStats stats = mirror.stats();
  EXPECT_EQ(stats.revision, last);
  EXPECT_EQ(stats.head_revision, last);
  EXPECT_EQ(stats.record_count, 2);
  EXPECT_EQ(stats.snapshot_count, 1);
  EXPECT_TRUE(mirror.status().ok());
}

TEST_F(ClientMirrorTest, AnEmptyFeedIsSynced) {
  Mirror mirror = MakeMirror();
  EXPECT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_TRUE(mirror.List().empty());
}

TEST_F(ClientMirrorTest, ListTakesAPredicate) {
  for (const char* id : {"a", "b", "c"}) feed_.Put(Actor(id, absl::StrCat(id, "!")));
  const Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  const auto found =
      mirror.List([](const v1::Record& r) { return r.actor().display_name() == "b!"; });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]->name(), "actors/b");
  EXPECT_EQ(found[0]->actor().display_name(), "b!");
  std::vector<std::string> visited;
  mirror.ForEach([&](const v1::Record& r) { visited.push_back(r.actor().display_name()); });
  EXPECT_THAT(visited, ElementsAre("a!", "b!", "c!"));
}

TEST_F(ClientMirrorTest, WhatLeavesTheFilterIsGone) {
  feed_.Put(Actor("a", "A"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitForRevision(1, kSoon).ok());
  ASSERT_TRUE(mirror.WaitForRevision(feed_.Leave("actors/a"), kSoon).ok());
  EXPECT_TRUE(mirror.Get("actors/a") == nullptr);
  EXPECT_THAT(Told(2), ElementsAre("a:->A", "a:A>-"));
  // What was never in the mirror is told to nobody.
  feed_.Delete("actors/unknown");
  ASSERT_TRUE(mirror.WaitForRevision(feed_.Put(Actor("a", "B")), kSoon).ok());
  EXPECT_THAT(Told(1), ElementsAre("a:->B"));
}

TEST_F(ClientMirrorTest, LeavingAndComingBackInOneResponseKeepsItsOrder) {
  // Two commits in one response: the record leaves by the first and is back by the second.
  FakeWatch feed;
  v1::WatchResponse whole, two;
  whole.mutable_snapshot()->set_revision(1);
  whole.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
  whole.set_through_revision(1);
  whole.set_resume_token("1");
  whole.set_head_revision(1);
  *whole.add_changes()->mutable_record() = Actor("a", "A");
  two.set_from_revision(1);
  two.set_through_revision(3);
  two.set_resume_token("3");
  two.add_left_records()->set_revision(2);
  two.mutable_left_records(0)->set_name("actors/a");
  v1::Change& back = *two.add_changes();
  back.set_name("actors/a");
  back.set_revision(3);
  *back.mutable_record() = Actor("a", "A3");
  class Stream : public WatchStream {
   public:
    explicit Stream(std::vector<v1::WatchResponse> responses) : responses_(std::move(responses)) {}
    absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration) override {
      if (next_ < responses_.size()) return WatchBatch(responses_[next_++]);
      cancelled_.WaitForNotification();
      return absl::CancelledError("cancelled");
    }
    void Cancel() override {
      if (!cancelled_.HasBeenNotified()) cancelled_.Notify();
    }

   private:
    std::vector<v1::WatchResponse> responses_;
    std::size_t next_ = 0;
    absl::Notification cancelled_;
  };
  ON_CALL(*mock_, OpenWatch).WillByDefault([&](const v1::WatchRequest&) {
    return std::make_unique<Stream>(std::vector{whole, two});
  });
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitForRevision(3, kSoon).ok());
  EXPECT_THAT(Told(3), ElementsAre("a:->A", "a:A>-", "a:->A3"));
  ASSERT_TRUE(mirror.Get("actors/a") != nullptr);
}

TEST_F(ClientMirrorTest, GoesOnAfterALossWithoutANewSnapshot) {
  feed_.Put(Actor("a", "A"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  feed_.Break(absl::UnavailableError("away"));
  ASSERT_TRUE(mirror.WaitForRevision(feed_.Put(Actor("b", "B")), kSoon).ok());
  EXPECT_THAT(Told(2), ElementsAre("a:->A", "b:->B"));
  EXPECT_EQ(mirror.stats().snapshot_count, 1);
  EXPECT_EQ(mirror.stats().reconnect_count, 1);
  EXPECT_EQ(feed_.requests().back().resume_token(), "1");
}

TEST_F(ClientMirrorTest, AnExpiredTokenBecomesADifference) {
  feed_.Put(Actor("gone", "G"));
  feed_.Put(Actor("kept", "K"));
  feed_.Put(Actor("changed", "C"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  Told(3);

  // While the mirror is away, more happens than the journal holds.
  FakeWatch later;
  later.Put(Actor("x"));
  later.Put(Actor("kept", "K"));  // the same version: revision 2
  later.Delete("actors/x");
  later.Put(Actor("changed", "C2"));
  later.Put(Actor("new", "N"));
  later.Trim(4);
  Serve(later);
  feed_.Break(absl::UnavailableError("away"));
  ASSERT_TRUE(mirror.WaitForRevision(5, kSoon).ok());
  EXPECT_THAT(Told(3), ElementsAre("changed:C>C2", "gone:G>-", "new:->N"));
  EXPECT_THAT(Names(mirror), ElementsAre("changed", "kept", "new"));
  EXPECT_EQ(mirror.stats().snapshot_count, 2);
}

TEST_F(ClientMirrorTest, WhatCannotHealEndsItAndTellsSo) {
  feed_.Put(Actor("a", "A"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  feed_.Break(absl::PermissionDeniedError("no"));
  EXPECT_THAT(Told(2), ElementsAre("a:->A", "end:no"));
  EXPECT_TRUE(absl::IsPermissionDenied(mirror.WaitForRevision(99, kSoon)));
  EXPECT_TRUE(absl::IsPermissionDenied(mirror.status()));
  EXPECT_TRUE(mirror.Get("actors/a") != nullptr) << "it answers what it had";
}

TEST_F(ClientMirrorTest, WaitingSaysWhatIsWrong) {
  ON_CALL(*mock_, OpenWatch).WillByDefault([](const v1::WatchRequest&) {
    auto stream = std::make_unique<NiceMock<MockWatchStream>>();
    ON_CALL(*stream, Read).WillByDefault(::testing::Return(absl::UnavailableError("no route")));
    return stream;
  });
  Mirror mirror = MakeMirror();
  absl::Status status;
  // The first faults may come after a short wait.
  for (int i = 0; i < 100 && !absl::StrContains(status.message(), "no route"); ++i) {
    status = mirror.WaitUntilSynced(absl::Milliseconds(20));
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no route"));
  EXPECT_TRUE(absl::IsFailedPrecondition(mirror.Save(directory_ + "/f")));
}

TEST_F(ClientMirrorTest, StartsFromItsFile) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "A"));
  feed_.Put(Actor("b", "B"));
  {
    Mirror mirror = MakeMirror({.filter = "f", .file = file});
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    Told(2);
    ASSERT_TRUE(mirror.Close(kSoon).ok());
  }
  feed_.Put(Actor("b", "B2"));
  Mirror mirror = MakeMirror({.filter = "f", .file = file});
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_EQ(mirror.stats().revision, 3);
  EXPECT_EQ(mirror.stats().snapshot_count, 0);
  EXPECT_THAT(Told(3), ElementsAre("a:->A", "b:->B", "b:B>B2"));
  EXPECT_EQ(feed_.requests().back().resume_token(), "2");
}

TEST_F(ClientMirrorTest, SyncedIsAtTheHead) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "1"));
  {
    Mirror mirror = MakeMirror();
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    ASSERT_TRUE(mirror.Save(file).ok());
  }
  feed_.Put(Actor("a", "2"));
  feed_.Put(Actor("a", "3"));
  Mirror* self = nullptr;
  absl::Notification made;
  std::vector<bool> synced;  // when each change was told
  Mirror mirror = Client(mock_).Mirror({.on_change =
                                            [&](const MirrorChange&) {
                                              made.WaitForNotification();
                                              synced.push_back(
                                                  self->WaitUntilSynced(absl::ZeroDuration()).ok());
                                            },
                                        .file = file});
  self = &mirror;
  made.Notify();
  EXPECT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_EQ(mirror.stats().revision, 3);
  ASSERT_TRUE(mirror.Close(kSoon).ok());
  synced.resize(2);  // The last may have been cancelled by Close.
  EXPECT_THAT(synced, ElementsAre(false, false));
}

TEST_F(ClientMirrorTest, AFeedThatGoesOnElsewhereIsNotFollowed) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "A"));
  {
    Mirror mirror = MakeMirror();
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    Told(1);
    ASSERT_TRUE(mirror.Save(file).ok());
  }
  feed_.Put(Actor("missed", "M"));
  feed_.Put(Actor("b", "B"));
  // The token of the file leads to where it is, one revision too far.
  ON_CALL(*mock_, OpenWatch).WillByDefault([this](v1::WatchRequest request) {
    if (request.resume_token() == "1") request.set_resume_token("2");
    return feed_.Open(request);
  });
  Mirror mirror = MakeMirror({.file = file});
  ASSERT_TRUE(mirror.WaitForRevision(3, kSoon).ok());
  EXPECT_THAT(Names(mirror), ElementsAre("a", "b", "missed"));
  EXPECT_THAT(Told(3), ElementsAre("a:->A", "b:->B", "missed:->M"));
}

TEST_F(ClientMirrorTest, AFileAnswersWhileTheServerIsAway) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "A"));
  {
    Mirror mirror = MakeMirror();
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    ASSERT_TRUE(mirror.Save(file).ok());
  }
  ON_CALL(*mock_, OpenWatch).WillByDefault([](const v1::WatchRequest&) {
    auto stream = std::make_unique<NiceMock<MockWatchStream>>();
    ON_CALL(*stream, Read).WillByDefault(::testing::Return(absl::UnavailableError("away")));
    return stream;
  });
  Mirror mirror = MakeMirror({.file = file});
  ASSERT_TRUE(mirror.WaitForRevision(1, kSoon).ok());
  EXPECT_EQ(mirror.Get("actors/a")->actor().display_name(), "A");
  EXPECT_TRUE(absl::IsDeadlineExceeded(mirror.WaitUntilSynced(absl::Milliseconds(5))));
}

// What handlers were not told of when the mirror was cancelled, they are told of
// after a restart from the file.
TEST_F(ClientMirrorTest, WhatWasNotToldIsToldAfterARestart) {
  const std::string file = directory_ + "/mirror";
  for (const char* id : {"a", "b", "c", "d"}) feed_.Put(Actor(id, id));
  absl::Notification gone;
  std::vector<std::string> told;
  MirrorOptions options = {.file = file};
  Mirror* cancelled = nullptr;
  options.on_change = [&](const MirrorChange& change) {
    if (change.before == nullptr || change.after != nullptr) return;
    told.push_back(change.name);
    cancelled->Cancel();
    gone.Notify();
  };
  {
    Mirror mirror = Client(mock_).Mirror(options);
    cancelled = &mirror;
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    std::vector<v1::Change> deletions;
    for (const char* id : {"a", "b", "c"}) {
      v1::Change& change = deletions.emplace_back();
      change.set_name(absl::StrCat("actors/", id));
      change.mutable_tombstone()->set_name(change.name());
    }
    feed_.Commit(std::move(deletions));
    gone.WaitForNotification();
    ASSERT_TRUE(mirror.Close(kSoon).ok());
  }
  EXPECT_THAT(told, ElementsAre("actors/a"));
  Mirror mirror = MakeMirror({.file = file});
  ASSERT_TRUE(mirror.WaitForRevision(5, kSoon).ok());
  EXPECT_THAT(Told(5), ElementsAre("b:->b", "c:->c", "d:->d", "b:b>-", "c:c>-"));
  EXPECT_THAT(Names(mirror), ElementsAre("d"));
}

TEST_F(ClientMirrorTest, ASnapshotThatWasNotToldWholeIsNotSaved) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "A"));
  feed_.Put(Actor("b", "B"));
  absl::Notification told;
  Mirror* cancelled = nullptr;
  MirrorOptions options = {.file = file};
  options.on_change = [&](const MirrorChange& change) {
    if (change.before == nullptr) return;
    cancelled->Cancel();
    told.Notify();
  };
  FakeWatch later;
  {
    Mirror mirror = Client(mock_).Mirror(options);
    cancelled = &mirror;
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    for (int i = 0; i < 4; ++i) later.Put(Actor("c", absl::StrCat(i)));
    later.Trim(4);
    Serve(later);
    feed_.Break(absl::UnavailableError("away"));
    told.WaitForNotification();  // of a, which is gone
    ASSERT_TRUE(mirror.Close(kSoon).ok());
  }
  Mirror mirror = MakeMirror({.file = file});
  EXPECT_THAT(Told(5), ElementsAre("a:->A", "b:->B", "a:A>-", "b:B>-", "c:->3"));
}

TEST_F(ClientMirrorTest, AFileThatDoesNotFitIsNotUsed) {
  const std::string file = directory_ + "/mirror";
  feed_.Put(Actor("a", "A"));
  {
    Mirror mirror = MakeMirror({.filter = "f"});
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    ASSERT_TRUE(mirror.Save(file).ok());
  }
  {
    Mirror mirror = MakeMirror({.filter = "other", .file = file});
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(mirror.stats().file_status));
    EXPECT_EQ(mirror.stats().snapshot_count, 1);
  }
  // Any one byte that is not what was written: a snapshot instead, never a wrong record.
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t i = 0; i < bytes.size(); i += 5) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    std::ofstream(file, std::ios::binary) << damaged;
    Mirror mirror = MakeMirror({.filter = "f", .file = file});
    ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
    EXPECT_TRUE(absl::IsDataLoss(mirror.stats().file_status)) << "byte " << i;
    EXPECT_EQ(mirror.stats().snapshot_count, 1) << "byte " << i;
  }
  std::ofstream(file, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  Mirror mirror = MakeMirror({.filter = "f", .file = file});
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_TRUE(absl::IsDataLoss(mirror.stats().file_status));
}

TEST_F(ClientMirrorTest, SavesByItselfWhenSomethingChanged) {
  const std::string file = directory_ + "/mirror";
  Mirror mirror = MakeMirror({.file = file, .save_interval = absl::ZeroDuration()});
  ASSERT_TRUE(mirror.WaitForRevision(feed_.Put(Actor("a", "A")), kSoon).ok());
  // The next response comes after the save that followed the one before.
  ASSERT_TRUE(mirror.WaitForRevision(feed_.Put(Actor("b", "B")), kSoon).ok());
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_TRUE(mirror.stats().file_status.ok());
}

TEST_F(ClientMirrorTest, AFileThatCannotBeWrittenIsTold) {
  Mirror mirror = MakeMirror({.file = directory_ + "/no/such/folder"});
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_TRUE(absl::IsNotFound(mirror.Save(directory_ + "/no/such/folder")));
  EXPECT_FALSE(mirror.Close(kSoon).ok());
}

TEST_F(ClientMirrorTest, CancelEndsAWaitAndLaterReadsAnswer) {
  feed_.Put(Actor("a", "A"));
  Mirror mirror = MakeMirror();
  ASSERT_TRUE(mirror.WaitUntilSynced(kSoon).ok());
  EXPECT_THAT(Told(1), ElementsAre("a:->A"));
  std::thread waiter([&] {
    EXPECT_TRUE(absl::IsCancelled(mirror.WaitForRevision(99, absl::InfiniteDuration())));
  });
  mirror.Cancel();
  waiter.join();
  EXPECT_TRUE(absl::IsCancelled(mirror.status()));
  EXPECT_TRUE(mirror.Close(kSoon).ok());
  EXPECT_THAT(Names(mirror), ElementsAre("a"));
  EXPECT_THAT(Told(0), ElementsAre()) << "no end is told after Cancel";
}

TEST_F(ClientMirrorTest, TheDestructorWaitsForNoHandler) {
  absl::Notification entered, leave, left;
  feed_.Put(Actor("a", "A"));
  feed_.Put(Actor("b", "B"));
  std::atomic<int> calls{0};
  absl::Time destroying;
  {
    Mirror mirror = Client(mock_).Mirror({.on_change = [&](const MirrorChange&) {
      ++calls;
      entered.Notify();
      leave.WaitForNotification();
      left.Notify();
    }});
    entered.WaitForNotification();
    EXPECT_TRUE(absl::IsDeadlineExceeded(mirror.Close(absl::Milliseconds(10))));
    destroying = absl::Now();
  }
  EXPECT_LT(absl::Now() - destroying, absl::Milliseconds(500));
  leave.Notify();
  left.WaitForNotification();
  EXPECT_EQ(calls, 1) << "no handler began after Cancel";
}

TEST_F(ClientMirrorTest, AHandlerMayReadAndCancel) {
  feed_.Put(Actor("a", "A"));
  absl::Notification told;
  Mirror* self = nullptr;
  absl::Notification made;
  Mirror mirror = Client(mock_).Mirror({.on_change = [&](const MirrorChange& change) {
    made.WaitForNotification();
    EXPECT_EQ(self->Get("actors/a")->etag(), change.after->etag());
    EXPECT_EQ(self->List().size(), 1u);
    self->Cancel();
    told.Notify();
  }});
  self = &mirror;
  made.Notify();
  told.WaitForNotification();
  EXPECT_TRUE(mirror.Close(kSoon).ok());
}

// Readers beside the writer: each list is the state of one revision, in which the
// two records of a commit are always equal.
TEST_F(ClientMirrorTest, EveryListIsOfOneRevision) {
  Mirror mirror = MakeMirror();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      const auto records = mirror.List();
      if (records.size() == 2u) {
        EXPECT_EQ(records[0]->actor().display_name(), records[1]->actor().display_name());
      } else {
        EXPECT_TRUE(records.empty());
      }
    }
  });
  int64_t last = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<v1::Change> changes(2);
    for (int k = 0; k < 2; ++k) {
      *changes[k].mutable_record() = Actor(absl::StrCat(k), absl::StrCat(i));
      changes[k].set_name(changes[k].record().name());
    }
    last = feed_.Commit(std::move(changes));
  }
  EXPECT_TRUE(mirror.WaitForRevision(last, kSoon).ok());
  done = true;
  reader.join();
}

}  // namespace
}  // namespace communique
