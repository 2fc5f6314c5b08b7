#ifndef COMMUNIQUE_CLIENT_CLI_INPUT_H_
#define COMMUNIQUE_CLIENT_CLI_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace communique::cli {

// The longest line and the largest file that are read whole. A commit has at
// most 1 MiB as protobuf; its JSON may be several times longer.
inline constexpr std::size_t kMaxInputBytes = std::size_t{16} << 20;

// A file, or stdin for "-".
class Input {
 public:
  static absl::StatusOr<Input> Open(const std::string& path);
  Input(Input&& other) noexcept;
  Input& operator=(Input&&) = delete;
  ~Input();

  bool is_stdin() const { return file_ == stdin; }
  // Its size in bytes; 0 when it has none (a pipe).
  std::int64_t size() const { return size_; }
  std::int64_t bytes_read() const { return bytes_read_; }

  // The next line without its end; nullopt at the end of the file.
  absl::StatusOr<std::optional<std::string>> Line();
  absl::StatusOr<std::string> All();

 private:
  Input(std::FILE* file, std::string path, std::int64_t size)
      : file_(file), path_(std::move(path)), size_(size) {}

  std::FILE* file_;
  std::string path_;
  std::int64_t size_;
  std::int64_t bytes_read_ = 0;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_INPUT_H_
