// What the program tells Prometheus: against what was done to it, and against the
// table of service/server/METRICS.md.


#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "communique/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/error.h"
#include "tests/e2e/screening_fixture.h"
#include "tests/support/exposition.h"
#include "tests/support/plain_http.h"
#include "tests/support/program.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"

namespace communique {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using testing::Ask;
using testing::Eventually;
using testing::Exposition;
using testing::Get;
using testing::MakeActor;
using testing::Put;
using testing::RawClient;
using testing::ServerProcess;
using testing::Socket;

class MetricsTest : public ::testing::Test {
 protected:
  void Start(absl::Duration drain_pause = absl::Milliseconds(100),
             std::vector<std::string> flags = {}) {
    flags.push_back("--metrics_listen=127.0.0.1:0");
    auto started = ServerProcess::Start({.drain_pause = drain_pause, .flags = std::move(flags)});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }
  const std::string& endpoint() const { return server_->metrics_endpoint(); }
  Exposition Scrape() const {
    const std::string answer = Get(endpoint(), "/metrics");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain"));
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(answer, absl::MaxSplits("\r\n\r\n", 1));
    const Exposition exposition = testing::ParseExposition(parts.second);
    EXPECT_THAT(exposition.wrong, IsEmpty());
    return exposition;
  }
  // A commit each time, without the SDK's retries.
  absl::StatusCode Commit(const v1::CommitRequest& request) {
    return RawClient(server_->endpoint()).Commit(request).status().code();
  }
  // Reads a watch until it has got through `revision`; the changes it got.
  int Watch(int64_t revision, const std::string& filter = "") {
    RawClient client(server_->endpoint());
    const auto context = RawClient::Context();
    v1::WatchRequest request;
    request.set_start_revision(0);
    request.set_filter(filter);
    const auto reader = client.feed().Watch(context.get(), request);
    v1::WatchResponse response;
    int changes = 0;
    while (reader->Read(&response)) {
      changes += response.changes_size();
      if (response.through_revision() >= revision) break;
    }
    context->TryCancel();
    while (reader->Read(&response)) {
    }
    (void)reader->Finish();
    return changes;
  }

