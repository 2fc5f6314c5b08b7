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
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/journal/errors.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace communique::query {
namespace {

// INDEX_FORMAT.md. All numbers little-endian, as the machines are that we build for.
constexpr char kMagic[] = "CQINDEX2";
constexpr size_t kMagicBytes = 8;
// The sections, in the order in which they stand.
enum Section {
  kIdentity, kVersions, kNames, kBurials, kTerms, kTermPostings, kWordOffset, kWordPostings, kWords, kPostings, kSections
};
// Magic, checksum of everything after it, then offset and size of each section.
constexpr size_t kHeaderBytes = kMagicBytes + 8 + 16 * kSections;

// A reference to a posting: the id of its only version, or where its list stands.
constexpr uint32_t kInline = 0x8000'0000;
// Lists up to here are plain ids, longer ones a bitmap in CRoaring's portable format.
constexpr uint32_t kMaxPlainIds = 1024;
constexpr uint16_t kBitmap = 0xffff;  // in place of a count

enum IdentityField { kStoreId = 1, kEpoch = 2, kKey = 3, kHash = 4, kRevisionThrough = 5, kOrdinalThrough = 6, kCapacity = 7 };

constexpr size_t kMaxNameBytes = base::kMaxIdBytes + 16;

template <typename T>
void AppendNumber(T number, std::string& out) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename T>
absl::string_view Bytes(const T* values, size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(T)};
}

// Memory that is reserved and not touched.
template <typename T>
std::unique_ptr<T[]> Reserve(size_t count) {
  return std::make_unique_for_overwrite<T[]>(count);
}

std::string WordKey(unsigned char weight, absl::string_view word) {
  std::string key(1, static_cast<char>(weight));
  key.append(word.data(), word.size());
  return key;
}

absl::Status Damaged(absl::string_view what) { return journal::DataCorrupt("index segment", what); }

}  // namespace

OpenSegment::OpenSegment(uint32_t capacity)
    : capacity_(capacity), rows_(Reserve<VersionRow>(capacity)),
      names_(Reserve<char>(capacity * kMaxNameBytes)) {
  versions_ = {rows_.get(), names_.get()};
}

void OpenSegment::Add(absl::string_view name, v1::RecordKind kind, IndexPosition position,
                      uint32_t previous) {
  VersionRow row;
  row.revision = position.revision;
  row.ordinal = static_cast<uint16_t>(position.ordinal);
  row.kind = static_cast<uint8_t>(kind);
  row.previous = previous;
  row.name_offset = name_bytes_;
  row.name_size = static_cast<uint16_t>(name.size());
  rows_[size_] = row;
  std::memcpy(names_.get() + name_bytes_, name.data(), name.size());
  name_bytes_ += row.name_size;
  through_ = position;
  ++size_;
}

void OpenSegment::AddBurial(IndexPosition position, uint32_t previous) {
  if (previous != 0) burials_.push_back({position.revision, previous});
  through_ = position;
}

void OpenSegment::Posting::Add(uint16_t id) {
  if (more == nullptr) {
    more = std::make_unique<std::vector<uint16_t>>();
    more->push_back(first);
  }
  more->push_back(id);
}

void OpenSegment::Posting::AddTo(Bitmap& out) const {
  if (more == nullptr) {
    out.add(first);
  } else {
    for (const uint16_t id : *more) out.add(id);
  }
}

void OpenSegment::Posting::Append(std::string& out) const {
  if (more->size() <= kMaxPlainIds) {
    AppendNumber(static_cast<uint16_t>(more->size()), out);
    const absl::string_view ids = Bytes(more->data(), more->size());
    out.append(ids.data(), ids.size());
    return;
  }
  Bitmap bitmap;
  AddTo(bitmap);
  bitmap.runOptimize();
  std::string bytes(bitmap.getSizeInBytes(), '\0');
  bitmap.write(bytes.data());
  AppendNumber(kBitmap, out);
  AppendNumber(static_cast<uint32_t>(bytes.size()), out);
  out += bytes;
}

void OpenSegment::AddTerms(const VersionTerms& terms) {
  const auto id = static_cast<uint16_t>(indexed_);
  const auto add = [&](auto& map, const auto& key, size_t key_bytes) {
    const auto [found, added] = map.try_emplace(key, Posting{id, nullptr});
    if (!added) found->second.Add(id);
    posting_bytes_ += added ? key_bytes : sizeof id;
  };
  for (const uint64_t term : terms.terms) add(terms_, term, 32);
  std::string key;
  for (const IndexedWord& word : terms.words) {
    key.assign(1, static_cast<char>(word.weight));
    key += word.text;
    add(words_, key, 56);
  }
  rows_[indexed_].time = terms.time;
  rows_[indexed_].first_day = terms.first_day;
  rows_[indexed_].last_day = terms.last_day;
  ++indexed_;
}

