#include "service/store/lister.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "service/base/limits.h"
#include "service/journal/errors.h"
#include "service/query/candidate_index.h"
#include "service/store/errors.h"

namespace communique::store {
namespace {

using query::Candidate;
using query::Candidates;

// What looking at a record costs, in comparisons of candidates: about 8 us to
// 60 ns. Decides between walking the names and ordering the candidates.
constexpr double kReadCost = 133;
// Candidates that are read at once.
constexpr size_t kCandidatesPerRead = 128;

class Lister {
 public:
  Lister(const ReadView& view, const ListQuery& query)
      : view_(view), query_(query), by_time_(query.order.by_primary_time(query.kind)) {}

  absl::StatusOr<ListPage> Run() {
    const bool by_name = query_.order.fields().empty();
    const bool in_name_order = by_name && !query_.order.name_descending();
    if (in_name_order && !query_.filter.needs_record()) {
      if (query_.filter.matches_all()) {
        page_.total_size = view_.index().CountLive(query_.kind, view_.revision());
      }
      return WalkNames();
    }
    const Candidates candidates =
        view_.index().Find(query_.filter.root(), query_.kind, view_.revision());
    if (in_name_order && !candidates.narrowed()) return WalkNames();
    if (!by_name && !by_time_) return OrderByReading(candidates);
    if (absl::Status status = Gather(candidates); !status.ok()) return status;
    page_.total_size = static_cast<int64_t>(items_.size());
    page_.total_estimated = !candidates.exact();
    if (in_name_order && candidates.exact() && MostMatch()) return WalkNames();
    return TakeInOrder();
  }

 private:
  // A candidate with what it is ordered by.
  struct Item {
    int64_t time;
    Candidate candidate;
  };
  struct KeyedItem {
    std::string key;
    Candidate candidate;
  };

  // Whether a walk over the names finds a page sooner than the candidates can be
  // put in order.
  bool MostMatch() const {
    const double matches = static_cast<double>(items_.size());
    const double records =
        static_cast<double>(view_.index().CountLive(query_.kind, view_.revision()));
    return matches * matches > kReadCost * query_.page_size * records;
  }

  absl::StatusOr<ListPage> WalkNames() {
    int names = 0;
    int reads = 0;
    v1::Record record;
    absl::Status parsed;
    const absl::Status scanned = view_.List(
        query_.kind, query_.after_name,
        [&](absl::string_view name) {
          // A long stretch without a match ends the page early.
          if (++names > base::kMaxNamesScannedPerPage || reads > base::kMaxRecordsReadPerPage) {
            page_.more = true;
            return true;
          }
          if (query_.filter.needs_record() || query_.filter.MatchesName(name)) return true;
          page_.last_name = std::string(name);
          return false;
        },
        [&](FoundRecord found) {
          if (page_.more || Full()) {
            page_.more = true;
            return false;
          }
          ++reads;
          page_.last_name = found.name;
          const auto matches = Matches(found, record);
          if (!matches.ok()) {
            parsed = matches.status();
            return false;
          }
          if (*matches) Take(std::move(found));
          return true;
        });
    if (!parsed.ok()) return parsed;
    if (!scanned.ok()) return scanned;
    return Finish();
  }

  // Versions that have no terms yet are read and decided here, so that a page does
  // not depend on how far the indexer is.
  absl::Status Gather(const Candidates& candidates) {
    absl::Status failed;
    candidates.ForEach([&](const Candidate& candidate) {
      if (!failed.ok()) return;
      if (candidate.indexed()) {
        items_.push_back({candidate.time(), candidate});
        return;
      }
      const auto record = Read(candidate);
      if (!record.ok()) {
        failed = record.status();
      } else if (query_.filter.Matches(*record)) {
        items_.push_back({query::PrimaryTimeOf(*record).value_or(query::kNoTime), candidate});
      }
    });
    return failed;
  }

  std::string TimeKeyOf(int64_t time) const {
    return query::TimeKey(time == query::kNoTime ? std::nullopt : std::optional<int64_t>(time),
                          query_.order.fields()[0].descending);
  }

  // Strictly before, in the order asked for.
  bool NameBefore(absl::string_view a, absl::string_view b) const {
    return query_.order.name_descending() ? b < a : a < b;
  }
  bool Before(const Item& a, const Item& b) const {
    if (by_time_ && a.time != b.time) {
      if (a.time == query::kNoTime || b.time == query::kNoTime) return b.time == query::kNoTime;
      return query_.order.fields()[0].descending ? b.time < a.time : a.time < b.time;
    }
    return NameBefore(a.candidate.name(), b.candidate.name());
  }
  bool Before(const KeyedItem& a, const KeyedItem& b) const {
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : NameBefore(a.candidate.name(), b.candidate.name());
  }
  // Whether an item lies beyond the page before.
  bool IsBeyond(absl::string_view key, absl::string_view name) const {
    if (query_.after_name.empty()) return true;
    const int order = key.compare(query_.after_key);
    return order != 0 ? order > 0 : NameBefore(query_.after_name, name);
  }

