#include "communique/client.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "src/read_mask.h"
#include "src/request_id.h"

namespace communique {
namespace {

// A page as PagedReader wants it.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_page_token;
};

// Walks pages one by one, up to a limit.
template <typename T>
class PagedReader {
 public:
  using Fetch = std::function<absl::StatusOr<Page<T>>(const std::string& page_token)>;
  // Asks for a page ahead of its Fetch.
  using Prefetch = std::function<void(const std::string& page_token)>;

  PagedReader(Fetch fetch, std::int64_t limit, Prefetch prefetch = {})
      : fetch_(std::move(fetch)), prefetch_(std::move(prefetch)), limit_(limit) {}

  std::optional<absl::StatusOr<T>> operator()() {
    if (limit_ > 0 && given_ == limit_) return std::nullopt;
    while (next_ == page_.items.size()) {  // A page may be empty and not the last.
      if (started_ && page_.next_page_token.empty()) return std::nullopt;
      absl::StatusOr<Page<T>> page = fetch_(page_.next_page_token);
      if (!page.ok()) return absl::StatusOr<T>(page.status());
      if (started_ && !page->next_page_token.empty() && page->items.empty() &&
          page->next_page_token == page_.next_page_token) {
        return absl::StatusOr<T>(absl::InternalError("the server answers the same page for ever"));
      }
      page_ = *std::move(page);
      started_ = true;
      next_ = 0;
    }
    // Half of a page is walked: the next one will be needed.
    if (prefetch_ && next_ == page_.items.size() / 2 && !page_.next_page_token.empty() &&
        (limit_ <= 0 || limit_ - given_ > LeftOfPage())) {
      prefetch_(page_.next_page_token);
    }
    ++given_;
    return absl::StatusOr<T>(std::move(page_.items[next_++]));
  }

 private:
  std::int64_t LeftOfPage() const { return static_cast<std::int64_t>(page_.items.size() - next_); }

  Fetch fetch_;
  Prefetch prefetch_;
  const std::int64_t limit_;
  Page<T> page_;
  std::size_t next_ = 0;
  std::int64_t given_ = 0;
  bool started_ = false;
};

// Lists pages of records, one of them perhaps asked for ahead.
class RecordPages {
 public:
  RecordPages(std::shared_ptr<Connection> connection, v1::RecordKind kind, ListOptions options)
      : connection_(std::move(connection)), kind_(kind), options_(std::move(options)) {}

  absl::StatusOr<Page<v1::Record>> Fetch(const std::string& page_token) {
    if (!std::exchange(first_, false)) options_.page_token = page_token;
    const std::unique_ptr<PendingPage> pending = std::move(pending_);
    absl::StatusOr<RecordPage> page =
        pending != nullptr ? pending->Get() : connection_->ListPage(kind_, options_);
    if (!page.ok()) return page.status();
    if (options_.on_page) options_.on_page(*page);
    return Page<v1::Record>{std::move(page->records), std::move(page->next_page_token)};
  }

  void Prefetch(const std::string& page_token) {
    options_.page_token = page_token;
    pending_ = connection_->StartListPage(kind_, options_);
  }

 private:
  const std::shared_ptr<Connection> connection_;
  const v1::RecordKind kind_;
  ListOptions options_;
  bool first_ = true;
  std::unique_ptr<PendingPage> pending_;  // goes before the connection
};

// Does not ask for more in a page than the limit lets through.
int PageSize(int page_size, std::int64_t limit) {
  constexpr int kMaxPageSize = 1000;  // The server lowers more to this.
  if (limit <= 0 || limit > kMaxPageSize) return page_size;
  return page_size == 0 ? static_cast<int>(limit) : std::min(page_size, static_cast<int>(limit));
}

v1::SearchRequest SearchRequestOf(absl::string_view query, const SearchOptions& options) {
  v1::SearchRequest request;
  request.set_query(std::string(query));
  for (const v1::RecordKind kind : options.kinds) request.add_kinds(kind);
  request.set_page_size(PageSize(options.page_size, options.limit));
  request.set_page_token(options.page_token);
  *request.mutable_scope() = options.scope;
  internal::SetReadMask(options.read_mask, request);
  return request;
}

// Puts the values beside their changes. A revision changes a name once.
std::vector<Revision> RevisionsOf(v1::ListRevisionsResponse& response) {
  std::map<std::int64_t, v1::RevisionValues*> values;
  for (v1::RevisionValues& v : *response.mutable_values()) values[v.revision()] = &v;
  std::vector<Revision> revisions;
  for (v1::Change& change : *response.mutable_changes()) {
    Revision& revision = revisions.emplace_back();
    if (const auto found = values.find(change.revision()); found != values.end()) {
      auto& differences = *found->second->mutable_differences();
      revision.differences.assign(std::make_move_iterator(differences.begin()),
                                  std::make_move_iterator(differences.end()));
    }
    revision.change = std::move(change);
  }
  return revisions;
}

}  // namespace

absl::StatusOr<v1::Record> Client::Get(absl::string_view name, ReadOptions options) const {
  const absl::StatusOr<v1::RecordKind> kind = RecordKindOf(name);
  if (!kind.ok()) return kind.status();
  return connection_->Get(*kind, std::string(name), options);
}