  std::unique_ptr<ServerProcess> server_;
};

TEST_F(MetricsTest, CommitsAreCounted) {
  Start();
  ASSERT_EQ(Commit(Put({MakeActor("a", "A"), MakeActor("b", "B")})), absl::StatusCode::kOk);
  v1::CommitRequest again = Put(MakeActor("c", "C"));
  again.set_request_id("one");
  ASSERT_EQ(Commit(again), absl::StatusCode::kOk);
  ASSERT_EQ(Commit(again), absl::StatusCode::kOk);
  ASSERT_EQ(Commit(Put(MakeActor("a", "A"))), absl::StatusCode::kOk);
  ASSERT_EQ(Commit(testing::Delete("actors/none")), absl::StatusCode::kNotFound);
  ASSERT_EQ(Commit({}), absl::StatusCode::kInvalidArgument);

  const Exposition got = Scrape();
  EXPECT_EQ(got["communique_commits_total"], 2);
  EXPECT_EQ(got["communique_changes_total"], 3);
  EXPECT_GT(got["communique_commit_bytes_total"], 100);
  EXPECT_EQ(got["communique_commits_unchanged_total"], 1);
  EXPECT_EQ(got["communique_commits_replayed_total"], 1);
  EXPECT_EQ(got["communique_commits_refused_total{reason=\"RECORD_NOT_FOUND\"}"], 1);
  EXPECT_EQ(got["communique_commits_refused_total{reason=\"INVALID_FIELD\"}"], 1);
  EXPECT_EQ(got["communique_commits_waiting"], 0);
  // All but the one that was refused before it was queued.
  EXPECT_EQ(got["communique_commit_duration_seconds_count"], 5);
  EXPECT_EQ(got["communique_commit_duration_seconds_bucket{le=\"+Inf\"}"], 5);
  EXPECT_GT(got["communique_commit_duration_seconds_sum"], 0);
  EXPECT_EQ(got["communique_journal_append_duration_seconds_count"], 2);
  EXPECT_EQ(got["communique_journal_group_commits_sum"], 2);
  EXPECT_EQ(got["communique_journal_group_commits_bucket{le=\"1\"}"], 2);
  EXPECT_EQ(got["communique_journal_head_revision"], 2);
  EXPECT_EQ(got["communique_journal_oldest_revision"], 0);
  EXPECT_EQ(got["communique_journal_stopped"], 0);
  EXPECT_EQ(got["communique_store_records"], 3);
  EXPECT_GT(got["communique_store_disk_bytes"], 0);
  EXPECT_EQ(got["communique_index_versions"], 3);
  EXPECT_GT(got["communique_index_bytes"], 0);
  EXPECT_TRUE(Eventually([&] { return Scrape()["communique_index_unindexed_versions"] == 0; }));
}

TEST_F(MetricsTest, ScreeningIsCounted) {
  Start();
  v1::CommitRequest commit;
  for (const v1::Record& record : testing::Authority("north")) {
    *commit.add_mutations()->mutable_put() = record;
  }
  *commit.add_mutations()->mutable_put() = testing::Actor("a", {"Ostap Vrenzky"});
  *commit.add_mutations()->mutable_put() = testing::Designation("a");
  ASSERT_EQ(Commit(commit), absl::StatusCode::kOk);
  v1::ScreenRequest request;
  request.add_queries()->add_names("Ostap Vrenzky");
  request.add_queries()->add_names("Marguerite Zoellinger");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(server_->MakeClient().Screen(request).ok());
  }
  const Exposition got = Scrape();
  EXPECT_EQ(got["communique_screening_queries_total"], 4);
  EXPECT_EQ(got["communique_screening_matches_total{decision=\"MATCH\"}"], 2);
  EXPECT_EQ(got["communique_screening_matches_total{decision=\"POSSIBLE\"}"], 0);
  EXPECT_GE(got["communique_screening_candidates_total"], 2);
  EXPECT_EQ(got["communique_screening_scored_total"], 2);
  EXPECT_EQ(got["communique_screening_query_duration_seconds_count"], 4);
  // Read once, then ready.
  EXPECT_EQ(got["communique_screening_cache_misses_total{cache=\"designations\"}"], 1);
  EXPECT_EQ(got["communique_screening_cache_hits_total{cache=\"designations\"}"], 1);
  EXPECT_GE(got["communique_screening_cache_hits_total{cache=\"actors\"}"], 1);
  EXPECT_GT(got["communique_screening_cache_bytes{cache=\"actors\"}"], 100);
  EXPECT_EQ(got["communique_screening_refused_total"], 0);
  EXPECT_TRUE(Eventually([&] { return Scrape()["communique_screening_waiting"] == 0; }));
}

