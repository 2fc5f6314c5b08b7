// The segment that fills, and how it becomes the bytes of a sealed one.

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/query/index_format.h"
#include "service/query/index_segment.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace communique::query {
namespace {

using namespace index_format;

constexpr size_t kMaxRecordNameBytes = base::kMaxIdBytes + 16;

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

}  // namespace

OpenSegment::OpenSegment(uint32_t capacity)
    : capacity_(capacity), rows_(Reserve<VersionRow>(capacity)),
      names_(Reserve<char>(capacity * kMaxRecordNameBytes)) {
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

uint32_t OpenSegment::Posting::CountBelow(uint32_t end) const {
  if (more == nullptr) return first < end ? 1 : 0;
  const auto at = std::lower_bound(more->begin(), more->end(), end);
  return static_cast<uint32_t>(at - more->begin());
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

uint32_t OpenSegment::CountTerm(uint64_t term, uint32_t end) const {
  const auto found = terms_.find(term);
  return found == terms_.end() ? 0 : found->second.CountBelow(end);
}

void OpenSegment::CopyTerm(uint64_t term, uint32_t end, std::vector<uint16_t>& out) const {
  const auto found = terms_.find(term);
  if (found == terms_.end()) return;
  const Posting& posting = found->second;
  const uint32_t count = posting.CountBelow(end);
  if (posting.more == nullptr) {
    if (count > 0) out.push_back(posting.first);
  } else {
    out.insert(out.end(), posting.more->begin(), posting.more->begin() + count);
  }
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
  base::AppendVarintField(kTermsVersionField, identity.terms_version, identity_bytes);

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

}  // namespace communique::query
