#include "service/query/index_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/wire.h"
#include "service/journal/errors.h"
#include "service/query/index_format.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace communique::query {
namespace {

using namespace index_format;

// Where a hash stands, or would stand, among sorted ones. They are spread evenly,
// so it is near the place that its size says: two or three lines of memory are
// looked at instead of twenty.
const uint64_t* LowerBoundOfHash(const uint64_t* begin, const uint64_t* end, uint64_t hash) {
  const auto count = static_cast<size_t>(end - begin);
  if (count == 0) return end;
  const auto guess = static_cast<size_t>(
      (static_cast<unsigned __int128>(hash) * static_cast<unsigned __int128>(count)) >> 64);
  size_t low = guess, high = guess + 1;
  for (size_t step = 64; low > 0 && begin[low] >= hash; step *= 2) low -= std::min(low, step);
  for (size_t step = 64; high < count && begin[high] < hash; step *= 2) {
    high += std::min(count - high, step);
  }
  return std::lower_bound(begin + low, begin + high, hash);
}

absl::Status Damaged(absl::string_view what) { return journal::DataCorrupt("index segment", what); }

}  // namespace

absl::StatusOr<std::shared_ptr<const SealedSegment>> SealedSegment::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  struct stat info;
  void* mapped = MAP_FAILED;
  if (fstat(file, &info) == 0 && info.st_size > 0) {
    mapped = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  }
  close(file);
  if (mapped == MAP_FAILED) return Damaged(absl::StrCat(path, " cannot be mapped"));
  std::shared_ptr<SealedSegment> segment(new SealedSegment());
  segment->mapped_ = mapped;
  segment->bytes_ = {static_cast<const char*>(mapped), static_cast<size_t>(info.st_size)};
  if (absl::Status status = segment->Parse(); !status.ok()) return status;
  return segment;
}

absl::StatusOr<std::shared_ptr<const SealedSegment>> SealedSegment::FromBytes(std::string bytes) {
  std::shared_ptr<SealedSegment> segment(new SealedSegment());
  segment->owned_ = std::move(bytes);
  segment->bytes_ = segment->owned_;
  if (absl::Status status = segment->Parse(); !status.ok()) return status;
  return segment;
}

SealedSegment::~SealedSegment() {
  if (mapped_ != nullptr) munmap(mapped_, bytes_.size());
}

absl::Status SealedSegment::Parse() {
  if (bytes_.size() < kHeaderBytes || !absl::StartsWith(bytes_, absl::string_view(kMagic, kMagicBytes))) {
    return Damaged("is of another format");
  }
  uint64_t checksum = 0;
  std::memcpy(&checksum, bytes_.data() + kMagicBytes, sizeof checksum);
  // Whoever writes a wrong file with a right checksum is not a fault to guard
  // against: the folder is the server's own. So what follows trusts the bytes.
  if (checksum != XXH3_64bits(bytes_.data() + kMagicBytes + 8, bytes_.size() - kMagicBytes - 8)) {
    return Damaged("its checksum is wrong");
  }
  absl::string_view sections[kSections];
  for (int i = 0; i < kSections; ++i) {
    uint64_t place[2];
    std::memcpy(place, bytes_.data() + kMagicBytes + 8 + 16 * i, sizeof place);
    if (place[0] > bytes_.size() || place[1] > bytes_.size() - place[0]) {
      return Damaged("a section lies outside");
    }
    sections[i] = bytes_.substr(place[0], place[1]);
  }
  const auto at = [&sections]<typename T>(Section section, T) {
    return reinterpret_cast<const T*>(sections[section].data());
  };
  size_ = static_cast<uint32_t>(sections[kVersions].size() / sizeof(VersionRow));
  versions_ = {at(kVersions, VersionRow{}), sections[kNames].data()};
  const absl::string_view identity = sections[kIdentity];
  identity_.store_id = std::string(base::FindBytesField(identity, kStoreId).value_or(""));
  identity_.epoch = std::string(base::FindBytesField(identity, kEpoch).value_or(""));
  identity_.key = base::FindVarintField(identity, kKey);
  identity_.journal_hash = std::string(base::FindBytesField(identity, kHash).value_or(""));
  identity_.capacity = static_cast<uint32_t>(base::FindVarintField(identity, kCapacity));
  identity_.terms_version =
      static_cast<uint32_t>(base::FindVarintField(identity, kTermsVersionField));
  through_ = {static_cast<int64_t>(base::FindVarintField(identity, kRevisionThrough)),
              static_cast<int32_t>(base::FindVarintField(identity, kOrdinalThrough))};
  const auto* burials = at(kBurials, Burial{});
  burials_.assign(burials, burials + sections[kBurials].size() / sizeof(Burial));
  terms_ = at(kTerms, uint64_t{});
  term_postings_ = at(kTermPostings, uint32_t{});
  term_count_ = static_cast<uint32_t>(sections[kTerms].size() / sizeof(uint64_t));
  word_offset_ = at(kWordOffset, uint32_t{});
  word_postings_ = at(kWordPostings, uint32_t{});
  word_count_ = static_cast<uint32_t>(sections[kWordPostings].size() / sizeof(uint32_t));
  words_ = sections[kWords];
  postings_ = sections[kPostings];
  return absl::OkStatus();
}