// One principal's names hold up no other's, are bounded, and are not screened for
// somebody who has gone.
TEST_F(MetricsTest, ScreeningsAreBoundedByPrincipal) {
  Start();
  v1::CommitRequest commit;
  for (const v1::Record& record : testing::Authority("north")) {
    *commit.add_mutations()->mutable_put() = record;
  }
  for (int i = 0; i < 100; ++i) {
    const std::string id = absl::StrCat("n", i);
    *commit.add_mutations()->mutable_put() =
        testing::Actor(id, {absl::StrCat("Ostap Kazimir Vrenzky Dolmatov ", i)});
    *commit.add_mutations()->mutable_put() = testing::Designation(id);
  }
  ASSERT_EQ(Commit(commit), absl::StatusCode::kOk);
  v1::ScreenRequest large;
  for (int q = 0; q < 100; ++q) {
    v1::ScreenQuery& query = *large.add_queries();
    for (int n = 0; n < 20; ++n) {
      std::string name = absl::StrCat("Ostap Kazimir ", q, " ", n);
      while (name.size() < 1000) absl::StrAppend(&name, " Vrenzkydolmatovskoi");
      query.add_names(name);
    }
  }
  RawClient client(server_->endpoint());
  const auto screen = [&](grpc::ClientContext& context, const v1::ScreenRequest& request) {
    v1::ScreenResponse answer;
    return testing::FromGrpc(client.screening().Screen(&context, request, &answer));
  };
  const auto context = RawClient::Context("many");
  absl::Status ended;
  std::thread call([&] { ended = screen(*context, large); });
  ASSERT_TRUE(Eventually([&] { return Scrape()["communique_screening_waiting"] == 1; }));
  const absl::Status refused = screen(*RawClient::Context("many"), large);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(base::ReasonOf(refused), v1::ERROR_REASON_CALL_LIMIT);
  EXPECT_EQ(base::MetadataOf(refused, "of"), "principal");
  EXPECT_GT(ErrorRetryDelay(refused).value_or(absl::ZeroDuration()), absl::ZeroDuration());
  v1::ScreenRequest small;
  small.add_queries()->add_names("Ostap Vrenzky");
  EXPECT_TRUE(screen(*RawClient::Context("few"), small).ok());
  EXPECT_TRUE(Eventually([&] { return Scrape()["communique_screening_waiting"] == 1; }));
  const double before = Scrape()["communique_screening_queries_total"];
  context->TryCancel();
  call.join();
  EXPECT_EQ(ended.code(), absl::StatusCode::kCancelled) << ended;
  EXPECT_TRUE(Eventually([&] { return Scrape()["communique_screening_waiting"] == 0; }));
  EXPECT_LT(Scrape()["communique_screening_queries_total"], before + 20);
  EXPECT_EQ(Scrape()["communique_screening_refused_total"], 1);
}

TEST_F(MetricsTest, CallsAreCountedByMethodAndCode) {
  Start();
  ASSERT_EQ(Commit(Put(MakeActor("a", "A"))), absl::StatusCode::kOk);
  RawClient client(server_->endpoint());
  for (const char* name : {"actors/a", "actors/a", "actors/none"}) {
    v1::GetActorRequest request;
    request.set_name(name);
    v1::Record record;
    (void)client.catalog().GetActor(RawClient::Context().get(), request, &record);
  }
  Exposition got = Scrape();
  const auto calls = [&](const std::string& method, const std::string& code) {
    return got[absl::StrCat("communique_calls_total{method=\"", method, "\",code=\"", code, "\"}")];
  };
  EXPECT_EQ(calls("CatalogService/GetActor", "OK"), 2);
  EXPECT_EQ(calls("CatalogService/GetActor", "NOT_FOUND"), 1);
  EXPECT_EQ(calls("PublishService/Commit", "OK"), 1);
  EXPECT_EQ(calls("CatalogService/Search", "OK"), 0);
  EXPECT_EQ(calls("AdminService/GetStatus", "OK"), 0);
  EXPECT_EQ(got["communique_call_duration_seconds_count{method=\"CatalogService/GetActor\"}"], 3);
  EXPECT_EQ(got["communique_call_duration_seconds_count{method=\"PublishService/Commit\"}"], 1);

  // A load without its header is refused; a watch whose client goes away is cancelled.
  v1::LoadRequest line;
  line.mutable_line()->set_number(1);
  ASSERT_FALSE(client.Load({line}).ok());
  ASSERT_EQ(Watch(1), 1);
  EXPECT_TRUE(Eventually([&] {
    got = Scrape();
    return got["communique_open_calls{listener=\"public\"}"] == 0;
  }));
  EXPECT_EQ(calls("PublishService/Load", "INVALID_ARGUMENT"), 1);
  EXPECT_EQ(calls("FeedService/Watch", "CANCELLED"), 1);
  EXPECT_FALSE(got.values.contains(
      "communique_call_duration_seconds_count{method=\"FeedService/Watch\"}"));
}

