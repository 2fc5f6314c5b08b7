// Work in turns: a long call holds up a short one for a step, what waits is
// bounded, and a drain ends all of it once.
#include "service/server/work_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace communique::server {
namespace {

using ::testing::ElementsAre;

// What happened, in order.
class Log {
 public:
  void Add(const std::string& what) {
    absl::MutexLock lock(&mutex_);
    entries_.push_back(what);
  }
  std::vector<std::string> WaitFor(size_t count) {
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return entries_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
    return entries_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> entries_ ABSL_GUARDED_BY(mutex_);
};

class Noted final : public Work {
 public:
  Noted(std::string name, size_t steps, Log& log, absl::Notification* hold = nullptr)
      : name_(std::move(name)), steps_(steps), log_(log), hold_(hold) {}
  size_t Begin() override {
    log_.Add(name_ + " begins");
    if (hold_ != nullptr) hold_->WaitForNotification();
    return steps_;
  }
  void Step(size_t step, size_t) override { log_.Add(absl::StrCat(name_, " ", step)); }
  void End() override { log_.Add(name_ + " ends"); }
  void Drop() override { log_.Add(name_ + " dropped"); }

 private:
  const std::string name_;
  const size_t steps_;
  Log& log_;
  absl::Notification* hold_;
};

TEST(WorkPoolTest, CallsTakeTurns) {
  Log log;
  WorkPool pool(1, 10, 1000);
  absl::Notification hold;
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("long", 3, log, &hold), 1));
  log.WaitFor(1);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("short", 1, log), 1));
  hold.Notify();
  EXPECT_THAT(log.WaitFor(8), ElementsAre("long begins", "short begins", "long 0", "short 0",
                                          "short ends", "long 1", "long 2", "long ends"));
}

TEST(WorkPoolTest, WorkWithoutStepsHasEndedItself) {
  Log log;
  WorkPool pool(2, 10, 1000);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("a", 0, log), 1));
  log.WaitFor(1);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("b", 1, log), 1));
  EXPECT_THAT(log.WaitFor(4), ElementsAre("a begins", "b begins", "b 0", "b ends"));
}

TEST(WorkPoolTest, WhatWaitsIsBounded) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, 3, 100);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("a", 1, log, &hold), 50));
  EXPECT_FALSE(pool.Submit(std::make_unique<Noted>("large", 1, log), 51));
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("b", 1, log), 1));
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("c", 1, log), 1));
  EXPECT_FALSE(pool.Submit(std::make_unique<Noted>("fourth", 1, log), 1));
  EXPECT_EQ(pool.waiting(), 3u);
  hold.Notify();
  log.WaitFor(9);
  while (pool.waiting() > 0) {
  }
  // One that is larger than all comes in alone.
  EXPECT_TRUE(pool.Submit(std::make_unique<Noted>("larger", 1, log), 1000));
  log.WaitFor(12);
}

TEST(WorkPoolTest, ADrainDropsWhatIsLeftOnce) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, 10, 1000);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("a", 5, log, &hold), 1));
  log.WaitFor(1);
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("b", 5, log), 1));
  pool.Drain();
  hold.Notify();
  EXPECT_THAT(log.WaitFor(3), ElementsAre("a begins", "b dropped", "a dropped"));
  ASSERT_TRUE(pool.Submit(std::make_unique<Noted>("c", 1, log), 1));
  EXPECT_EQ(log.WaitFor(4).back(), "c dropped");
}

// Many steps on several threads: each once, and the end after all of them.
TEST(WorkPoolTest, EveryStepIsTakenOnce) {
  class Counted final : public Work {
   public:
    Counted(size_t steps, absl::Notification& done, std::vector<int>& taken)
        : steps_(steps), done_(done), taken_(taken) {}
    size_t Begin() override { return steps_; }
    void Step(size_t step, size_t) override { ++taken_[step]; }
    void End() override { done_.Notify(); }
    void Drop() override { FAIL(); }

   private:
    const size_t steps_;
    absl::Notification& done_;
    std::vector<int>& taken_;
  };
  WorkPool pool(4, 100, 1000);
  std::vector<absl::Notification> done(20);
  std::vector<std::vector<int>> taken(20, std::vector<int>(200));
  for (size_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(pool.Submit(std::make_unique<Counted>(200, done[i], taken[i]), 1));
  }
  for (size_t i = 0; i < 20; ++i) {
    done[i].WaitForNotification();
    EXPECT_EQ(taken[i], std::vector<int>(200, 1));
  }
}

// A drain while others take the steps of a call: it is dropped when the last of
// them ends, or with the steps that are left, and never by both.
TEST(WorkPoolTest, ADrainWhileStepsRunDropsOnce) {
  constexpr int kThreads = 8;
  struct Round {
    absl::BlockingCounter entered{kThreads};
    absl::Notification open;
    absl::Notification over;
    std::atomic<int> ends{0};
  };
  class Held final : public Work {
   public:
    explicit Held(Round& round) : round_(round) {}
    size_t Begin() override { return kThreads + 1; }
    void Step(size_t, size_t) override {
      round_.entered.DecrementCount();
      round_.open.WaitForNotification();
    }
    void End() override { FAIL(); }
    void Drop() override {
      if (round_.ends.fetch_add(1) == 0) round_.over.Notify();
    }

   private:
    Round& round_;
  };
  const absl::Time until = absl::Now() + absl::Seconds(5);
  for (int i = 0; i < 2000 && absl::Now() < until; ++i) {
    Round round;
    {
      WorkPool pool(kThreads, 10, 1000);
      ASSERT_TRUE(pool.Submit(std::make_unique<Held>(round), 1));
      round.entered.Wait();
      pool.Drain();
      round.open.Notify();
      round.over.WaitForNotification();
    }
    ASSERT_EQ(round.ends.load(), 1) << "round " << i;
  }
}

}  // namespace
}  // namespace communique::server
