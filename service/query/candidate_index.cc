#include "service/query/candidate_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "communique/v1/change.pb.h"
#include "service/base/hash.h"
#include "service/base/log.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/journal/commit.h"
#include "service/journal/high_water_mark.h"
#include "service/query/narrow.h"
#include "service/query/searchable_text.h"

namespace communique::query {
namespace {

uint64_t RandomKey() {
  uint64_t key = 0;
  const std::string bytes = base::Sha256({base::RandomHex(32)});
  std::memcpy(&key, bytes.data(), sizeof key);
  return key;
}

std::string SegmentName(size_t number) { return absl::StrFormat("%08d.segment", number); }

std::string SegmentPath(const std::string& folder, size_t number) {
  return absl::StrCat(folder, "/", SegmentName(number));
}

bool WriteFile(const std::string& path, absl::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return false;
  bool ok = true;
  while (ok && !bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    ok = written > 0;
    if (ok) bytes.remove_prefix(static_cast<size_t>(written));
  }
  ok = ok && fdatasync(file) == 0;
  close(file);
  return ok;
}

// Deletes the segments of a folder, whole or half written, but those below
// `number`. What stays for an error is in nobody's way: it is logged.
void DropSegmentsFrom(const std::string& folder, size_t number) {
  absl::flat_hash_set<std::string> kept;
  for (size_t i = 0; i < number; ++i) kept.insert(SegmentName(i));
  std::error_code error;
  std::vector<std::filesystem::path> dropped;  // gathered first: a listing is not to change
  std::filesystem::directory_iterator files(folder, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if ((absl::EndsWith(name, ".segment") || absl::EndsWith(name, ".segment.new")) &&
        !kept.contains(name)) {
      dropped.push_back(files->path());
    }
  }
  for (const std::filesystem::path& path : dropped) {
    if (error) break;
    std::filesystem::remove(path, error);
  }
  if (error) {
    base::Log(base::LogLevel::kWarning, "index_cleanup_failed",
              {{"folder", folder}, {"error", error.message()}});
  }
}

}  // namespace

bool Candidates::Alive(const Part& part, uint32_t id) const {
  const VersionRow& row = (*part.versions)[id];
  return row.revision <= revision_ &&
         (kind_ == v1::RECORD_KIND_UNSPECIFIED || row.kind == kind_) &&
         part.superseded[id].load(std::memory_order_relaxed) > revision_;
}

void Candidates::Place(size_t place, Part part) {
  if (parts_.size() <= place) parts_.resize(place + 1);
  parts_[place] = std::move(part);
}

void Candidates::ForEach(absl::FunctionRef<void(Candidate)> visit) const {
  for (const Part& part : parts_) {
    const auto offer = [&](uint32_t id) {
      if (Alive(part, id)) visit(Candidate(part.versions, id, id < part.indexed));
    };
    if (part.all) {
      for (uint32_t id = 0; id < part.size; ++id) offer(id);
    } else {
      for (const uint32_t id : part.ids) offer(id);
    }
  }
}

void Candidates::ForEachNewestFirst(absl::FunctionRef<bool(Candidate)> visit) const {
  std::vector<uint32_t> ids;
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
    if (part->all) {
      ids.resize(part->size);
      for (uint32_t id = 0; id < part->size; ++id) ids[id] = id;
    } else {
      ids.resize(part->ids.cardinality());
      part->ids.toUint32Array(ids.data());
    }
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      if (Alive(*part, *id) && !visit(Candidate(part->versions, *id, *id < part->indexed))) return;
    }
  }
}

int64_t Candidates::Count() const {
  int64_t count = 0;
  ForEach([&count](const Candidate&) { ++count; });
  return count;
}

CandidateIndex::CandidateIndex(std::string store_id, std::string epoch, uint32_t segment_versions,
                               size_t segment_bytes)
    : store_id_(std::move(store_id)), epoch_(std::move(epoch)),
      segment_versions_(segment_versions), segment_bytes_(segment_bytes), hasher_(RandomKey()) {}

CandidateIndex::BlockPtr CandidateIndex::NewBlock() const {
  auto block = std::make_shared<Block>();
  block->superseded.reset(new std::atomic<int64_t>[segment_versions_]);
  for (uint32_t id = 0; id < segment_versions_; ++id) {
    block->superseded[id].store(kNotSuperseded, std::memory_order_relaxed);
  }
  return block;
}

