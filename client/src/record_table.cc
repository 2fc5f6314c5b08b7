#include "src/record_table.h"

#include <algorithm>
#include <utility>

namespace communique::internal {
namespace {

constexpr std::size_t kMaxBucketRecords = 256;
// The first bytes of a message whose first field is a text.
constexpr char kNameTag = 0x0a;

}  // namespace

absl::string_view StoredRecord::name() const {
  if (bytes_.size() < 2 || bytes_[0] != kNameTag) return {};
  std::size_t size = static_cast<unsigned char>(bytes_[1]);
  std::size_t at = 2;
  if (size >= 0x80) {  // two bytes: names are shorter than 16 KiB
    if (bytes_.size() < 3) return {};
    size = (size & 0x7f) | std::size_t{static_cast<unsigned char>(bytes_[2])} << 7;
    at = 3;
  }
  return absl::string_view(bytes_).substr(at, size);
}

RecordPtr Store(const v1::Record& record) {
  return std::make_shared<const StoredRecord>(record.SerializeAsString());
}

std::shared_ptr<const v1::Record> Parse(const RecordPtr& stored) {
  if (stored == nullptr) return nullptr;
  auto record = std::make_shared<v1::Record>();
  return record->ParseFromString(stored->bytes()) ? record : nullptr;
}

// Walks a table record by record.
class RecordTable::Cursor {
 public:
  explicit Cursor(const RecordTable& table) : table_(table) {}
  // Null at the end.
  const StoredRecord* get() const {
    return bucket_ < table_.buckets_.size() ? pointer().get() : nullptr;
  }
  const RecordPtr& pointer() const { return table_.buckets_[bucket_]->records[record_]; }
  void Next() {
    if (++record_ < table_.buckets_[bucket_]->records.size()) return;
    ++bucket_;
    record_ = 0;
  }

 private:
  const RecordTable& table_;
  std::size_t bucket_ = 0;
  std::size_t record_ = 0;
};

RecordTable RecordTable::Share() {
  ++generation_;  // From now on every bucket counts as shared.
  RecordTable copy;
  copy.buckets_ = buckets_;
  copy.size_ = size_;
  copy.generation_ = generation_;
  return copy;
}

RecordTable::Position RecordTable::Locate(absl::string_view name) const {
  if (buckets_.empty()) return {0, 0, false};
  // The last bucket that does not begin after the name.
  auto bucket = std::upper_bound(buckets_.begin(), buckets_.end(), name,
                                 [](absl::string_view n, const std::shared_ptr<Bucket>& b) {
                                   return n < b->records.front()->name();
                                 });
  if (bucket != buckets_.begin()) --bucket;
  const std::vector<RecordPtr>& records = (*bucket)->records;
  const auto record =
      std::lower_bound(records.begin(), records.end(), name,
                       [](const RecordPtr& r, absl::string_view n) { return r->name() < n; });
  return {static_cast<std::size_t>(bucket - buckets_.begin()),
          static_cast<std::size_t>(record - records.begin()),
          record != records.end() && (*record)->name() == name};
}

RecordTable::Bucket& RecordTable::Writable(std::size_t index) {
  std::shared_ptr<Bucket>& bucket = buckets_[index];
  if (bucket->generation != generation_) {
    bucket = std::make_shared<Bucket>(Bucket{generation_, bucket->records});
  }
  return *bucket;
}

RecordPtr RecordTable::Find(absl::string_view name) const {
  const Position at = Locate(name);
  return at.found ? buckets_[at.bucket]->records[at.record] : nullptr;
}

RecordPtr RecordTable::Put(RecordPtr record) {
  const Position at = Locate(record->name());
  if (at.found) {
    return std::exchange(Writable(at.bucket).records[at.record], std::move(record));
  }
  ++size_;
  const bool at_end = at.bucket + 1 >= buckets_.size() &&
                      (buckets_.empty() || at.record == buckets_.back()->records.size());
  // What comes in order fills buckets one after the other.
  if (buckets_.empty() || (at_end && at.record == kMaxBucketRecords)) {
    auto bucket = std::make_shared<Bucket>(Bucket{generation_, {}});
    bucket->records.push_back(std::move(record));
    buckets_.push_back(std::move(bucket));
    return nullptr;
  }
  std::vector<RecordPtr>& records = Writable(at.bucket).records;
  records.insert(records.begin() + static_cast<std::ptrdiff_t>(at.record), std::move(record));
  if (records.size() > kMaxBucketRecords) {
    const auto middle = records.begin() + kMaxBucketRecords / 2;
    auto upper = std::make_shared<Bucket>(Bucket{generation_, {middle, records.end()}});
    records.erase(middle, records.end());
    buckets_.insert(buckets_.begin() + static_cast<std::ptrdiff_t>(at.bucket) + 1,
                    std::move(upper));
  }
  return nullptr;
}

RecordPtr RecordTable::Erase(absl::string_view name) {
  const Position at = Locate(name);
  if (!at.found) return nullptr;
  --size_;
  std::vector<RecordPtr>& records = Writable(at.bucket).records;
  RecordPtr erased = std::move(records[at.record]);
  records.erase(records.begin() + static_cast<std::ptrdiff_t>(at.record));
  if (records.empty()) {
    buckets_.erase(buckets_.begin() + static_cast<std::ptrdiff_t>(at.bucket));
  }
  return erased;
}

void RecordTable::ForEach(absl::FunctionRef<void(const RecordPtr&)> visit) const {
  for (const std::shared_ptr<Bucket>& bucket : buckets_) {
    for (const RecordPtr& record : bucket->records) visit(record);
  }
}

void RecordTable::Compare(
    const RecordTable& before, const RecordTable& after,
    absl::FunctionRef<void(const RecordPtr& before, const RecordPtr& after)> differs) {
  const RecordPtr none;
  Cursor b(before), a(after);
  while (b.get() != nullptr || a.get() != nullptr) {
    const int order = b.get() == nullptr   ? 1
                      : a.get() == nullptr ? -1
                                           : b.get()->name().compare(a.get()->name());
    if (order != 0 || b.get() != a.get()) {
      differs(order <= 0 ? b.pointer() : none, order >= 0 ? a.pointer() : none);
    }
    if (order <= 0) b.Next();
    if (order >= 0) a.Next();
  }
}

}  // namespace communique::internal