  absl::StatusOr<ListPage> TakeInOrder() {
    if (!query_.after_name.empty()) {
      items_.erase(std::remove_if(items_.begin(), items_.end(),
                                  [this](const Item& item) {
                                    return !IsBeyond(by_time_ ? TimeKeyOf(item.time) : "",
                                                     item.candidate.name());
                                  }),
                   items_.end());
    }
    return TakeFromHeap(items_, [this](const Item& item) {
      return by_time_ ? TimeKeyOf(item.time) : std::string();
    });
  }

  // Takes matches from the first on until the page is full: what the page does
  // not need is never put in order. Reads as many at once as it still needs.
  template <typename Items, typename KeyOf>
  absl::StatusOr<ListPage> TakeFromHeap(Items& items, const KeyOf& key_of) {
    const auto after = [this](const auto& a, const auto& b) { return Before(b, a); };
    std::make_heap(items.begin(), items.end(), after);
    size_t reads = 0;
    Items next;
    while (!items.empty() && !page_.more) {
      if (Full() || reads > base::kMaxRecordsReadPerPage) {
        page_.more = true;
        break;
      }
      next.clear();
      const size_t wanted = static_cast<size_t>(query_.page_size) - page_.records.size();
      while (!items.empty() && next.size() < std::min(wanted, kCandidatesPerRead)) {
        std::pop_heap(items.begin(), items.end(), after);
        next.push_back(std::move(items.back()));
        items.pop_back();
      }
      reads += next.size();
      if (absl::Status status = TakeMatches(next, key_of); !status.ok()) return status;
    }
    return Finish();
  }

  template <typename Items, typename KeyOf>
  absl::Status TakeMatches(const Items& next, const KeyOf& key_of) {
    std::vector<Candidate> candidates;
    candidates.reserve(next.size());
    for (const auto& item : next) candidates.push_back(item.candidate);
    absl::Status parsed;
    v1::Record record;  // reused: its fields keep their memory
    const absl::Status read = view_.ReadVersions(candidates, [&](size_t i, FoundRecord found) {
      if (Full()) {
        page_.more = true;
        return false;
      }
      const auto matches = Matches(found, record);
      if (!matches.ok()) {
        parsed = matches.status();
        return false;
      }
      page_.last_name = found.name;
      page_.last_key = key_of(next[i]);
      if (*matches) Take(std::move(found));
      return true;
    });
    return parsed.ok() ? read : parsed;
  }

  // For orders that the index has no column of.
  absl::StatusOr<ListPage> OrderByReading(const Candidates& candidates) {
    std::vector<Candidate> unread;
    candidates.ForEach([&](const Candidate& candidate) { unread.push_back(candidate); });
    if (unread.size() > base::kMaxSortedCandidates) {
      return SizeLimit("order_by: records to be ordered; narrow the filter, or order by name or time",
                       "records", static_cast<int64_t>(unread.size()),
                       base::kMaxSortedCandidates);
    }
    std::vector<KeyedItem> items;
    absl::Status parsed;
    v1::Record record;  // reused: its fields keep their memory
    const absl::Status read =
        view_.ReadVersions(unread, [&](size_t i, const FoundRecord& found) {
          parsed = found.ParseInto(record);
          if (!parsed.ok()) return false;
          if (!query_.filter.Matches(record)) return true;
          ++page_.total_size;
          std::string key = query_.order.KeyOf(record);
          if (IsBeyond(key, found.name)) items.push_back({std::move(key), unread[i]});
          return true;
        });
    if (!parsed.ok()) return parsed;
    if (!read.ok()) return read;
    return TakeFromHeap(items, [](const KeyedItem& item) { return item.key; });
  }

  absl::StatusOr<v1::Record> Read(const Candidate& candidate) const {
    const auto found =
        view_.ReadVersion(candidate.name(), candidate.revision(), candidate.ordinal());
    if (!found.ok()) return found.status();
    return found->Parse();
  }

  // `scratch` keeps its memory from one record to the next.
  absl::StatusOr<bool> Matches(const FoundRecord& found, v1::Record& scratch) const {
    if (!query_.filter.needs_record()) return query_.filter.MatchesName(found.name);
    if (absl::Status status = found.ParseInto(scratch); !status.ok()) return status;
    return query_.filter.Matches(scratch);
  }

  bool Full() const {
    return static_cast<int>(page_.records.size()) == query_.page_size ||
           bytes_ >= base::kMaxPageBytes;
  }

  void Take(FoundRecord found) {
    bytes_ += found.framed.size();
    page_.records.push_back(std::move(found));
  }

  ListPage Finish() {
    if (!page_.more && query_.after_name.empty()) {
      page_.total_size = static_cast<int64_t>(page_.records.size());
      page_.total_estimated = false;
    }
    return std::move(page_);
  }

  const ReadView& view_;
  const ListQuery& query_;
  const bool by_time_;
  std::vector<Item> items_;
  ListPage page_;
  size_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<ListPage> ListRecords(const ReadView& view, const ListQuery& query) {
  return Lister(view, query).Run();
}

}  // namespace communique::store