absl::Status CandidateIndex::OpenFolder(const std::string& folder,
                                        absl::FunctionRef<std::string(int64_t)> hash_at) {
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return absl::InternalError(absl::StrCat("cannot create ", folder, ": ", std::strerror(errno)));
  }
  folder_ = folder;
  absl::MutexLock lock(&mutex_);
  size_t number = 0;
  for (;; ++number) {
    auto segment = SealedSegment::Open(SegmentPath(folder, number));
    if (absl::IsNotFound(segment.status())) break;
    const bool ours = segment.ok() && (*segment)->identity().capacity == segment_versions_ &&
                      !(*segment)->identity().journal_hash.empty() &&
                      (*segment)->identity().store_id == store_id_ &&
                      (*segment)->identity().epoch == epoch_ &&
                      (*segment)->identity().terms_version == kTermsVersion &&
                      (number == 0 || (*segment)->identity().key == hasher_.key()) &&
                      (*segment)->identity().journal_hash == hash_at((*segment)->through().revision);
    if (!ours) {
      base::Log(base::LogLevel::kWarning, "index_segment_dropped",
                {{"segment", absl::StrCat(number)},
                 {"error", segment.ok() ? "is of another store, journal or version of the terms"
                                        : std::string(segment.status().message())}});
      break;
    }
    if (number == 0) hasher_ = TermHasher((*segment)->identity().key);
    BlockPtr block = NewBlock();
    block->sealed = *std::move(segment);
    position_ = block->sealed->through();
    blocks_.push_back(std::move(block));
  }
  DropSegmentsFrom(folder, number);
  first_open_ = first_unindexed_ = blocks_.size();
  for (const BlockPtr& block : blocks_) {
    for (uint32_t id = 0; id < block->size(); ++id) {
      const VersionRow& row = block->versions()[id];
      Supersede(row.previous, row.revision);
    }
    for (const Burial& burial : block->sealed->burials()) {
      Supersede(burial.previous, burial.revision);
    }
  }
  return absl::OkStatus();
}

IndexPosition CandidateIndex::position() const {
  absl::ReaderMutexLock lock(&mutex_);
  return position_;
}

uint32_t CandidateIndex::FindNumber(absl::string_view name, int64_t revision) const {
  if (revision == 0) return 0;
  // The last block that begins at or before the revision, then back while the
  // versions are of it: a commit may lie over two blocks.
  size_t block = blocks_.size();
  while (block > 0) {
    size_t low = 0, high = block;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (blocks_[middle]->size() > 0 && blocks_[middle]->versions()[0].revision <= revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == 0) return 0;
    block = low - 1;
    const VersionTable& versions = blocks_[block]->versions();
    const VersionRow* const begin = versions.rows;
    const VersionRow* at = std::upper_bound(
        begin, begin + blocks_[block]->size(), revision,
        [](int64_t wanted, const VersionRow& row) { return wanted < row.revision; });
    while (at != begin && (at - 1)->revision == revision) {
      --at;
      const auto id = static_cast<uint32_t>(at - begin);
      if (versions.name(id) == name) {
        return static_cast<uint32_t>(block) * segment_versions_ + id + 1;
      }
    }
    if (at != begin) return 0;
  }
  return 0;
}

void CandidateIndex::Supersede(uint32_t previous, int64_t revision) {
  if (previous == 0) return;
  const uint32_t number = previous - 1;
  blocks_[number / segment_versions_]->superseded[number % segment_versions_].store(
      revision, std::memory_order_relaxed);
}

void CandidateIndex::Number(IndexPosition position, absl::string_view framed) {
  const absl::string_view change = journal::UnframeChange(framed);
  const absl::string_view name =
      base::FindBytesField(change, v1::Change::kNameFieldNumber).value_or(absl::string_view());
  const auto previous_revision = static_cast<int64_t>(
      base::FindVarintField(change, v1::Change::kPreviousRevisionFieldNumber));
  const bool live =
      base::FindBytesField(change, v1::Change::kRecordFieldNumber).has_value();
  absl::MutexLock lock(&mutex_);
  if (position <= position_) return;
  position_ = position;
  const uint32_t previous = FindNumber(name, previous_revision);
  if (blocks_.empty() || blocks_.back()->full()) {
    blocks_.push_back(NewBlock());
    blocks_.back()->open = std::make_unique<OpenSegment>(segment_versions_);
  }
  OpenSegment& open = *blocks_.back()->open;
  if (live) {
    open.Add(name, domain::KindOfName(name), position, previous);
  } else {
    open.AddBurial(position, previous);
  }
  Supersede(previous, position.revision);
}

