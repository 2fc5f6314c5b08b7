#include "cli/token_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/input.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::UnknownError(
      absl::StrCat("cannot ", what, " ", Escape(path), ": ", std::strerror(errno)));
}

absl::Status WriteAndSync(int file, const std::string& text, const std::string& path) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Failed("write", path);
    done += static_cast<std::size_t>(n);
  }
  return fsync(file) == 0 ? absl::OkStatus() : Failed("sync", path);
}

}  // namespace

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  absl::StatusOr<Input> input = Input::Open(path);
  if (absl::IsNotFound(input.status())) return std::string();
  if (!input.ok()) return input.status();
  absl::StatusOr<std::string> text = input->All();
  if (!text.ok()) return text.status();
  const std::string token(absl::StripAsciiWhitespace(*text));
  if (token.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        Escape(path), " holds no resume token; remove it to begin where the flags say"));
  }
  return token;
}

absl::Status WriteTokenFile(const std::string& path, absl::string_view token) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return Failed("create", temporary);
  const absl::Status written = WriteAndSync(file, absl::StrCat(token, "\n"), temporary);
  close(file);
  if (!written.ok()) return written;
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return Failed("replace", path);
  // The rename itself is durable once the folder is.
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return Failed("open", folder);
  const bool synced = fsync(directory) == 0;
  const absl::Status result = synced ? absl::OkStatus() : Failed("sync", folder);
  close(directory);
  return result;
}

}  // namespace communique::cli
