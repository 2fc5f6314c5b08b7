#include "service/server/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace communique::server {
namespace {

// Fields of /proc/self/stat, by their numbers in proc(5).
enum StatField { kUserTicks = 14, kSystemTicks = 15, kThreads = 20, kStartTicks = 22,
                 kVirtualBytes = 23, kResidentPages = 24 };

std::string ReadWhole(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// When the machine started, in seconds since 1970.
int64_t BootSeconds() {
  int64_t seconds = 0;
  const std::string text = ReadWhole("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() == 2 && words[0] == "btime" && absl::SimpleAtoi(words[1], &seconds)) break;
  }
  return seconds;
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  const std::string text = ReadWhole("/proc/self/stat");
  // The second field is the program's name, in parentheses, and may have spaces.
  const size_t name_end = text.rfind(") ");
  if (name_end != std::string::npos) {
    const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
    const auto field = [&](StatField number) {
      int64_t value = 0;
      const size_t i = static_cast<size_t>(number) - 3;
      return i < fields.size() && absl::SimpleAtoi(fields[i], &value) ? value : 0;
    };
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    stats.cpu_seconds = static_cast<double>(field(kUserTicks) + field(kSystemTicks)) / ticks;
    stats.start_time_seconds =
        static_cast<double>(BootSeconds()) + static_cast<double>(field(kStartTicks)) / ticks;
    stats.resident_bytes = field(kResidentPages) * sysconf(_SC_PAGESIZE);
    stats.virtual_bytes = field(kVirtualBytes);
    stats.threads = field(kThreads);
  }
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  // One of them is the folder that is being read.
  for (const auto end = std::filesystem::directory_iterator(); !error && files != end;
       files.increment(error)) {
    ++stats.open_fds;
  }
  if (stats.open_fds > 0) --stats.open_fds;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = static_cast<int64_t>(limit.rlim_cur);
  return stats;
}

}  // namespace communique::server
