#ifndef COMMUNIQUE_TESTS_UNIT_WATCHER_FIXTURE_H_
#define COMMUNIQUE_TESTS_UNIT_WATCHER_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/feed/feed.h"
#include "service/feed/watcher.h"
#include "tests/unit/store_fixture.h"

// A feed over the store, and one watch of it whose steps are told in words.
namespace communique::testing {

class WatcherTest : public StoreTest {
 protected:
  // Before the store starts: how many bytes the feed keeps.
  void UseWindow(size_t bytes) {
    window_bytes_ = bytes;
    Restart();
  }

  std::vector<store::CommitListener*> Listeners() override {
    watcher_.reset();  // the feed outlives its watchers
    feed_ = std::make_unique<feed::Feed>(memory_journal_, reader_, clock_, window_bytes_);
    return {feed_.get()};
  }
  void TearDown() override {
    watcher_.reset();
    store_.reset();
  }

  static v1::WatchRequest From(int64_t revision) {
    v1::WatchRequest request;
    request.set_start_revision(revision);
    return request;
  }
  static v1::WatchRequest Snapshot() {
    v1::WatchRequest request;
    request.set_snapshot(true);
    return request;
  }
  static v1::WatchRequest Resume(const std::string& token) {
    v1::WatchRequest request;
    request.set_resume_token(token);
    return request;
  }
  static v1::WatchRequest Now() { return {}; }
  static v1::WatchRequest Filtered(const std::string& filter, v1::WatchRequest request) {
    request.set_filter(filter);
    return request;
  }

  // Opens the watch that the next steps are of; what went wrong, if it did.
  std::string Open(const v1::WatchRequest& request) {
    auto watcher = feed_->Open(request, {"anonymous", "test"});
    error_ = watcher.status();
    if (watcher.ok()) watcher_ = *std::move(watcher);
    return Show(error_);
  }

  // The next step, in words: "1-3 sources/a@2 +sources/b@3 -sources/c@3(UPDATED)
  // [CAUGHT_UP]" where b entered the filter and c left it, "wait", or "end" with
  // its status. A snapshot's piece: "snapshot@3 ('' to 'sources/b') ...".
  std::string Next() {
    const feed::Step step = watcher_->Next(/*may_read=*/true);
    if (step.type == feed::Step::Type::kWait) return "wait";
    if (step.type == feed::Step::Type::kEnd) {
      error_ = step.status;
      return "end " + Show(step.status);
    }
    std::string bytes;
    for (const feed::SharedBytes& slice : step.slices) {
      bytes.append(slice.bytes.data(), slice.bytes.size());
    }
    bytes_ = bytes.size();
    EXPECT_TRUE(response_.ParseFromString(bytes));
    std::string out;
    if (response_.has_snapshot()) {
      out = absl::StrCat("snapshot@", response_.snapshot().revision(), " ",
                         response_.snapshot().from_name(), "..",
                         response_.snapshot().through_name());
    } else {
      out = absl::StrCat(response_.from_revision(), "-", response_.through_revision());
    }
    for (const v1::Change& change : response_.changes()) {
      absl::StrAppend(&out, " ", Entered(change) ? "+" : "", change.name(), "@", change.revision());
    }
    for (const v1::FilterLeave& leave : response_.left_records()) {
      absl::StrAppend(&out, " -", leave.name(), "@", leave.revision(), "(", Kinds(leave), ")");
    }
    if (!response_.marks().empty()) {
      absl::StrAppend(&out, " [", absl::StrJoin(response_.marks(), " ", [](auto* o, int mark) {
                        o->append(v1::WatchMark_Name(static_cast<v1::WatchMark>(mark)).substr(11));
                      }), "]");
    }
    return out;
  }
  const std::string& token() const { return response_.resume_token(); }

  bool Entered(const v1::Change& change) const {
    for (const v1::FilterEntry& entry : response_.entered_records()) {
      if (entry.name() == change.name() && entry.revision() == change.revision()) return true;
    }
    return false;
  }
  static std::string Kinds(const v1::FilterLeave& leave) {
    return absl::StrJoin(leave.kinds(), " ", [](auto* out, int kind) {
      out->append(v1::ChangeKind_Name(static_cast<v1::ChangeKind>(kind)).substr(12));
    });
  }

  size_t window_bytes_ = 1 << 20;
  // The feed reads while the store writes; over one memory any journal will do.
  journal::EmbeddedJournal memory_journal_{local_};
  std::unique_ptr<feed::Feed> feed_;
  std::unique_ptr<feed::Watcher> watcher_;
  v1::WatchResponse response_;
  size_t bytes_ = 0;
  absl::Status error_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_WATCHER_FIXTURE_H_
