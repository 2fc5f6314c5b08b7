#include "src/mirror_file.h"

#include <cerrno>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"

namespace communique::internal {
namespace {

constexpr absl::string_view kFormat = "CMQMIRR1";
constexpr std::size_t kWriteBytes = std::size_t{1} << 20;
// No frame is larger; a record has at most 512 KiB.
constexpr std::uint64_t kMaxFrameBytes = std::uint64_t{64} << 20;

// FNV-1a-64.
class Checksum {
 public:
  void Add(absl::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

std::string LittleEndian(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

std::uint64_t FromLittleEndian(absl::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

absl::Status SystemError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// A file that is not there until it is whole.
class Writer {
 public:
  explicit Writer(const std::string& path)
      : path_(path),
        temporary_(absl::StrCat(path, ".new")),
        fd_(open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (fd_ < 0) status_ = SystemError("cannot write", temporary_);
  }
  ~Writer() {
    if (fd_ >= 0) close(fd_);
    if (!placed_) unlink(temporary_.c_str());
  }

  void Frame(absl::string_view bytes) {
    Raw(LittleEndian(bytes.size(), 4));
    Raw(bytes);
  }
  void Raw(absl::string_view bytes) {
    absl::StrAppend(&buffer_, bytes);
    if (buffer_.size() >= kWriteBytes) Flush();
  }
  absl::Status Place() {
    Flush();
    buffer_ = LittleEndian(checksum_.value(), 8);
    Flush();
    if (status_.ok() && fsync(fd_) != 0) status_ = SystemError("cannot sync", temporary_);
    if (status_.ok() && rename(temporary_.c_str(), path_.c_str()) != 0) {
      status_ = SystemError("cannot replace", path_);
    }
    placed_ = status_.ok();
    return status_;
  }

 private:
  void Flush() {
    checksum_.Add(buffer_);
    absl::string_view rest = buffer_;
    while (status_.ok() && !rest.empty()) {
      const ssize_t written = write(fd_, rest.data(), rest.size());
      if (written >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        status_ = SystemError("cannot write", temporary_);
      }
    }
    buffer_.clear();
  }

  const std::string path_;
  const std::string temporary_;
  const int fd_;
  bool placed_ = false;
  std::string buffer_;
  Checksum checksum_;
  absl::Status status_;
};

class Reader {
 public:
  explicit Reader(const std::string& path) : in_(path, std::ios::binary) {}

  bool open() const { return in_.is_open(); }
  // False when there are not as many bytes.
  bool Raw(std::size_t size, std::string& bytes) {
    bytes.resize(size);
    in_.read(bytes.data(), static_cast<std::streamsize>(size));
    if (static_cast<std::size_t>(in_.gcount()) != size) return false;
    checksum_.Add(bytes);
    return true;
  }
  bool Frame(std::string& bytes) {
    if (!Raw(4, bytes)) return false;
    const std::uint64_t size = FromLittleEndian(bytes);
    return size <= kMaxFrameBytes && Raw(size, bytes);
  }
  // Whether what follows is the checksum of what was read, and then nothing.
  bool Ends() {
    const std::uint64_t expected = checksum_.value();
    std::string bytes;
    return Raw(8, bytes) && FromLittleEndian(bytes) == expected &&
           in_.peek() == std::ifstream::traits_type::eof();
  }

 private:
  std::ifstream in_;
  Checksum checksum_;
};

bool ReadState(Reader& reader, MirrorState& state) {
  std::string bytes;
  if (!reader.Raw(kFormat.size(), bytes) || bytes != kFormat) return false;
  if (!reader.Frame(bytes) || !state.request.ParseFromString(bytes)) return false;
  if (!reader.Frame(bytes) || bytes.size() != 16) return false;
  state.revision =
      static_cast<std::int64_t>(FromLittleEndian(absl::string_view(bytes).substr(0, 8)));
  const std::uint64_t count = FromLittleEndian(absl::string_view(bytes).substr(8));
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!reader.Frame(bytes)) return false;
    state.records.Put(std::make_shared<const StoredRecord>(bytes));
  }
  return state.records.size() == count && reader.Ends();
}

}  // namespace

absl::Status WriteMirrorFile(const std::string& path, const MirrorState& state) {
  Writer writer(path);
  writer.Raw(kFormat);
  writer.Frame(state.request.SerializeAsString());
  writer.Frame(LittleEndian(static_cast<std::uint64_t>(state.revision), 8) +
               LittleEndian(state.records.size(), 8));
  state.records.ForEach([&](const RecordPtr& record) { writer.Frame(record->bytes()); });
  return writer.Place();
}

absl::StatusOr<MirrorState> ReadMirrorFile(const std::string& path) {
  Reader reader(path);
  if (!reader.open()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  MirrorState state;
  if (!ReadState(reader, state)) {
    return absl::DataLossError(absl::StrCat(path, " is not whole, or no file of a mirror"));
  }
  return state;
}

}  // namespace communique::internal