TEST_F(MetricsTest, StreamsAreCountedWhileTheyAreOpen) {
  Start();
  RawClient client(server_->endpoint());
  const auto load_context = RawClient::Context();
  const auto load = client.publish().Load(load_context.get());
  v1::LoadRequest header;
  header.mutable_header()->set_load_id("load");
  ASSERT_TRUE(load->Write(header));
  const auto watch_context = RawClient::Context();
  const auto watch = client.feed().Watch(watch_context.get(), {});
  EXPECT_TRUE(Eventually([&] {
    const Exposition got = Scrape();
    return got["communique_open_loads"] == 1 &&
           got["communique_open_calls{listener=\"public\"}"] == 2 &&
           got["communique_feed_watches{state=\"active\"}"] == 1;
  }));
  watch_context->TryCancel();
  load_context->TryCancel();
  EXPECT_TRUE(Eventually([&] {
    const Exposition got = Scrape();
    return got["communique_open_loads"] == 0 &&
           got["communique_open_calls{listener=\"public\"}"] == 0 &&
           got["communique_feed_watches{state=\"active\"}"] == 0;
  }));
}

TEST_F(MetricsTest, WatchesAreCounted) {
  Start();
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_EQ(Commit(Put(MakeActor(id, id))), absl::StatusCode::kOk);
  }
  ASSERT_EQ(Watch(3), 3);
  ASSERT_EQ(Watch(3, "name = \"actors/b\""), 1);
  Exposition got = Scrape();
  EXPECT_EQ(got["communique_feed_changes_sent_total"], 4);
  EXPECT_GE(got["communique_feed_responses_sent_total"], 2);
  EXPECT_GT(got["communique_feed_sent_bytes_total"], 100);
  EXPECT_EQ(got["communique_feed_filter_evaluations_total"], 3);
  EXPECT_GE(got["communique_feed_window_hits_total"], 2);
  EXPECT_EQ(got["communique_feed_window_misses_total"], 0);
  EXPECT_EQ(got["communique_feed_window_first_revision"], 1);
  EXPECT_GT(got["communique_feed_window_bytes"], 0);
  EXPECT_EQ(got["communique_feed_expired_tokens_total"], 0);
  EXPECT_EQ(got["communique_feed_refused_watches_total"], 0);

  // After a start the window is empty: what was before is read from the journal.
  server_->Kill();
  ASSERT_TRUE(server_->Restart().ok());
  ASSERT_EQ(Watch(3), 3);
  got = Scrape();
  EXPECT_EQ(got["communique_feed_changes_sent_total"], 3);
  EXPECT_GE(got["communique_feed_window_misses_total"], 1);
  EXPECT_EQ(got["communique_commits_total"], 0);
  EXPECT_EQ(got["communique_journal_head_revision"], 3);
}

TEST_F(MetricsTest, RefusedAndExpiredWatchesAreCounted) {
  Start(absl::Milliseconds(100), {"--max_watches=1"});
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_EQ(Commit(Put(MakeActor(id, id))), absl::StatusCode::kOk);
  }
  RawClient client(server_->endpoint());
  RawClient admin(server_->admin_endpoint());
  const auto trim_context = RawClient::Context();
  v1::TrimJournalRequest trim;
  trim.set_revision(2);
  v1::TrimJournalResponse trimmed;
  ASSERT_TRUE(admin.admin().TrimJournal(trim_context.get(), trim, &trimmed).ok());
  v1::WatchRequest old;
  old.set_start_revision(0);
  EXPECT_EQ(client.FirstOf(old).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Scrape()["communique_feed_expired_tokens_total"], 1);
  EXPECT_EQ(Scrape()["communique_feed_refused_watches_total"], 0);

  const auto context = RawClient::Context();
  const auto watch = client.feed().Watch(context.get(), {});
  v1::WatchResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(client.FirstOf({}).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Scrape()["communique_feed_refused_watches_total"], 1);
  EXPECT_EQ(Scrape()["communique_feed_expired_tokens_total"], 1);
  context->TryCancel();
}

