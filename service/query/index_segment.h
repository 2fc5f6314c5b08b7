#ifndef COMMUNIQUE_SERVICE_QUERY_INDEX_SEGMENT_H_
#define COMMUNIQUE_SERVICE_QUERY_INDEX_SEGMENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/query/bitmap.h"
#include "service/query/index_terms.h"

// The pieces of the candidate index: 65,536 versions each, numbered in the order
// of the journal. A segment fills in memory; when it is full it is sealed into
// one run of bytes, which is also its file. INDEX_FORMAT.md has the format.
namespace communique::query {

// Versions in a segment: their ids within it fit 16 bits.
inline constexpr uint32_t kSegmentVersions = 65'536;

// A version that nothing has superseded.
inline constexpr int64_t kNotSuperseded = std::numeric_limits<int64_t>::max();

// What a segment knows of one version beside its terms, in one piece: a query
// that looks at a version here and there waits for one line of memory.
struct VersionRow {
  int64_t revision = 0;
  int64_t time = 0;          // VersionTerms::time; this and the days only when indexed
  int32_t first_day = 0;
  int32_t last_day = 0;
  uint32_t previous = 0;     // number + 1 of the version before; 0: none
  uint32_t name_offset = 0;  // into the names
  uint16_t ordinal = 0;      // within the commit
  uint16_t name_size = 0;
  uint8_t kind = 0;          // a RecordKind
  uint8_t reserved[3] = {};  // no byte of a file is left to chance
};
static_assert(sizeof(VersionRow) == 40);

// The rows of a segment and the names of its versions. Where they point stays
// where it is; what was read once never changes.
struct VersionTable {
  const VersionRow* rows = nullptr;
  const char* names = nullptr;

  const VersionRow& operator[](uint32_t id) const { return rows[id]; }
  absl::string_view name(uint32_t id) const {
    return {names + rows[id].name_offset, rows[id].name_size};
  }
};

// A live version that a tombstone superseded.
struct Burial {
  int64_t revision = 0;   // of the tombstone
  uint32_t previous = 0;  // as VersionRow::previous
  uint32_t reserved = 0;  // no byte of a file is left to chance
};

// The change up to which segments hold everything.
struct IndexPosition {
  int64_t revision = 0;
  int32_t ordinal = 0;
  friend auto operator<=>(const IndexPosition&, const IndexPosition&) = default;
};

// What a segment's file is bound to.
struct SegmentIdentity {
  std::string store_id;
  std::string epoch;
  uint64_t key = 0;          // of the TermHasher
  std::string journal_hash;  // up to the last revision that the segment touches
  uint32_t capacity = 0;     // numbers are counted by it
  uint32_t terms_version = 0;  // kTermsVersion when its terms were worked out
};

// A full segment: bytes, in memory or mapped.
//
// Thread safety: any thread.
class SealedSegment {
 public:
  // Maps a file. DATA_LOSS when it is damaged or of another format.
  static absl::StatusOr<std::shared_ptr<const SealedSegment>> Open(const std::string& path);
  static absl::StatusOr<std::shared_ptr<const SealedSegment>> FromBytes(std::string bytes);
  ~SealedSegment();
  SealedSegment(const SealedSegment&) = delete;
  SealedSegment& operator=(const SealedSegment&) = delete;

  const VersionTable& versions() const { return versions_; }
  uint32_t size() const { return size_; }
  const SegmentIdentity& identity() const { return identity_; }
  IndexPosition through() const { return through_; }
  const std::vector<Burial>& burials() const { return burials_; }
  absl::string_view bytes() const { return bytes_; }

  // Adds the versions that have a term, or a word; of a prefix those of its
  // first `limit` words.
  void AddTerm(uint64_t term, Bitmap& out) const;
  void AddWord(unsigned char weight, absl::string_view word, Bitmap& out) const;
  void AddPrefix(unsigned char weight, absl::string_view prefix, int limit,
                 Bitmap& out) const;
  // How many of the ids below `end` have a term, and these, rising.
  uint32_t CountTerm(uint64_t term, uint32_t end) const;
  void CopyTerm(uint64_t term, uint32_t end, std::vector<uint16_t>& out) const;

 private:
  SealedSegment() = default;
  absl::Status Parse();
  void AddPosting(uint32_t reference, Bitmap& out) const;
  // Where a term's reference stands; null: no version has it.
  const uint32_t* FindTerm(uint64_t term) const;
  absl::string_view word(uint32_t i) const;

  std::string owned_;
  void* mapped_ = nullptr;
  absl::string_view bytes_;
  VersionTable versions_;
  uint32_t size_ = 0;
  SegmentIdentity identity_;
  IndexPosition through_;
  std::vector<Burial> burials_;
  const uint64_t* terms_ = nullptr;
  const uint32_t* term_postings_ = nullptr;
  uint32_t term_count_ = 0;
  const uint32_t* word_offset_ = nullptr;  // one more than words
  const uint32_t* word_postings_ = nullptr;
  uint32_t word_count_ = 0;
  absl::string_view words_;
  absl::string_view postings_;
};

// A segment that fills.
//
// Thread safety: none, but for the rows of versions whose number a reader was
// told under the index's lock.
class OpenSegment {
 public:
  // Holds `capacity` versions, at most kSegmentVersions.
  explicit OpenSegment(uint32_t capacity);

  const VersionTable& versions() const { return versions_; }
  uint32_t size() const { return size_; }
  uint32_t indexed() const { return indexed_; }
  bool full() const { return size_ == capacity_; }
  IndexPosition through() const { return through_; }

  // Gives the next number. Requires !full().
  void Add(absl::string_view name, v1::RecordKind kind, IndexPosition position, uint32_t previous);
  void AddBurial(IndexPosition position, uint32_t previous);
  // The terms of version indexed(), which is then indexed.
  void AddTerms(const VersionTerms& terms);

  void AddTerm(uint64_t term, Bitmap& out) const;
  void AddWord(unsigned char weight, absl::string_view word, Bitmap& out) const;
  void AddPrefix(unsigned char weight, absl::string_view prefix, int limit,
                 Bitmap& out) const;
  // As of SealedSegment.
  uint32_t CountTerm(uint64_t term, uint32_t end) const;
  void CopyTerm(uint64_t term, uint32_t end, std::vector<uint16_t>& out) const;

  // The bytes of the sealed segment. Requires that every version is indexed.
  std::string Seal(const SegmentIdentity& identity) const;
  size_t MemoryBytes() const;
  // Of its terms and words.
  size_t posting_bytes() const { return posting_bytes_; }

 private:
  // Versions that have a term: nearly always one.
  struct Posting {
    uint16_t first;
    std::unique_ptr<std::vector<uint16_t>> more;
    void Add(uint16_t id);
    void AddTo(Bitmap& out) const;
    void Append(std::string& out) const;
    uint32_t count() const { return more == nullptr ? 1 : static_cast<uint32_t>(more->size()); }
    // How many ids lie below `end`: they rise.
    uint32_t CountBelow(uint32_t end) const;
  };

  const uint32_t capacity_;
  VersionTable versions_;
  uint32_t size_ = 0;
  uint32_t indexed_ = 0;
  IndexPosition through_;
  // Both reserved whole, and touched as they fill.
  std::unique_ptr<VersionRow[]> rows_;
  std::unique_ptr<char[]> names_;
  uint32_t name_bytes_ = 0;
  std::vector<Burial> burials_;
  absl::flat_hash_map<uint64_t, Posting> terms_;
  absl::flat_hash_map<std::string, Posting> words_;  // weight byte and word
  size_t posting_bytes_ = 0;
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_INDEX_SEGMENT_H_
