#ifndef COMMUNIQUE_SERVICE_SCREENING_LIST_VERSIONS_H_
#define COMMUNIQUE_SERVICE_SCREENING_LIST_VERSIONS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/v1/admin.pb.h"
#include "service/store/commit_listener.h"
#include "service/store/reader.h"

namespace communique::screening {

// How current the official lists are. A version of a list is a source with a
// `list_version`; its import has ended when the source has a coverage
// (ReadScope.known_list_version). The newest is the one with the latest date.
//
// Performance: reads the sources of all versions at the first call and after each
// commit that changed a source or merged an actor; a look-up otherwise.
// Thread safety: any thread.
class ListVersions final : public store::CommitListener {
 public:
  using Lists = std::vector<v1::ListStatus>;

  // `reader` outlives this. To be told of commits before the index is.
  explicit ListVersions(const store::Reader& reader)
      : reader_(reader), last_change_(reader.head()) {}

  // At the head, as GetStatusResponse.lists has them, but for `age`.
  absl::StatusOr<std::shared_ptr<const Lists>> AtHead() const;

  void OnCommits(const journal::CommitGroup& group) override;

 private:
  const store::Reader& reader_;
  // The newest revision that changed what is told; nothing earlier than this process
  // is told apart from its head.
  std::atomic<int64_t> last_change_;
  mutable absl::Mutex mutex_;
  mutable int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable std::shared_ptr<const Lists> lists_ ABSL_GUARDED_BY(mutex_);
};

// Of every list that is held at the view's revision its newest whole version; of one
// whose first import has not ended only what is pending.
absl::StatusOr<ListVersions::Lists> FindLists(const store::Reader& reader,
                                              const store::ReadView& view);

// From the end of the list's date (UTC) to now, not negative; nullopt without a
// sharp date.
std::optional<absl::Duration> AgeOf(const v1::ListStatus& list, absl::Time now);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_LIST_VERSIONS_H_