TEST_F(MetricsTest, AWatchWhoseClientDoesNotReadIsSeenToLag) {
  Start();
  EXPECT_EQ(Scrape()["communique_feed_max_lag_revisions"], 0);
  EXPECT_EQ(Scrape()["communique_feed_max_lag_seconds"], 0);
  RawClient client(server_->endpoint());
  const auto context = RawClient::Context();
  const auto watch = client.feed().Watch(context.get(), {});
  v1::WatchResponse response;
  ASSERT_TRUE(watch->Read(&response));
  // The transport takes some megabytes on the way to a client that reads no more.
  v1::CommitRequest request = Put(MakeActor("a", "a"));
  v1::Actor& actor = *request.mutable_mutations(0)->mutable_put()->mutable_actor();
  int commits = 0;
  Exposition behind;
  do {
    for (int i = 0; i < 100; ++i) {
      actor.set_description(std::string(9000, static_cast<char>('a' + ++commits % 26)));
      ASSERT_TRUE(client.Commit(request).ok());
    }
    behind = Scrape();
  } while (behind["communique_feed_max_lag_revisions"] == 0 && commits < 8000);
  EXPECT_GT(behind["communique_feed_max_lag_revisions"], 0) << commits;
  EXPECT_GT(behind["communique_feed_max_lag_seconds"], 0);
  int64_t through = 0;
  while (through < commits && watch->Read(&response)) through = response.through_revision();
  EXPECT_EQ(through, commits);
  EXPECT_EQ(Scrape()["communique_feed_max_lag_revisions"], 0);
  context->TryCancel();
}

TEST_F(MetricsTest, TheProcessIsToldOf) {
  Start();
  const Exposition got = Scrape();
  EXPECT_NEAR(got["process_start_time_seconds"],
              absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()), 60);
  EXPECT_GT(got["process_resident_memory_bytes"], 5e6);
  EXPECT_GT(got["process_virtual_memory_bytes"], got["process_resident_memory_bytes"]);
  EXPECT_GT(got["process_threads"], 5);
  EXPECT_GT(got["process_open_fds"], 10);
  EXPECT_GT(got["process_max_fds"], got["process_open_fds"]);
  EXPECT_GT(got["process_cpu_seconds_total"], 0);
  // Connections are closed, not kept.
  EXPECT_TRUE(Eventually([&] { return Scrape()["process_open_fds"] <= got["process_open_fds"]; }));
}

// A version of a list whose import has ended.
v1::Record ListVersion(const std::string& id, const std::string& date, int64_t entries) {
  v1::Record record = testing::MakeSource(id, "A list");
  record.mutable_source()->set_type(v1::SOURCE_TYPE_LIST_VERSION);
  v1::ListVersion& version = *record.mutable_source()->mutable_list_version();
  version.set_list_id("\"the\"\nlist");
  version.mutable_authority()->set_target("actors/a");
  version.mutable_as_of_time()->set_edtf(date);
  version.set_entry_count(entries);
  record.mutable_source()->add_coverages()->mutable_authority()->set_target("actors/a");
  return record;
}

