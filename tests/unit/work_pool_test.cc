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
  Noted(std::string name, size_t steps, Log& log, absl::Notification* hold = nullptr,
        int turns_a_step = 1)
      : name_(std::move(name)),
        steps_(steps),
        log_(log),
        hold_(hold),
        turns_a_step_(turns_a_step) {}
  size_t Begin() override {
    log_.Add(name_ + " begins");
    if (hold_ != nullptr) hold_->WaitForNotification();
    return steps_;
  }
  bool Step(size_t step, size_t) override {
    log_.Add(absl::StrCat(name_, " ", step));
    return ++turns_ % turns_a_step_ == 0;
  }
  void End() override { log_.Add(name_ + " ends"); }
  void Drop() override { log_.Add(name_ + " dropped"); }

 private:
  const std::string name_;
  const size_t steps_;
  Log& log_;
  absl::Notification* hold_;
  const int turns_a_step_;
  int turns_ = 0;
};

bool Taken(Admission admission) { return admission == Admission::kTaken; }

TEST(WorkPoolTest, CallsTakeTurns) {
  Log log;
  WorkPool pool(1, {10, 1000, 1000});
  absl::Notification hold;
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("long", 3, log, &hold), "one", 1, 1)));
  log.WaitFor(1);
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("short", 1, log), "one", 1, 1)));
  hold.Notify();
  EXPECT_THAT(log.WaitFor(8), ElementsAre("long begins", "short begins", "long 0", "short 0",
                                          "short ends", "long 1", "long 2", "long ends"));
}

TEST(WorkPoolTest, WorkWithoutStepsHasEndedItself) {
  Log log;
  WorkPool pool(2, {10, 1000, 1000});
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("a", 0, log), "one", 1, 1)));
  log.WaitFor(1);
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("b", 1, log), "one", 1, 1)));
  EXPECT_THAT(log.WaitFor(4), ElementsAre("a begins", "b begins", "b 0", "b ends"));
}

TEST(WorkPoolTest, WhatWaitsIsBounded) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, {6, 200, 1000});  // of which one owner has half
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("a", 1, log, &hold), "one", 50, 1)));
  EXPECT_FALSE(Taken(pool.Submit(std::make_unique<Noted>("large", 1, log), "one", 51, 1)));
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("b", 1, log), "one", 1, 1)));
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("c", 1, log), "one", 1, 1)));
  EXPECT_FALSE(Taken(pool.Submit(std::make_unique<Noted>("fourth", 1, log), "one", 1, 1)));
  EXPECT_EQ(pool.waiting(), 3u);
  hold.Notify();
  log.WaitFor(9);
  while (pool.waiting() > 0) {
  }
  // One that is larger than all comes in alone.
  EXPECT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("larger", 1, log), "one", 1000, 1)));
  log.WaitFor(12);
}

TEST(WorkPoolTest, ADrainDropsWhatIsLeftOnce) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, {10, 1000, 1000});
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("a", 5, log, &hold), "one", 1, 1)));
  log.WaitFor(1);
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("b", 5, log), "one", 1, 1)));
  pool.Drain();
  hold.Notify();
  EXPECT_THAT(log.WaitFor(3), ElementsAre("a begins", "b dropped", "a dropped"));
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("c", 1, log), "one", 1, 1)));
  EXPECT_EQ(log.WaitFor(4).back(), "c dropped");
}

// Many steps on several threads: each once, and the end after all of them.
TEST(WorkPoolTest, EveryStepIsTakenOnce) {
  class Counted final : public Work {
   public:
    Counted(size_t steps, absl::Notification& done, std::vector<int>& taken)
        : steps_(steps), done_(done), taken_(taken) {}
    size_t Begin() override { return steps_; }
    bool Step(size_t step, size_t) override {
      ++taken_[step];
      return true;
    }
    void End() override { done_.Notify(); }
    void Drop() override { FAIL(); }

   private:
    const size_t steps_;
    absl::Notification& done_;
    std::vector<int>& taken_;
  };
  WorkPool pool(4, {100, 1000, 1000});
  std::vector<absl::Notification> done(20);
  std::vector<std::vector<int>> taken(20, std::vector<int>(200));
  for (size_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Counted>(200, done[i], taken[i]), "one", 1, 1)));
  }
  for (size_t i = 0; i < 20; ++i) {
    done[i].WaitForNotification();
    EXPECT_EQ(taken[i], std::vector<int>(200, 1));
  }
}

// However much one has waiting, another is next.
TEST(WorkPoolTest, OwnersTakeTurns) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, {20, 1000, 1000});
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("a", 2, log, &hold), "many", 1, 1)));
  log.WaitFor(1);
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("b", 1, log), "many", 1, 1)));
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("c", 1, log), "many", 1, 1)));
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("x", 1, log), "few", 1, 1)));
  hold.Notify();
  EXPECT_THAT(log.WaitFor(13),
              ElementsAre("a begins", "b begins", "x begins", "c begins", "x 0", "x ends", "a 0",
                          "b 0", "b ends", "c 0", "c ends", "a 1", "a ends"));
}

// A step that is long lets others go between its turns.
TEST(WorkPoolTest, AStepTakesSeveralTurns) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, {10, 1000, 1000});
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("long", 1, log, &hold, 3), "one", 1, 1)));
  log.WaitFor(1);
  ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Noted>("short", 1, log), "one", 1, 1)));
  hold.Notify();
  EXPECT_THAT(log.WaitFor(8), ElementsAre("long begins", "short begins", "long 0", "short 0",
                                          "short ends", "long 0", "long 0", "long ends"));
}

TEST(WorkPoolTest, OneOwnerHasHalf) {
  Log log;
  absl::Notification hold;
  WorkPool pool(1, {100, 1000, 40});
  const auto submit = [&](const std::string& owner, size_t cost) {
    return pool.Submit(std::make_unique<Noted>("w", 1, log, &hold), owner, 1, cost);
  };
  EXPECT_EQ(submit("a", 15), Admission::kTaken);
  EXPECT_EQ(submit("a", 6), Admission::kOwnerFull);
  EXPECT_EQ(submit("a", 5), Admission::kTaken);
  EXPECT_EQ(submit("b", 21), Admission::kPoolFull);
  EXPECT_EQ(submit("b", 20), Admission::kTaken);
  EXPECT_EQ(submit("c", 1), Admission::kPoolFull);
  hold.Notify();
  while (pool.waiting() > 0) {
  }
  EXPECT_EQ(submit("a", 1000), Admission::kTaken) << "alone, whatever it costs";
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
    bool Step(size_t, size_t) override {
      round_.entered.DecrementCount();
      round_.open.WaitForNotification();
      return true;
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
      WorkPool pool(kThreads, {10, 1000, 1000});
      ASSERT_TRUE(Taken(pool.Submit(std::make_unique<Held>(round), "one", 1, 1)));
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