void CandidateIndex::AddTerms(const VersionTerms& terms) {
  absl::MutexLock lock(&mutex_);
  Block& block = *blocks_[first_unindexed_];
  OpenSegment& open = *block.open;
  open.AddTerms(terms);
  block.closed = block.closed || open.posting_bytes() > segment_bytes_;
  if (block.full() && open.indexed() == open.size()) ++first_unindexed_;
}

void CandidateIndex::SealFull(absl::FunctionRef<std::string(int64_t)> hash_at) {
  while (true) {
    BlockPtr block;
    size_t number = 0;
    {
      absl::ReaderMutexLock lock(&mutex_);
      // The last block may still be told of burials.
      if (first_open_ >= first_unindexed_ || first_open_ + 1 >= blocks_.size()) return;
      number = first_open_;
      block = blocks_[number];
    }
    // Full, indexed, and not the last: nobody changes it any more.
    const int64_t through = block->open->through().revision;
    const std::string hash = hash_at(through);
    if (hash.empty()) return;  // the journal cannot be read just now
    auto sealed =
        SealedSegment::FromBytes(block->open->Seal({store_id_, epoch_, hasher_.key(), hash, 0, kTermsVersion}));
    if (!sealed.ok()) {
      base::Log(base::LogLevel::kError, "index_seal_failed",
                {{"error", std::string(sealed.status().message())}});
      return;
    }
    if (!folder_.empty()) {
      Save(number, **sealed);
      auto mapped = SealedSegment::Open(SegmentPath(folder_, number));
      if (mapped.ok()) sealed = std::move(mapped);
    }
    auto replacement = std::make_shared<Block>();
    replacement->sealed = *std::move(sealed);
    absl::MutexLock lock(&mutex_);
    // Readers may hold the old block, so it keeps its own array, as of now.
    replacement->superseded.reset(new std::atomic<int64_t>[segment_versions_]);
    for (uint32_t id = 0; id < segment_versions_; ++id) {
      replacement->superseded[id].store(block->superseded[id].load(std::memory_order_relaxed),
                                        std::memory_order_relaxed);
    }
    blocks_[number] = std::move(replacement);
    first_open_ = number + 1;
  }
}

void CandidateIndex::Save(size_t number, const SealedSegment& segment) const {
  const std::string path = SegmentPath(folder_, number);
  const std::string temporary = absl::StrCat(path, ".new");
  // A segment that could not be saved is worked out again at the next start.
  if (!WriteFile(temporary, segment.bytes()) || rename(temporary.c_str(), path.c_str()) != 0) {
    base::Log(base::LogLevel::kWarning, "index_save_failed",
              {{"path", path}, {"error", std::strerror(errno)}});
    unlink(temporary.c_str());
  } else if (absl::Status status = journal::SyncFolderOf(path); !status.ok()) {
    base::Log(base::LogLevel::kWarning, "index_save_failed",
              {{"path", path}, {"error", std::string(status.message())}});
  }
}

int64_t CandidateIndex::version_count() const {
  absl::ReaderMutexLock lock(&mutex_);
  int64_t count = 0;
  for (const BlockPtr& block : blocks_) count += block->size();
  return count;
}

int64_t CandidateIndex::unindexed_count() const {
  absl::ReaderMutexLock lock(&mutex_);
  int64_t count = 0;
  for (size_t i = first_unindexed_; i < blocks_.size(); ++i) {
    count += blocks_[i]->size() - blocks_[i]->indexed();
  }
  return count;
}

int64_t CandidateIndex::memory_bytes() const {
  absl::ReaderMutexLock lock(&mutex_);
  int64_t bytes = 0;
  for (const BlockPtr& block : blocks_) {
    bytes += static_cast<int64_t>(segment_versions_ * sizeof(int64_t));
    bytes += static_cast<int64_t>(block->sealed ? block->sealed->bytes().size()
                                                : block->open->MemoryBytes());
  }
  return bytes;
}