RecordRange Client::List(v1::RecordKind kind, ListOptions options) const {
  const std::int64_t limit = options.limit;
  options.page_size = PageSize(options.page_size, limit);
  auto pages = std::make_shared<RecordPages>(connection_, kind, std::move(options));
  return RecordRange(PagedReader<v1::Record>(
      [pages](const std::string& page_token) { return pages->Fetch(page_token); }, limit,
      [pages](const std::string& page_token) { pages->Prefetch(page_token); }));
}

absl::StatusOr<RecordPage> Client::ListPage(v1::RecordKind kind, ListOptions options) const {
  return connection_->ListPage(kind, options);
}

absl::StatusOr<v1::BatchGetResponse> Client::BatchGet(std::vector<std::string> names,
                                                      ReadOptions options) const {
  v1::BatchGetRequest request;
  for (std::string& name : names) request.add_names(std::move(name));
  *request.mutable_scope() = std::move(options.scope);
  internal::SetReadMask(options.read_mask, request);
  return connection_->BatchGet(request, {.timeout = options.timeout});
}

SearchRange Client::Search(absl::string_view query, SearchOptions options) const {
  const std::int64_t limit = options.limit;
  auto fetch = [connection = connection_, request = SearchRequestOf(query, options),
                timeout = options.timeout,
                first = true](const std::string& page_token) mutable
      -> absl::StatusOr<Page<v1::SearchResult>> {
    if (!std::exchange(first, false)) request.set_page_token(page_token);
    absl::StatusOr<v1::SearchResponse> response =
        connection->SearchPage(request, {.timeout = timeout});
    if (!response.ok()) return response.status();
    Page<v1::SearchResult> page;
    for (v1::SearchResult& result : *response->mutable_results()) {
      page.items.push_back(std::move(result));
    }
    page.next_page_token = response->next_page_token();
    return page;
  };
  return SearchRange(PagedReader<v1::SearchResult>(std::move(fetch), limit));
}

absl::StatusOr<v1::SearchResponse> Client::SearchPage(absl::string_view query,
                                                      SearchOptions options) const {
  return connection_->SearchPage(SearchRequestOf(query, options), {.timeout = options.timeout});
}

RevisionRange Client::History(absl::string_view name, HistoryOptions options) const {
  v1::ListRevisionsRequest request;
  request.set_name(std::string(name));
  request.set_page_size(PageSize(options.page_size, options.limit));
  request.set_include_values(options.include_values);
  *request.mutable_scope() = std::move(options.scope);
  auto fetch = [connection = connection_, request = std::move(request), timeout = options.timeout](
                   const std::string& page_token) mutable -> absl::StatusOr<Page<Revision>> {
    request.set_page_token(page_token);
    absl::StatusOr<v1::ListRevisionsResponse> response =
        connection->ListRevisions(request, {.timeout = timeout});
    if (!response.ok()) return response.status();
    return Page<Revision>{RevisionsOf(*response), response->next_page_token()};
  };
  return RevisionRange(PagedReader<Revision>(std::move(fetch), options.limit));
}

absl::StatusOr<v1::CommitResponse> Client::Commit(v1::CommitRequest request,
                                                  CallOptions options) const {
  if (request.request_id().empty()) request.set_request_id(internal::NewRequestId());
  return connection_->Commit(request, options);
}

absl::StatusOr<v1::ScreenResponse> Client::Screen(const v1::ScreenRequest& request,
                                                  CallOptions options) const {
  return connection_->Screen(request, options);
}

absl::StatusOr<v1::VerifyClaimResponse> Client::VerifyClaim(const v1::VerifyClaimRequest& request,
                                                            CallOptions options) const {
  return connection_->VerifyClaim(request, options);
}

Loader Client::Load(LoadOptions options) const { return Loader(connection_, std::move(options)); }

Watch Client::Watch(WatchOptions options) const {
  return communique::Watch(connection_, std::move(options));
}

Mirror Client::Mirror(MirrorOptions options) const {
  return communique::Mirror(connection_, std::move(options));
}

absl::StatusOr<v1::GetStatusResponse> Client::Status(CallOptions options) const {
  return connection_->GetStatus({}, options);
}

absl::StatusOr<v1::Backup> Client::CreateBackup(absl::string_view note,
                                                CallOptions options) const {
  v1::CreateBackupRequest request;
  request.set_note(std::string(note));
  absl::StatusOr<v1::CreateBackupResponse> response = connection_->CreateBackup(request, options);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_backup());
}

absl::StatusOr<std::vector<v1::Backup>> Client::ListBackups(CallOptions options) const {
  std::vector<v1::Backup> backups;
  v1::ListBackupsRequest request;
  do {
    absl::StatusOr<v1::ListBackupsResponse> page = connection_->ListBackups(request, options);
    if (!page.ok()) return page.status();
    for (v1::Backup& backup : *page->mutable_backups()) backups.push_back(std::move(backup));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return backups;
}

absl::StatusOr<v1::VerifyBackupResponse> Client::VerifyBackup(absl::string_view backup_id,
                                                              CallOptions options) const {
  v1::VerifyBackupRequest request;
  request.set_backup_id(std::string(backup_id));
  return connection_->VerifyBackup(request, options);
}

absl::StatusOr<std::int64_t> Client::TrimJournal(std::int64_t revision,
                                                 CallOptions options) const {
  v1::TrimJournalRequest request;
  request.set_revision(revision);
  const absl::StatusOr<v1::TrimJournalResponse> response =
      connection_->TrimJournal(request, options);
  if (!response.ok()) return response.status();
  return response->oldest_revision();
}

}  // namespace communique