TEST_F(MetricsTest, ListsAreToldByTheirNames) {
  Start();
  const std::string labels = "{list_id=\"\\\"the\\\"\\nlist\",authority=\"actors/a\"}";
  EXPECT_FALSE(Scrape().values.contains("communique_list_age_seconds" + labels));
  // A first import that has not ended has nothing but that to say.
  v1::Record first = ListVersion("v1", "2020-01-10", 7);
  first.mutable_source()->clear_coverages();
  ASSERT_EQ(Commit(Put({MakeActor("a", "A"), first})), absl::StatusCode::kOk);
  Exposition got = Scrape();
  EXPECT_EQ(got["communique_list_import_pending" + labels], 1);
  EXPECT_FALSE(got.values.contains("communique_list_entries" + labels));
  EXPECT_FALSE(got.values.contains("communique_list_age_seconds" + labels));
  ASSERT_EQ(Commit(Put(ListVersion("v1", "2020-01-10", 7))), absl::StatusCode::kOk);
  got = Scrape();
  const double expected = absl::ToDoubleSeconds(
      absl::Now() - absl::FromCivil(absl::CivilDay(2020, 1, 11), absl::UTCTimeZone()));
  EXPECT_NEAR(got["communique_list_age_seconds" + labels], expected, 60);
  EXPECT_EQ(got["communique_list_revision" + labels], 2);
  EXPECT_EQ(got["communique_list_entries" + labels], 7);
  EXPECT_EQ(got["communique_list_import_pending" + labels], 0);
  v1::Record begun = ListVersion("v2", "2021-01-10", 8);
  begun.mutable_source()->clear_coverages();
  ASSERT_EQ(Commit(Put(begun)), absl::StatusCode::kOk);
  got = Scrape();
  EXPECT_EQ(got["communique_list_import_pending" + labels], 1);
  EXPECT_EQ(got["communique_list_entries" + labels], 7);
  // A date that is not one day has no age.
  ASSERT_EQ(Commit(Put(ListVersion("v2", "2021", 8))), absl::StatusCode::kOk);
  got = Scrape();
  EXPECT_FALSE(got.values.contains("communique_list_age_seconds" + labels));
  EXPECT_EQ(got["communique_list_revision" + labels], 4);
}

TEST_F(MetricsTest, TheTableListsWhatIsTold) {
  Start();
  ASSERT_EQ(Commit(Put({MakeActor("a", "A"), ListVersion("v1", "2020-01-10", 7)})),
            absl::StatusCode::kOk);
  ASSERT_EQ(Commit({}), absl::StatusCode::kInvalidArgument);
  const Exposition got = Scrape();
  std::vector<std::string> told;
  for (const auto& [name, family] : got.families) {
    const std::string labels =
        family.labels.empty() ? "" : absl::StrCat("`", absl::StrJoin(family.labels, "`, `"), "`");
    told.push_back(absl::StrCat("| `", name, "` | ", family.type, " | ", labels, " | ",
                                family.help, " |"));
  }
  std::vector<std::string> listed;
  const std::string table =
      testing::ReadFile(absl::StrCat(COMMUNIQUE_SOURCE_DIR, "/service/server/METRICS.md"));
  for (const absl::string_view line : absl::StrSplit(table, '\n')) {
    if (absl::StartsWith(line, "| `")) listed.emplace_back(line);
  }
  std::sort(listed.begin(), listed.end());
  std::sort(told.begin(), told.end());
  EXPECT_EQ(absl::StrJoin(listed, "\n"), absl::StrJoin(told, "\n"));
}

TEST_F(MetricsTest, NamesAreAsPrometheusAdvises) {
  Start();
  for (const auto& [name, family] : Scrape().families) {
    if (absl::StartsWith(name, "exposer_")) continue;  // the library's own
    EXPECT_EQ(absl::EndsWith(name, "_total"), family.type == "counter") << name;
    if (family.type == "histogram" && name != "communique_journal_group_commits") {
      EXPECT_THAT(name, EndsWith("_seconds"));
    }
    EXPECT_THAT(family.help, EndsWith(".")) << name;
  }
}

TEST_F(MetricsTest, AlertsAskForWhatIsTold) {
  Start();
  const Exposition got = Scrape();
  const std::string alerts =
      testing::ReadFile(absl::StrCat(COMMUNIQUE_SOURCE_DIR, "/deploy/prometheus/alerts.yml"));
  std::set<std::string> asked;
  for (size_t at = 0; (at = alerts.find("communique_", at)) != std::string::npos; ++at) {
    const size_t end = alerts.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
    asked.emplace(absl::StripSuffix(alerts.substr(at, end - at), "_bucket"));
  }
  EXPECT_GT(asked.size(), 8u);
  for (const std::string& name : asked) EXPECT_TRUE(got.families.contains(name)) << name;
}