absl::string_view SealedSegment::word(uint32_t i) const {
  return words_.substr(word_offset_[i], word_offset_[i + 1] - word_offset_[i]);
}

void SealedSegment::AddPosting(uint32_t reference, Bitmap& out) const {
  if (reference & kInline) {
    out.add(reference & ~kInline);
    return;
  }
  const char* at = postings_.data() + reference;
  uint16_t count = 0;
  std::memcpy(&count, at, sizeof count);
  at += sizeof count;
  if (count == kBitmap) {
    uint32_t size = 0;
    std::memcpy(&size, at, sizeof size);
    out |= Bitmap::readSafe(at + sizeof size, size);
    return;
  }
  uint32_t ids[kMaxPlainIds];
  for (uint16_t i = 0; i < count; ++i) {
    uint16_t id = 0;
    std::memcpy(&id, at + i * sizeof id, sizeof id);
    ids[i] = id;
  }
  out.addMany(count, ids);
}

const uint32_t* SealedSegment::FindTerm(uint64_t term) const {
  const uint64_t* const end = terms_ + term_count_;
  const uint64_t* found = LowerBoundOfHash(terms_, end, term);
  return found != end && *found == term ? term_postings_ + (found - terms_) : nullptr;
}

void SealedSegment::AddTerm(uint64_t term, Bitmap& out) const {
  if (const uint32_t* reference = FindTerm(term)) AddPosting(*reference, out);
}

uint32_t SealedSegment::CountTerm(uint64_t term, uint32_t end) const {
  const uint32_t* reference = FindTerm(term);
  if (reference == nullptr || end == 0) return 0;
  if (*reference & kInline) return (*reference & ~kInline) < end ? 1 : 0;
  const char* at = postings_.data() + *reference;
  uint16_t count = 0;
  std::memcpy(&count, at, sizeof count);
  if (count == kBitmap) {
    Bitmap ids;
    AddPosting(*reference, ids);
    return static_cast<uint32_t>(ids.rank(end - 1));
  }
  if (end >= size_) return count;
  std::vector<uint16_t> ids;
  CopyTerm(term, end, ids);
  return static_cast<uint32_t>(ids.size());
}

void SealedSegment::CopyTerm(uint64_t term, uint32_t end, std::vector<uint16_t>& out) const {
  const uint32_t* reference = FindTerm(term);
  if (reference == nullptr) return;
  if (*reference & kInline) {
    const uint32_t id = *reference & ~kInline;
    if (id < end) out.push_back(static_cast<uint16_t>(id));
    return;
  }
  const size_t before = out.size();
  const char* at = postings_.data() + *reference;
  uint16_t count = 0;
  std::memcpy(&count, at, sizeof count);
  if (count == kBitmap) {
    Bitmap ids;
    AddPosting(*reference, ids);
    for (const uint32_t id : ids) out.push_back(static_cast<uint16_t>(id));
  } else {
    out.resize(before + count);
    std::memcpy(out.data() + before, at + sizeof count, count * sizeof(uint16_t));
  }
  const auto first = out.begin() + static_cast<ptrdiff_t>(before);
  out.erase(std::lower_bound(first, out.end(), end), out.end());
}

void SealedSegment::AddPrefix(unsigned char weight, absl::string_view prefix, int limit,
                              Bitmap& out) const {
  const std::string key = WordKey(weight, prefix);
  uint32_t low = 0, high = word_count_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (word(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < word_count_ && limit > 0 && absl::StartsWith(word(low), key); ++low, --limit) {
    AddPosting(word_postings_[low], out);
  }
}

void SealedSegment::AddWord(unsigned char weight, absl::string_view wanted,
                            Bitmap& out) const {
  const std::string key = WordKey(weight, wanted);
  uint32_t low = 0, high = word_count_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const int order = word(middle).compare(key);
    if (order == 0) return AddPosting(word_postings_[middle], out);
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
}

}  // namespace communique::query
