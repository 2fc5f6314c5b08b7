#include "src/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace communique::internal {
namespace {

absl::Status Error(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot read ", path));
}

// A descriptor that is closed again; negative with errno when there is none.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path, int flags = 0)
      : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(path);
  if (file.get() < 0) return Error(path, errno);
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(file.get(), buffer, sizeof(buffer));
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error(path, errno);
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " has more than ", max_bytes, " bytes"));
    }
  }
}

absl::Status CheckReadable(const std::string& path) {
  const Descriptor file(path, O_NONBLOCK);  // Not to wait for who writes to a pipe.
  struct stat status;
  if (file.get() < 0 || fstat(file.get(), &status) != 0) return Error(path, errno);
  if (S_ISDIR(status.st_mode)) return Error(path, EISDIR);
  return absl::OkStatus();
}

}  // namespace communique::internal
