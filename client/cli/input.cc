#include "cli/input.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

absl::Status FileError(const std::string& path, int error) {
  const std::string message = absl::StrCat(Escape(path), ": ", std::strerror(error));
  return error == ENOENT ? absl::NotFoundError(message) : absl::UnknownError(message);
}

}  // namespace

absl::StatusOr<Input> Input::Open(const std::string& path) {
  if (path == "-") return Input(stdin, "stdin", 0);
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return FileError(path, errno);
  struct stat info;
  if (fstat(fileno(file), &info) != 0 || S_ISDIR(info.st_mode)) {
    std::fclose(file);
    return FileError(path, EISDIR);
  }
  return Input(file, path, S_ISREG(info.st_mode) ? info.st_size : 0);
}

Input::Input(Input&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      path_(std::move(other.path_)),
      size_(other.size_),
      bytes_read_(other.bytes_read_) {}

Input::~Input() {
  if (file_ != nullptr && file_ != stdin) std::fclose(file_);
}

absl::StatusOr<std::optional<std::string>> Input::Line() {
  std::string line;
  while (true) {
    const int c = std::getc(file_);
    if (c == EOF) {
      if (std::ferror(file_) != 0) return FileError(path_, errno);
      if (line.empty()) return std::optional<std::string>();
      return std::optional<std::string>(std::move(line));
    }
    ++bytes_read_;
    if (c == '\n') return std::optional<std::string>(std::move(line));
    if (line.size() == kMaxInputBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(Escape(path_), ": a line has more than ", kMaxInputBytes, " bytes"));
    }
    line.push_back(static_cast<char>(c));
  }
}

absl::StatusOr<std::string> Input::All() {
  std::string all;
  char buffer[1 << 16];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file_)) {
    all.append(buffer, got);
    if (all.size() > kMaxInputBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(Escape(path_), " has more than ", kMaxInputBytes, " bytes"));
    }
  }
  if (std::ferror(file_) != 0) return FileError(path_, errno);
  return all;
}

}  // namespace communique::cli
