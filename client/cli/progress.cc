#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"

namespace communique::cli {

std::string ProgressText(std::int64_t done, std::int64_t total, absl::string_view unit,
                         absl::Duration elapsed) {
  constexpr int kWidth = 30;
  const double share = total <= 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / total);
  const int full = static_cast<int>(share * kWidth);
  const double rate = static_cast<double>(done) / std::max(absl::ToDoubleSeconds(elapsed), 0.001);
  std::string text =
      absl::StrFormat("[%s%s] %3.0f%%  %d of %d %s, %.0f/s", std::string(full, '#'),
                      std::string(kWidth - full, ' '), share * 100, done, total, unit, rate);
  if (done > 0 && done < total) {
    absl::StrAppendFormat(&text, ", %.0f s left", static_cast<double>(total - done) / rate);
  }
  return text;
}

void ProgressBar::Show(std::int64_t done, std::int64_t total) {
  const absl::Time now = absl::Now();
  if (total != total_) {
    total_ = total;
    start_ = now;
  }
  if (isatty(STDERR_FILENO) == 0 || now < shown_ + absl::Milliseconds(100)) return;
  shown_ = now;
  std::fprintf(stderr, "\r\033[K%s", ProgressText(done, total, unit_, now - start_).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::Clear() {
  if (std::exchange(drawn_, false)) std::fputs("\r\033[K", stderr);
}

}  // namespace communique::cli
