#include "tests/e2e/sdk_fault_users.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/records.h"

namespace communique::testing {
namespace {

using Fault = FaultProxy::Fault;

// No fault lasts as long, nor does what follows from it.
constexpr absl::Duration kTooLong = absl::Seconds(60);
constexpr int kPageSize = 10;
// Lines of one Loader.
constexpr int kLinesAtOnce = 300;

// Notes a call that began at `start`. Of the errors only those are right that a network makes.
void Note(Tally& tally, const absl::Status& status, absl::Time start,
          absl::Duration timeout = kTimeout) {
  ++tally.calls;
  tally.latest = std::max(tally.latest, absl::Now() - start - timeout);
  if (status.ok()) return;
  ++tally.failures;
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << status;
}

// Walks a range whose every step may fetch a page, and has that page's deadline. Whether it came
// to the end.
template <typename T, typename Each>
bool Walk(StreamRange<T> range, Tally& tally, Each each) {
  absl::Time start = absl::Now();
  for (const absl::StatusOr<T>& element : range) {
    Note(tally, element.status(), start);
    if (!element.ok()) return false;
    each(*element);
    start = absl::Now();
  }
  return true;
}

v1::WatchRequest EverythingFromTheStart() {
  v1::WatchRequest request;
  request.set_start_revision(0);
  request.mutable_checkpoint_interval()->set_seconds(absl::ToInt64Seconds(kCheckpointInterval));
  return request;
}

}  // namespace

Client Network::MakeClient(CallObserver observer) const {
  return Client(MakeConnection(
      {.endpoint = proxy_.endpoint(),
       .admin_endpoint = admin_proxy_.endpoint(),
       .keepalive_time = kKeepaliveTime,
       .keepalive_timeout = kKeepaliveTimeout,
       .principal = "tester",
       .timeout = kTimeout,
       .retry = {.initial_backoff = absl::Milliseconds(5), .max_backoff = absl::Milliseconds(100)},
       .observer = std::move(observer)}));
}

void Network::Harm(Fault fault, absl::Duration length) {
  for (FaultProxy* proxy : {&proxy_, &admin_proxy_}) proxy->Set(fault);
  absl::SleepFor(length);
  for (FaultProxy* proxy : {&proxy_, &admin_proxy_}) proxy->Set(Fault::kNone);
}

Writer::Writer(const Network& network, int number)
    : id_(absl::StrCat("w", number)), client_(network.MakeClient()) {}

void Writer::Run(const std::atomic<bool>& stop) {
  while (!stop) {
    v1::CommitRequest request = Put(MakeActor(id_, absl::StrCat(titles_.size())));
    request.set_request_id(absl::StrCat(id_, "-", titles_.size()));
    const absl::Time begin = absl::Now();
    while (true) {
      const absl::Time start = absl::Now();
      const auto response = client_.Commit(request);
      Note(tally_, response.status(), start);
      if (response.ok()) break;
      ASSERT_LT(absl::Now() - begin, kTooLong) << response.status();
    }
    titles_.push_back(TitleOf(request.mutations(0).put()));
    ++acknowledged_;
  }
}

LoadingWriter::LoadingWriter(const Network& network) : client_(network.MakeClient()) {}

std::string LoadingWriter::NameOf(std::int64_t line) { return absl::StrCat("summits/line-", line); }
std::string LoadingWriter::TitleOf(std::int64_t line) { return absl::StrCat("Line ", line); }

void LoadingWriter::Run(const std::atomic<bool>& stop) {
  absl::Time begin = absl::Now();
  for (bool whole = false; !stop || !whole;) {
    whole = LoadSome(stop);
    if (whole) begin = absl::Now();
    ASSERT_LT(absl::Now() - begin, kTooLong);
  }
}

bool LoadingWriter::LoadSome(const std::atomic<bool>& stop) {
  std::int64_t durable_line = 0;
  absl::Time moved = absl::Now();  // when it was told of its last durable line
  const auto on_progress = [&](const LoadResult& result) {
    if (result.durable_line > durable_line) moved = absl::Now();
    durable_line = result.durable_line;
  };
  // A Loader's deadline counts from the last progress while it is called.
  const auto note = [&](const absl::Status& status, absl::Time start) {
    Note(tally_, status, std::max(start, moved), kLoadTimeout);
    return status.ok();
  };
  Loader loader = client_.Load({.load_id = "faults",
                                .timeout = kLoadTimeout,
                                .max_pending_lines = 64,
                                .on_progress = on_progress});
  absl::Time start = absl::Now();
  const absl::StatusOr<std::int64_t> held = loader.Start();
  bool ok = note(held.status(), start);
  for (std::int64_t i = 1; ok && i <= kLinesAtOnce && !stop; ++i) {
    const std::int64_t line = *held + i;
    const v1::Record record = MakeRecord(NameOf(line), TitleOf(line));
    start = absl::Now();
    ok = note(loader.Write(line, CommitBuilder().Create(record).Build()), start);
    absl::SleepFor(absl::Milliseconds(2));
  }
  if (ok) {
    start = absl::Now();
    const absl::StatusOr<LoadResult> result = loader.Finish();
    ok = note(result.status(), start);
    if (ok) lines_ = result->durable_line;
  }
  reconnects_ += loader.progress().reconnect_count;
  return ok;
}

Reader::Reader(const Network& network, const Writer& writer, absl::string_view query,
               std::size_t hits)
    : client_(network.MakeClient()), writer_(writer), query_(query), hits_(hits) {}

void Reader::Run(const std::atomic<bool>& stop) {
  while (!stop) {
    Get();
    const absl::Time start = absl::Now();
    Note(tallies_["Status"], client_.Status().status(), start);
    Search();
  }
}

// Never older than what was acknowledged before.
void Reader::Get() {
  const int acknowledged = writer_.acknowledged();
  const absl::Time start = absl::Now();
  const absl::StatusOr<v1::Record> record = client_.Get(writer_.name());
  if (acknowledged == 0 && absl::IsNotFound(record.status())) return;
  Note(tallies_["Get"], record.status(), start);
  if (!record.ok()) return;
  int version = 0;
  EXPECT_TRUE(absl::SimpleAtoi(TitleOf(*record), &version));
  EXPECT_GE(version, acknowledged - 1);
}

void Reader::Search() {
  std::set<std::string> found;
  const bool whole = Walk(client_.Search(query_, {.page_size = kPageSize}), tallies_["Search"],
                          [&](const v1::SearchResult& result) {
                            const std::string& name = result.record().name();
                            EXPECT_TRUE(found.insert(name).second) << name;
                          });
  EXPECT_TRUE(!whole || found.size() == hits_) << found.size();
}

Lister::Lister(const Network& network, std::vector<std::string> names)
    : client_(network.MakeClient()), names_(std::move(names)) {}

void Lister::Run(const std::atomic<bool>& stop) {
  while (!stop) {
    std::vector<std::string> listed;
    int pages = 0;
    const bool whole =
        Walk(client_.List(v1::RECORD_KIND_SOURCE,
                          {.page_size = kPageSize, .on_page = [&](const RecordPage&) { ++pages; }}),
             tally_, [&](const v1::Record& record) {
               listed.push_back(record.name());
               absl::SleepFor(absl::Milliseconds(2));
             });
    ASSERT_LE(listed.size(), names_.size());
    EXPECT_TRUE(std::equal(listed.begin(), listed.end(), names_.begin()));
    EXPECT_TRUE(!whole || listed.size() == names_.size()) << listed.size();
    broken_lists_ += !whole && pages > 0;
  }
}

CallObserver StreamEnds::Observer() {
  return [this](const CallEvent& event) {
    if (event.kind != CallEvent::Kind::kAttempt) return;
    silent_ += absl::StrContains(event.status.message(), "the server was silent");
    given_up_ += absl::StrContains(event.status.message(), "keepalive watchdog timeout");
  };
}

Watcher::Watcher(const Network& network)
    : watch_(network.MakeClient(ends_.Observer()).Watch({.request = EverythingFromTheStart()})) {}

void Watcher::Run() {
  while (true) {
    const auto response = watch_.Next();
    if (!response.ok()) {
      EXPECT_EQ(watch_.end(), WatchEnd::kCancelled) << response.status();
      return;
    }
    for (const WatchedChange& change : (*response)->changes()) changes_.push_back(change);
  }
}

}  // namespace communique::testing