Candidates::Part CandidateIndex::MakePart(const BlockPtr& block) const {
  Candidates::Part part;
  part.segment = block;
  part.versions = &block->versions();
  part.superseded = block->superseded.get();
  part.size = block->size();
  part.indexed = block->indexed();
  return part;
}

namespace {

// Runs `use` with a segment's terms, open or sealed.
template <typename Segment, typename Use>
void WithTerms(const Segment& segment, uint32_t indexed, const Use& use) {
  const auto add_term = [&](uint64_t term, Bitmap& out) { segment.AddTerm(term, out); };
  const auto add_word = [&](unsigned char weight, absl::string_view word, Bitmap& out) {
    segment.AddWord(weight, word, out);
  };
  const auto add_prefix = [&](unsigned char weight, absl::string_view prefix, int limit,
                              Bitmap& out) {
    segment.AddPrefix(weight, prefix, limit, out);
  };
  use(SegmentTerms{&segment.versions(), indexed, add_term, add_word, add_prefix});
}

}  // namespace

// Calls `use` with the place, the part and the terms of each segment that has
// versions up to a revision: the open ones under the lock, the others without.
template <typename Use>
void CandidateIndex::ForEachSegment(int64_t revision, const Use& use) const {
  struct Sealed {
    size_t place;
    Candidates::Part part;
    std::shared_ptr<const SealedSegment> segment;
  };
  std::vector<Sealed> sealed;
  {
    absl::ReaderMutexLock lock(&mutex_);
    for (size_t place = 0; place < blocks_.size(); ++place) {
      const BlockPtr& block = blocks_[place];
      if (block->size() > 0 && block->versions()[0].revision > revision) break;
      if (block->sealed) {
        sealed.push_back({place, MakePart(block), block->sealed});
      } else {
        WithTerms(*block->open, block->indexed(), [&](const SegmentTerms& terms) {
          use(place, MakePart(block), terms);
        });
      }
    }
  }
  for (Sealed& one : sealed) {
    WithTerms(*one.segment, one.part.indexed, [&](const SegmentTerms& terms) {
      use(one.place, std::move(one.part), terms);
    });
  }
}

Candidates CandidateIndex::Find(const FilterNode* filter, v1::RecordKind kind,
                                int64_t revision) const {
  Candidates result;
  result.revision_ = revision;
  result.kind_ = kind;
  ForEachSegment(revision, [&](size_t place, Candidates::Part part, const SegmentTerms& terms) {
    Narrowed narrowed{true, true, {}};
    if (filter != nullptr) narrowed = Narrow(*filter, hasher_, terms);
    part.all = narrowed.all;
    if (!part.all) {
      part.ids = std::move(narrowed.ids);
      part.ids.addRange(part.indexed, part.size);
    }
    result.exact_ = result.exact_ && narrowed.exact;
    result.narrowed_ = result.narrowed_ || !part.all;
    result.Place(place, std::move(part));
  });
  return result;
}

std::vector<Candidates> CandidateIndex::FindText(const TextQuery& query, int64_t revision) const {
  std::vector<Candidates> result(kTextWeights);
  for (Candidates& tier : result) {
    tier.revision_ = revision;
    tier.exact_ = false;
  }
  ForEachSegment(revision, [&](size_t place, const Candidates::Part& plain,
                               const SegmentTerms& terms) {
    // What holds every word in texts of a weight up to each.
    std::vector<Bitmap> tiers(kTextWeights);
    for (size_t i = 0; i < query.words.size(); ++i) {
      Bitmap held;
      for (int weight = 0; weight < kTextWeights; ++weight) {
        held |= FindWord(query, i, static_cast<unsigned char>(weight), terms);
        if (i == 0) {
          tiers[weight] = held;
        } else {
          tiers[weight] &= held;
        }
      }
    }
    for (int weight = kTextWeights - 1; weight > 0; --weight) tiers[weight] -= tiers[weight - 1];
    tiers.back().addRange(plain.indexed, plain.size);
    for (int weight = 0; weight < kTextWeights; ++weight) {
      Candidates::Part part = plain;
      part.ids = std::move(tiers[weight]);
      result[weight].Place(place, std::move(part));
    }
  });
  return result;
}

int64_t CandidateIndex::CountLive(v1::RecordKind kind, int64_t revision) const {
  return Find(nullptr, kind, revision).Count();
}

}  // namespace communique::query
