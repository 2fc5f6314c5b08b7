#include "service/journal/high_water_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/journal/errors.h"

namespace communique::journal {
namespace {

constexpr size_t kSlotBytes = 4096;
constexpr absl::string_view kMagic = "CMQHWM1\n";
constexpr size_t kSequenceOffset = 8;
constexpr size_t kRevisionOffset = 16;
constexpr size_t kHashOffset = 24;
constexpr size_t kChecksumOffset = kHashOffset + base::kSha256Bytes;
constexpr size_t kUsedBytes = kChecksumOffset + base::kSha256Bytes;

void PutFixed64(uint64_t value, char* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

uint64_t GetFixed64(const char* in) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  }
  return value;
}

struct Slot {
  uint64_t sequence = 0;
  HighWaterMark::Mark mark;
};

std::optional<Slot> DecodeSlot(absl::string_view bytes) {
  if (bytes.size() < kUsedBytes || bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  if (base::Sha256({bytes.substr(0, kChecksumOffset)}) !=
      bytes.substr(kChecksumOffset, base::kSha256Bytes)) {
    return std::nullopt;
  }
  Slot slot;
  slot.sequence = GetFixed64(bytes.data() + kSequenceOffset);
  slot.mark.revision = static_cast<int64_t>(GetFixed64(bytes.data() + kRevisionOffset));
  slot.mark.hash = std::string(bytes.substr(kHashOffset, base::kSha256Bytes));
  return slot;
}

absl::Status Errno(absl::string_view what) {
  return absl::InternalError(absl::StrCat("high-water mark: ", what, ": ", std::strerror(errno)));
}

}  // namespace

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Errno(absl::StrCat("open ", folder));
  const int synced = fsync(fd);
  close(fd);
  return synced == 0 ? absl::OkStatus() : Errno(absl::StrCat("sync ", folder));
}

absl::StatusOr<std::unique_ptr<HighWaterMark>> HighWaterMark::Open(const std::string& path) {
  int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    // Made whole under another name, so that an unreadable file is always loss.
    const std::string made = absl::StrCat(path, ".new");
    fd = open(made.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return Errno(absl::StrCat("open ", made));
    std::unique_ptr<HighWaterMark> result(new HighWaterMark(fd));
    const std::string zeros(2 * kSlotBytes, '\0');
    if (pwrite(fd, zeros.data(), zeros.size(), 0) != static_cast<ssize_t>(zeros.size())) {
      return Errno("write");
    }
    if (absl::Status status = result->Write(0, std::string(base::kSha256Bytes, '\0'));
        !status.ok()) {
      return status;
    }
    if (rename(made.c_str(), path.c_str()) != 0) return Errno(absl::StrCat("rename ", made));
    if (absl::Status status = SyncFolderOf(path); !status.ok()) return status;
    result->created_ = true;
    return result;
  }
  if (fd < 0) return Errno(absl::StrCat("open ", path));
  std::unique_ptr<HighWaterMark> result(new HighWaterMark(fd));
  bool any = false;
  for (int i = 0; i < 2; ++i) {
    std::string bytes(kSlotBytes, '\0');
    const ssize_t got = pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(i * kSlotBytes));
    if (got < 0) return Errno("read");
    bytes.resize(static_cast<size_t>(got));
    const auto slot = DecodeSlot(bytes);
    if (slot && (!any || slot->sequence > result->sequence_)) {
      result->sequence_ = slot->sequence;
      result->mark_ = slot->mark;
      any = true;
    }
  }
  if (!any) return DataCorrupt(path, "neither slot of the high-water mark is whole");
  return result;
}

HighWaterMark::~HighWaterMark() { close(fd_); }

absl::Status HighWaterMark::Write(int64_t revision, absl::string_view hash) {
  char bytes[kUsedBytes];
  std::memcpy(bytes, kMagic.data(), kMagic.size());
  PutFixed64(sequence_ + 1, bytes + kSequenceOffset);
  PutFixed64(static_cast<uint64_t>(revision), bytes + kRevisionOffset);
  std::memcpy(bytes + kHashOffset, hash.data(), base::kSha256Bytes);
  const std::string checksum = base::Sha256({absl::string_view(bytes, kChecksumOffset)});
  std::memcpy(bytes + kChecksumOffset, checksum.data(), checksum.size());
  const auto offset = static_cast<off_t>(((sequence_ + 1) % 2) * kSlotBytes);
  if (pwrite(fd_, bytes, sizeof bytes, offset) != static_cast<ssize_t>(sizeof bytes)) {
    return Errno("write");
  }
  if (fdatasync(fd_) != 0) return Errno("sync");
  ++sequence_;
  mark_ = {revision, std::string(hash)};
  return absl::OkStatus();
}

}  // namespace communique::journal
