#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

std::uint64_t Fnv1a(absl::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

// The id of a load of a file: the same for every run over the same file, also
// after it was completed or corrected below its first line, and another one for
// another file of that name. `first_line` is the first that is not blank; while
// it is cut short nothing was committed, so that it may still change.
std::string LoadId(const std::string& path, absl::string_view first_line) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  const std::string full = real == nullptr ? path : real.get();
  std::string name = full.substr(full.rfind('/') + 1).substr(0, 40);
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') c = '_';
  }
  std::uint64_t hash = Fnv1a(full, 0xcbf29ce484222325ULL);
  hash = Fnv1a(first_line, Fnv1a(absl::string_view("\n", 1), hash));
  return absl::StrFormat("%s:%016x", name, hash);
}

std::string RandomLoadId() {
  absl::BitGen random;
  return absl::StrFormat("stdin:%016x%016x", absl::Uniform<std::uint64_t>(random),
                         absl::Uniform<std::uint64_t>(random));
}

// A bar on stderr, redrawn at most ten times a second; nothing when stderr is no
// terminal.
class Progress {
 public:
  explicit Progress(const Input& input) : input_(input) {}
  ~Progress() { Clear(); }

  void Show(const LoadResult& result) {
    const absl::Time now = absl::Now();
    if (!terminal_ || now < shown_ + absl::Milliseconds(100)) return;
    shown_ = now;
    const double rate = static_cast<double>(result.commit_count) /
                        std::max(absl::ToDoubleSeconds(now - start_), 0.001);
    std::string line = absl::StrFormat("%d commits, %.0f/s", result.commit_count, rate);
    if (input_.size() > 0) {
      constexpr int kWidth = 30;
      const double share = std::min(
          1.0, static_cast<double>(input_.bytes_read()) / static_cast<double>(input_.size()));
      const int full = static_cast<int>(share * kWidth);
      line = absl::StrFormat("[%s%s] %3.0f%%  %s", std::string(full, '#'),
                             std::string(kWidth - full, ' '), share * 100, line);
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
  }

  void Clear() {
    if (std::exchange(drawn_, false)) std::fputs("\r\033[K", stderr);
  }

 private:
  const Input& input_;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  const absl::Time start_ = absl::Now();
  absl::Time shown_ = absl::InfinitePast();
  bool drawn_ = false;
};

// The numbered lines of a file that are not blank.
class Lines {
 public:
  explicit Lines(Input& input) : input_(input) {}

  // Moves to the next; false at the end.
  absl::StatusOr<bool> Next() {
    while (true) {
      absl::StatusOr<std::optional<std::string>> line = input_.Line();
      if (!line.ok()) return line.status();
      if (!line->has_value()) return false;
      ++number_;
      text_ = **std::move(line);
      if (number_ == 1 && text_.substr(0, 3) == "\xef\xbb\xbf") text_.erase(0, 3);
      if (!absl::StripAsciiWhitespace(text_).empty()) return true;
    }
  }
  std::int64_t number() const { return number_; }
  const std::string& text() const { return text_; }

 private:
  Input& input_;
  std::int64_t number_ = 0;
  std::string text_;
};

// A load with what it says about itself.
class Load {
 public:
  Load(Session& session, Input& input) : session_(session), lines_(input), progress_(input) {}

  int Run() {
    absl::StatusOr<bool> more = lines_.Next();
    if (!more.ok()) return Explain(more.status());
    loader_.emplace(session_.client.Load(
        {.load_id = Id(),
         .reason = session_.line.Get("reason"),
         .on_progress = [this](const LoadResult& result) { progress_.Show(result); }}));
    InterruptHandler interrupt([this] { loader_->Cancel(); });

    const absl::StatusOr<std::int64_t> held = loader_->Start();
    if (!held.ok()) return Interrupted() ? InterruptHandler::ExitCode() : Explain(held.status());
    if (*held > 0) {
      Say(absl::StrCat("load ", id_, " goes on after line ", *held,
                       "; to load the file anew give another --load_id"));
    }
    std::int64_t written = 0;
    for (; more.ok() && *more; more = lines_.Next()) {
      if (lines_.number() <= *held) continue;
      v1::CommitRequest commit;
      absl::Status parsed = FromJson(lines_.text(), &commit);
      if (parsed.ok() && !commit.request_id().empty()) {
        parsed = absl::InvalidArgumentError(
            "request_id must be empty in a load; the line's number does its work");
      }
      if (!parsed.ok()) return Unreadable(parsed);
      if (absl::Status status = loader_->Write(lines_.number(), std::move(commit)); !status.ok()) {
        return End(status, "");
      }
      ++written;
    }
    if (!more.ok()) return Unreadable(more.status());
    const absl::StatusOr<LoadResult> result = loader_->Finish();
    if (result.ok() && written == 0 && *held > lines_.number()) {
      Say(absl::StrCat("the server holds ", *held, " lines of this load, the file has ",
                       lines_.number(), ": is it the same file?"));
    }
    return End(result.status(), "");
  }

 private:
  const std::string& Id() {
    const std::string& path = session_.arguments[0];
    if (session_.line.Has("load_id")) {
      id_ = session_.line.Get("load_id");
    } else {
      id_ = path == "-" ? RandomLoadId() : LoadId(path, lines_.text());
    }
    return id_;
  }

  // A line that cannot be read: what comes before it is still committed.
  int Unreadable(const absl::Status& problem) {
    const absl::StatusOr<LoadResult> result = loader_->Finish();
    if (!result.ok()) return End(result.status(), "");
    return End(absl::InvalidArgumentError(problem.message()),
               absl::StrCat("line ", lines_.number(), " is not a CommitRequest in JSON: "));
  }

  bool Interrupted() const {
    if (InterruptHandler::ExitCode() == 0) return false;
    Say(absl::StrCat("interrupted; load ", id_, " can be continued"));
    return true;
  }

  // Says what was committed, also when it failed.
  int End(const absl::Status& status, absl::string_view where) {
    progress_.Clear();
    const LoadResult result = loader_->progress();
    if (session_.output.format() == Format::kTable) {
      session_.output.Line(absl::StrCat(
          result.commit_count, " commits, ", result.change_count, " changes, through line ",
          result.durable_line,
          result.revision == 0 ? std::string() : absl::StrCat(", revision ", result.revision)));
    } else {
      v1::LoadResponse response;
      response.set_durable_line(result.durable_line);
      response.set_revision(result.revision);
      response.set_commit_count(result.commit_count);
      response.set_change_count(result.change_count);
      session_.output.Message(response);
    }
    const absl::Status flushed = session_.output.Flush();
    if (Interrupted()) return InterruptHandler::ExitCode();
    if (!status.ok() && !where.empty()) {
      Say(absl::StrCat(where, Escape(status.message())));
      return kFailure;
    }
    if (!status.ok()) return Explain(status);
    return flushed.ok() ? kOk : Explain(flushed);
  }

  Session& session_;
  Lines lines_;
  Progress progress_;
  std::string id_;
  std::optional<Loader> loader_;
};

}  // namespace

int RunLoad(Session& session) {
  if (session.line.Has("load_id") && session.line.Get("load_id").empty()) {
    return UsageError("load", "--load_id needs an id");
  }
  absl::StatusOr<Input> input = Input::Open(session.arguments[0]);
  if (!input.ok()) {
    Say(input.status().message());
    return kFailure;  // Not 3: a missing file is no missing record.
  }
  return Load(session, *input).Run();
}

}  // namespace communique::cli