TEST_F(MetricsTest, BadRequestsHarmNothing) {
  Start();
  EXPECT_THAT(Get(endpoint(), "/"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Get(endpoint(), "/metrics/../../etc/passwd"), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(Get(endpoint(), "/%2e%2e/%2e%2e/etc/passwd"), StartsWith("HTTP/1.1 4"));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND", "MKCOL"}) {
    EXPECT_THAT(Ask(endpoint(), absl::StrCat(method,
                                             " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                             "4\r\nConnection: close\r\n\r\nbody")),
                StartsWith("HTTP/1.1 4"))
        << method;
  }
  const std::string large(1 << 20, 'x');
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string(300, '\0'),
        std::string("GET /metrics\r\n\r\n"), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        absl::StrCat("GET /", large, " HTTP/1.1\r\n\r\n"),
        absl::StrCat("GET /metrics HTTP/1.1\r\nX: ", large, "\r\n\r\n"),
        absl::StrCat("GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        absl::StrCat("GET /metrics HTTP/9.9\r\n\r\n")}) {
    const std::string answer = Ask(endpoint(), garbage);
    EXPECT_FALSE(absl::StartsWith(answer, "HTTP/1.1 200")) << answer.substr(0, 200);
  }
  EXPECT_TRUE(server_->running());
  EXPECT_EQ(Scrape()["communique_draining"], 0);
}

TEST_F(MetricsTest, AClientThatStopsHalfwayHoldsNobodyUp) {
  Start();
  Socket halfway(endpoint());
  halfway.Send("GET /metrics HTTP/1.1\r\nX: ");
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Scrape()["communique_draining"], 0);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
  // It is dropped, and the drain does not wait for it either.
  server_->Terminate();
  EXPECT_EQ(server_->Wait(absl::Seconds(10)), 0);
}

TEST_F(MetricsTest, ADrainIsSeen) {
  Start(absl::Seconds(2));
  EXPECT_EQ(Scrape()["communique_draining"], 0);
  server_->Terminate();
  EXPECT_TRUE(Eventually([&] {
    const std::string answer = Get(endpoint(), "/metrics");
    return absl::StrContains(answer, "\ncommunique_draining 1\n");
  }));
  EXPECT_EQ(server_->Wait(absl::Seconds(10)), 0);
  EXPECT_FALSE(Socket(endpoint()).connected());
}

TEST_F(MetricsTest, AnAddressThatCannotBeHadIsAStartError) {
  Start();
  const auto error_of = [](const std::string& address) {
    const auto started = ServerProcess::Start({.flags = {"--metrics_listen=" + address}});
    return started.ok() ? "it started" : std::string(started.status().message());
  };
  EXPECT_THAT(error_of(endpoint()),
              HasSubstr(absl::StrCat("cannot listen on ", endpoint(), " for metrics: in use")));
  EXPECT_THAT(error_of("192.0.2.1:0"), HasSubstr("no such address"));
  // A bare port would be open to every network.
  for (const char* address : {"7402", ":7402", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0s",
                              "127.0.0.1:65536", "127.0.0.1:0,0.0.0.0:0", "127.0.0.1:-1"}) {
    EXPECT_THAT(error_of(address), HasSubstr("must be HOST:PORT")) << address;
  }
}

TEST_F(MetricsTest, OnlyTheAddressThatWasGivenIsListenedOn) {
  Start();
  const std::vector<std::string> parts = absl::StrSplit(endpoint(), ':');
  ASSERT_EQ(parts.at(0), "127.0.0.1");
  // Another address of this machine.
  EXPECT_FALSE(Socket(absl::StrCat("127.0.0.2:", parts.at(1))).connected());
}

}  // namespace
}  // namespace communique
