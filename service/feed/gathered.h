#ifndef COMMUNIQUE_SERVICE_FEED_GATHERED_H_
#define COMMUNIQUE_SERVICE_FEED_GATHERED_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/base/limits.h"
#include "service/feed/window.h"

namespace communique::feed {

// Bytes that several streams send, kept alive by whoever holds them.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  absl::string_view bytes;
};
SharedBytes Own(std::string bytes);

// What one response carries of the journal; the same for every watcher of one
// filter that stood at the same place. Commits are added whole, until it is full.
struct Gathered {
  std::vector<SharedBytes> slices;  // framed changes, in order
  std::string told;                 // who entered and who left, as fields of a WatchResponse
  int64_t through = 0;              // looked at up to this revision
  int64_t changes = 0;              // in `slices`
  size_t bytes = 0;                 // of slices and told
  size_t scanned = 0;               // looked at, sent or not
  bool late = false;                // looking took as long as one step may
  bool cut = false;                 // what follows has yet to be looked at

  bool full() const {
    return bytes >= base::kMaxWatchResponseBytes || scanned >= base::kMaxWatchScanBytes || late;
  }
  bool empty() const { return slices.empty() && told.empty(); }
};

// Puts the changes of a response together. A chunk of which less than half is
// sent is copied, and so is what is small: so a response keeps no more in memory
// than about twice its own bytes.
class SliceJoiner {
 public:
  explicit SliceJoiner(Gathered& out) : out_(out) {}
  ~SliceJoiner() { Finish(); }
  SliceJoiner(const SliceJoiner&) = delete;
  SliceJoiner& operator=(const SliceJoiner&) = delete;

  // Bytes of a chunk, in their order; neighbours become one slice.
  void Add(const std::shared_ptr<const Chunk>& chunk, absl::string_view bytes);
  // Bytes that do not outlive the call.
  void AddCopy(absl::string_view bytes) {
    FinishChunk();
    copied_.append(bytes.data(), bytes.size());
  }

 private:
  void FinishChunk();
  void FinishCopied();
  void Finish();

  Gathered& out_;
  std::shared_ptr<const Chunk> chunk_;
  std::vector<absl::string_view> pieces_;  // of chunk_
  std::string copied_;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_GATHERED_H_
