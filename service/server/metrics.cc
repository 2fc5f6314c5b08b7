#include "service/server/metrics.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/strip.h"
#include "service/screening/limits.h"
#include "service/screening/list_versions.h"
#include "service/server/process_stats.h"
#include "service/server/screening_pool.h"
#include "service/server/version.h"
#include "service/store/stats.h"

namespace communique::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Families in the order in which they are told.
class Families {
 public:
  // What follows belongs to this one.
  void Begin(const char* name, MetricType type, const char* help) {
    families_.push_back({name, help, type, {}});
  }
  void Add(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (families_.back().type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    families_.back().metric.push_back(std::move(metric));
  }
  void Add(const base::Histogram& histogram, Labels labels = {}) {
    const base::Histogram::Snapshot snapshot = histogram.Read();
    ClientMetric metric;
    metric.label = std::move(labels);
    uint64_t count = 0;
    for (size_t i = 0; i < snapshot.counts.size(); ++i) {
      count += static_cast<uint64_t>(snapshot.counts[i]);
      metric.histogram.bucket.push_back(
          {count, i < histogram.bounds().size() ? histogram.bounds()[i]
                                                : std::numeric_limits<double>::infinity()});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = snapshot.sum;
    families_.back().metric.push_back(std::move(metric));
  }

  // Families of one value, or one distribution.
  void Counter(const char* name, double value, const char* help) {
    Begin(name, MetricType::Counter, help);
    Add(value);
  }
  void Gauge(const char* name, double value, const char* help) {
    Begin(name, MetricType::Gauge, help);
    Add(value);
  }
  void Histogram(const char* name, const base::Histogram& histogram, const char* help) {
    Begin(name, MetricType::Histogram, help);
    Add(histogram);
  }

  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void AddServer(const Service& service, Families& families) {
  families.Begin("communique_build_info", MetricType::Gauge,
                 "Always 1; the version that runs and the engine of its journal.");
  families.Add(1, {{"version", kServerVersion},
                   {"journal", std::string(service.local().engine_name())}});
  families.Gauge("communique_draining", service.draining(),
                 "1 while the server drains to stop, else 0.");
}

void AddJournal(const Service& service, bool stopped, Families& families) {
  const journal::LocalStore& local = service.local();
  families.Gauge("communique_journal_stopped", stopped,
                 "1 once a write or sync has failed: no commit is taken until a restart; else 0.");
  families.Gauge("communique_journal_head_revision", local.head(), "The newest revision.");
  families.Gauge("communique_journal_oldest_revision", local.oldest(),
                 "The oldest revision at which reads are whole; 0 until the journal is trimmed.");
  families.Gauge("communique_store_records", local.live_count(),
                 "Records that are neither deleted nor merged away.");
  families.Gauge("communique_store_disk_bytes", local.disk_bytes(),
                 "Bytes of the store's files on disk; 0 for the memory engine.");
}

void AddCommits(const store::StoreCounters& counters, Families& families) {
  families.Counter("communique_commits_total", counters.commits,
                   "Commits that took a revision and are durable.");
  families.Counter("communique_changes_total", counters.changes, "Changes of records in them.");
  families.Counter("communique_commit_bytes_total", counters.commit_bytes,
                   "Bytes of them, as stored.");
  families.Counter("communique_commits_unchanged_total", counters.unchanged,
                   "Commits that were accepted and took no revision: they changed nothing, "
                   "or were only to be validated.");
  families.Counter("communique_commits_replayed_total", counters.replayed,
                   "Commits that were answered as their request id was before.");
  families.Begin("communique_commits_refused_total", MetricType::Counter,
                 "Commits and lines of loads that were refused, by the reason of the error; "
                 "UNSPECIFIED where it has none.");
  for (int reason = 0; reason < v1::ErrorReason_ARRAYSIZE; ++reason) {
    const int64_t count = counters.refused[reason];
    if (count == 0) continue;
    const std::string& name = v1::ErrorReason_Name(reason);
    families.Add(static_cast<double>(count),
                 {{"reason", std::string(absl::StripPrefix(name, "ERROR_REASON_"))}});
  }
  families.Gauge("communique_commits_waiting", counters.waiting,
                 "Commits and lines of loads in the writer's queue.");
  families.Histogram("communique_commit_duration_seconds", counters.commit_seconds,
                     "From a commit or line entering the writer's queue to its answer, in seconds, "
                     "refused ones too.");
  families.Histogram("communique_journal_append_duration_seconds", counters.append_seconds,
                     "What a group took to be written, synced and applied, in seconds.");
  families.Histogram("communique_journal_group_commits", counters.group_commits,
                     "Commits in a group that one sync made durable.");
}

void AddIndex(const query::CandidateIndex& index, Families& families) {
  families.Gauge("communique_index_bytes", index.memory_bytes(),
                 "Memory of the candidate index, in bytes.");
  families.Gauge("communique_index_versions", index.version_count(),
                 "Versions of records in the candidate index.");
  families.Gauge("communique_index_unindexed_versions", index.unindexed_count(),
                 "Versions whose terms are not worked out yet: every filter reads them.");
}

// Lists by their names, which come from data: only so many of them. A list whose
// date is not sharp has no age; one whose first import has not ended only says so.
void AddLists(const Service& service, Families& families) {
  const auto lists = service.lists().AtHead();
  if (!lists.ok()) return;
  const size_t told = std::min((*lists)->size(), screening::kMaxListMetrics);
  const absl::Time now = service.clock().Now();
  const auto add = [&](const char* name, const char* help, const auto& value_of) {
    families.Begin(name, MetricType::Gauge, help);
    for (size_t i = 0; i < told; ++i) {
      const v1::ListStatus& list = (**lists)[i];
      const std::optional<double> value = value_of(list);
      if (value) {
        families.Add(*value, {{"list_id", list.list_id()}, {"authority", list.authority()}});
      }
    }
  };
  add("communique_list_age_seconds",
      "From the end of the date (UTC) of an official list's newest version, whose import has "
      "ended, to now, in seconds; none where that date is not one day.",
      [&](const v1::ListStatus& list) -> std::optional<double> {
        const auto age = screening::AgeOf(list, now);
        if (!age) return std::nullopt;
        return absl::ToDoubleSeconds(*age);
      });
  add("communique_list_revision",
      "The revision that ended the import of that version; none once it was trimmed.",
      [](const v1::ListStatus& list) -> std::optional<double> {
        if (list.revision() == 0) return std::nullopt;
        return static_cast<double>(list.revision());
      });
  add("communique_list_entries", "Entries of that version.",
      [](const v1::ListStatus& list) -> std::optional<double> {
        if (list.source().empty()) return std::nullopt;
        return static_cast<double>(list.entry_count());
      });
  add("communique_list_import_pending",
      "1 while the import of a newer version, or the first, has begun and not ended, else 0.",
      [](const v1::ListStatus& list) -> std::optional<double> {
        return list.pending_source().empty() ? 0.0 : 1.0;
      });
}

void AddFeed(const feed::Feed& feed, Families& families) {
  const feed::FeedState state = feed.state();
  families.Begin("communique_feed_watches", MetricType::Gauge,
                 "Open watches: active at the head or fed from memory, lagging behind it and "
                 "reading the journal, or within a snapshot.");
  families.Add(state.active_watches, {{"state", "active"}});
  families.Add(state.lagging_watches, {{"state", "lagging"}});
  families.Add(state.snapshot_watches, {{"state", "snapshot"}});
  families.Gauge("communique_feed_filters", state.distinct_filters,
                 "Different filters and shards among the open watches.");
  families.Gauge("communique_feed_filter_bytes", state.filter_bytes,
                 "Memory that the filters of open watches take, as an estimate.");
  families.Gauge("communique_feed_max_lag_revisions", state.max_lag_revisions,
                 "Revisions between the head and the watch that is furthest behind it.");
  families.Gauge("communique_feed_max_lag_seconds", absl::ToDoubleSeconds(state.max_lag),
                 "Age of the first commit that the watch furthest behind has not sent, "
                 "in seconds.");
  families.Gauge("communique_feed_window_bytes", state.window_bytes,
                 "Bytes of recent commits held in memory for watches.");
  families.Gauge("communique_feed_window_first_revision", state.window_first_revision,
                 "The oldest revision held in memory for watches; 0 when none is.");

  const feed::FeedCounters& counters = feed.counters();
  families.Counter("communique_feed_responses_sent_total", counters.responses_sent,
                   "Responses sent on watches.");
  families.Counter("communique_feed_changes_sent_total", counters.changes_sent,
                   "Changes in them, once for each watch.");
  families.Counter("communique_feed_sent_bytes_total", counters.bytes_sent,
                   "Bytes of them, before the transport's framing.");
  families.Counter("communique_feed_checkpoints_sent_total", counters.checkpoints_sent,
                   "Responses marked as a checkpoint: without changes, or with them at the "
                   "latest once an interval.");
  families.Counter("communique_feed_window_hits_total", counters.window_hits,
                   "Reads by watches that were answered from memory.");
  families.Counter("communique_feed_window_misses_total", counters.window_misses,
                   "Reads by watches that went to the journal.");
  families.Counter("communique_feed_fell_behind_total", counters.fell_behind,
                   "Watches that fell out of the commits held in memory.");
  families.Counter("communique_feed_expired_tokens_total", counters.expired_tokens,
                   "Watches refused or ended because their position was trimmed from the journal.");
  families.Counter("communique_feed_refused_watches_total", counters.refused_watches,
                   "Watches refused for a limit of open watches or of their filters.");
  families.Counter("communique_feed_filter_evaluations_total", counters.evaluations,
                   "Changes that a filter looked at, once for all watches that share it.");
}

void AddScreening(const ScreeningPool& pool, Families& families) {
  const screening::Screener& screener = pool.screener();
  const screening::ScreenCounters& counters = screener.counters();
  families.Counter("communique_screening_queries_total", counters.queries,
                   "Queries of names that were answered.");
  families.Begin("communique_screening_matches_total", MetricType::Counter,
                 "Matches in the answers, by what they were decided to be.");
  families.Add(static_cast<double>(counters.matches), {{"decision", "MATCH"}});
  families.Add(static_cast<double>(counters.possibles), {{"decision", "POSSIBLE"}});
  families.Counter("communique_screening_candidates_total", counters.candidates,
                   "Actors that the index found for queries.");
  families.Counter("communique_screening_scored_total", counters.scored,
                   "Of them, sanctioned ones whose names were scored.");
  families.Histogram("communique_screening_query_duration_seconds", counters.query_seconds,
                     "What a query took, without waiting for its turn, in seconds.");
  families.Gauge("communique_screening_waiting", pool.waiting(),
                 "Screenings that wait for their turn or are under way.");
  families.Counter("communique_screening_refused_total", pool.refused(),
                   "Screenings refused because too many waited.");
  const auto caches = [&](const char* name, MetricType type, const char* help, auto value) {
    families.Begin(name, type, help);
    families.Add(static_cast<double>(value(screener.actors())), {{"cache", "actors"}});
    families.Add(static_cast<double>(value(screener.designations())), {{"cache", "designations"}});
  };
  caches("communique_screening_cache_hits_total", MetricType::Counter,
         "Versions of records that screening had ready.",
         [](const auto& cache) { return cache.hits(); });
  caches("communique_screening_cache_misses_total", MetricType::Counter,
         "Versions of records that screening had to read.",
         [](const auto& cache) { return cache.misses(); });
  caches("communique_screening_cache_bytes", MetricType::Gauge,
         "Memory of what screening has ready, in bytes.",
         [](const auto& cache) { return cache.bytes(); });
}

void AddCalls(const std::vector<Metrics::Listener>& listeners, Families& families) {
  families.Begin("communique_calls_total", MetricType::Counter,
                 "Calls that ended, by method and code; CANCELLED where the client of a stream "
                 "went away.");
  for (const Metrics::Listener& listener : listeners) {
    listener.calls.counters().ForEach([&](const MethodCounters& method) {
      for (int code = 0; code < MethodCounters::kCodes; ++code) {
        const int64_t count = method.ended[code];
        // OK is always told, so that a method's first error has a rate beside it.
        if (count == 0 && code != 0) continue;
        families.Add(
            static_cast<double>(count),
            {{"method", method.method},
             {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}});
      }
    });
  }
  families.Begin("communique_call_duration_seconds", MetricType::Histogram,
                 "From a call of a unary method being accepted to its answer being handed to the "
                 "transport, in seconds.");
  for (const Metrics::Listener& listener : listeners) {
    listener.calls.counters().ForEach([&](const MethodCounters& method) {
      if (!method.is_stream) families.Add(method.duration_seconds, {{"method", method.method}});
    });
  }
  families.Begin("communique_open_calls", MetricType::Gauge,
                 "Calls under way, streams among them.");
  int64_t loads = 0;
  for (const Metrics::Listener& listener : listeners) {
    families.Add(static_cast<double>(listener.calls.open_count()), {{"listener", listener.name}});
    loads += listener.calls.load_count();
  }
  families.Gauge("communique_open_loads", static_cast<double>(loads), "Loads under way.");
}

// Under the names that every exporter uses.
void AddProcess(Families& families) {
  const ProcessStats stats = ReadProcessStats();
  families.Counter("process_cpu_seconds_total", stats.cpu_seconds,
                   "User and system processor time, in seconds.");
  families.Gauge("process_start_time_seconds", stats.start_time_seconds,
                 "When the process started, in seconds since 1970.");
  families.Gauge("process_resident_memory_bytes", stats.resident_bytes,
                 "Resident memory, in bytes.");
  families.Gauge("process_virtual_memory_bytes", stats.virtual_bytes, "Virtual memory, in bytes.");
  families.Gauge("process_threads", stats.threads, "Threads.");
  families.Gauge("process_open_fds", stats.open_fds, "Open file descriptors.");
  families.Gauge("process_max_fds", stats.max_fds, "File descriptors that may be open at once.");
}

}  // namespace

std::vector<MetricFamily> Metrics::Collect() const {
  Families families;
  AddServer(service_, families);
  AddJournal(service_, !service_.store().health().ok(), families);
  AddCommits(service_.store().counters(), families);
  AddIndex(service_.index(), families);
  AddLists(service_, families);
  AddFeed(service_.feed(), families);
  AddScreening(service_.screening(), families);
  AddCalls(listeners_, families);
  AddProcess(families);
  return families.Take();
}

}  // namespace communique::server
