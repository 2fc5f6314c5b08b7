#ifndef COMMUNIQUE_CLIENT_CLI_PROGRESS_H_
#define COMMUNIQUE_CLIENT_CLI_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace communique::cli {

// How far something has come: "[###   ]  50%  400 of 800 commits, 350/s, 2 s left".
// Rate and remaining time are told of what was done since it began.
std::string ProgressText(std::int64_t done, std::int64_t total, absl::string_view unit,
                         absl::Duration elapsed);

// A bar on stderr, redrawn at most ten times a second; nothing when stderr is no
// terminal. A total that is another one than before begins anew.
class ProgressBar {
 public:
  explicit ProgressBar(absl::string_view unit) : unit_(unit) {}
  ~ProgressBar() { Clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(std::int64_t done, std::int64_t total);
  void Clear();

 private:
  const std::string unit_;
  absl::Time start_ = absl::Now();
  absl::Time shown_ = absl::InfinitePast();
  std::int64_t total_ = 0;
  bool drawn_ = false;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_PROGRESS_H_