void OpenSegment::AddTerm(uint64_t term, Bitmap& out) const {
  const auto found = terms_.find(term);
  if (found != terms_.end()) found->second.AddTo(out);
}

void OpenSegment::AddWord(unsigned char weight, absl::string_view word,
                          Bitmap& out) const {
  const auto found = words_.find(WordKey(weight, word));
  if (found != words_.end()) found->second.AddTo(out);
}

void OpenSegment::AddPrefix(unsigned char weight, absl::string_view prefix, int limit,
                            Bitmap& out) const {
  const std::string key = WordKey(weight, prefix);
  std::vector<std::pair<absl::string_view, const Posting*>> found;
  for (const auto& [word, posting] : words_) {
    if (absl::StartsWith(word, key)) found.emplace_back(word, &posting);
  }
  const size_t count = std::min(found.size(), static_cast<size_t>(limit));
  std::partial_sort(found.begin(), found.begin() + static_cast<ptrdiff_t>(count), found.end());
  for (size_t i = 0; i < count; ++i) found[i].second->AddTo(out);
}

size_t OpenSegment::MemoryBytes() const {
  return size_ * sizeof(VersionRow) + name_bytes_ + burials_.size() * sizeof(Burial) + posting_bytes_;
}

std::string OpenSegment::Seal(const SegmentIdentity& identity) const {
  std::string identity_bytes;
  base::AppendBytesField(kStoreId, identity.store_id, identity_bytes);
  base::AppendBytesField(kEpoch, identity.epoch, identity_bytes);
  base::AppendVarintField(kKey, identity.key, identity_bytes);
  base::AppendBytesField(kHash, identity.journal_hash, identity_bytes);
  base::AppendVarintField(kRevisionThrough, static_cast<uint64_t>(through_.revision),
                          identity_bytes);
  base::AppendVarintField(kOrdinalThrough, static_cast<uint64_t>(through_.ordinal),
                          identity_bytes);
  base::AppendVarintField(kCapacity, capacity_, identity_bytes);

  std::string postings;
  const auto refer = [&postings](const Posting& posting) {
    if (posting.more == nullptr) return kInline | posting.first;
    const auto offset = static_cast<uint32_t>(postings.size());
    posting.Append(postings);
    return offset;
  };
  std::vector<uint64_t> terms;
  terms.reserve(terms_.size());
  for (const auto& entry : terms_) terms.push_back(entry.first);
  std::sort(terms.begin(), terms.end());
  std::vector<uint32_t> term_postings;
  term_postings.reserve(terms.size());
  for (const uint64_t term : terms) term_postings.push_back(refer(terms_.find(term)->second));

  std::vector<absl::string_view> keys;
  keys.reserve(words_.size());
  for (const auto& entry : words_) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  std::vector<uint32_t> word_offset = {0}, word_postings;
  std::string words;
  for (const absl::string_view key : keys) {
    words.append(key.data(), key.size());
    word_offset.push_back(static_cast<uint32_t>(words.size()));
    word_postings.push_back(refer(words_.find(key)->second));
  }

  absl::string_view sections[kSections];
  sections[kIdentity] = identity_bytes;
  sections[kVersions] = Bytes(rows_.get(), size_);
  sections[kNames] = {names_.get(), name_bytes_};
  sections[kBurials] = Bytes(burials_.data(), burials_.size());
  sections[kTerms] = Bytes(terms.data(), terms.size());
  sections[kTermPostings] = Bytes(term_postings.data(), term_postings.size());
  sections[kWordOffset] = Bytes(word_offset.data(), word_offset.size());
  sections[kWordPostings] = Bytes(word_postings.data(), word_postings.size());
  sections[kWords] = words;
  sections[kPostings] = postings;

  size_t offset = kHeaderBytes;
  std::string table;
  for (const absl::string_view section : sections) {
    offset = (offset + 7) & ~size_t{7};
    AppendNumber(static_cast<uint64_t>(offset), table);
    AppendNumber(static_cast<uint64_t>(section.size()), table);
    offset += section.size();
  }
  std::string out;
  out.reserve(offset);
  out.append(kMagic, kMagicBytes);
  AppendNumber(uint64_t{0}, out);
  out += table;
  for (const absl::string_view section : sections) {
    out.resize((out.size() + 7) & ~size_t{7});
    out.append(section.data(), section.size());
  }
  const uint64_t checksum = XXH3_64bits(out.data() + kMagicBytes + 8, out.size() - kMagicBytes - 8);
  std::memcpy(out.data() + kMagicBytes, &checksum, sizeof checksum);
  return out;
}

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

void SealedSegment::AddTerm(uint64_t term, Bitmap& out) const {
  const uint64_t* found = std::lower_bound(terms_, terms_ + term_count_, term);
  if (found != terms_ + term_count_ && *found == term) {
    AddPosting(term_postings_[found - terms_], out);
  }
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
