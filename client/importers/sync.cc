#include "importers/sync.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "importers/held.h"

namespace communique::importers {
namespace {

// Commits that wait for their acknowledgement: as many as the server works at, so
// that an interrupted import ends soon.
constexpr std::size_t kMaxPendingLines = 256;

constexpr absl::string_view kShrinkPayload = "communique.dev/list-shrank";

// Another writer changed what was about to be written: look again.
bool IsOvertaken(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsAlreadyExists(status) || absl::IsNotFound(status);
}

absl::Status CheckShrink(const ParsedList& list, const HeldList& held) {
  const v1::Record* last = LastComplete(held);
  if (last == nullptr) return absl::OkStatus();
  const std::int64_t before = last->source().list_version().entry_count();
  const auto now = static_cast<std::int64_t>(list.entries.size());
  if (now * 100 >= before * (100 - kMaxShrinkPercent)) return absl::OkStatus();
  absl::Status shrank = absl::FailedPreconditionError(absl::StrCat(
      "the list has ", now, " entries, the version before it (", last->name(), ") had ", before,
      ": it shrank by more than ", kMaxShrinkPercent, " %, and nothing was written"));
  shrank.SetPayload(kShrinkPayload, absl::Cord(absl::StrCat(now)));
  return shrank;
}

// A version from the future would keep every later one out.
absl::Status CheckDate(const ParsedList& list, absl::Time now) {
  const std::string tomorrow =
      absl::FormatTime("%Y-%m-%d", now + absl::Hours(24), absl::UTCTimeZone());
  if (list.as_of_date <= tomorrow) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the list says it is of ", list.as_of_date,
                                                 ", which is yet to come; nothing was written"));
}

std::string NewLoadId(absl::string_view list_id) {
  absl::BitGen random;
  return absl::StrFormat("%s:%016x", std::string(list_id.substr(0, 40)),
                         absl::Uniform<std::uint64_t>(random));
}

class Import {
 public:
  Import(const Client& client, const ParsedList& list, const InputFiles& files,
         const ImportOptions& options)
      : client_(client), list_(list), files_(files), options_(options) {}

  absl::StatusOr<ImportResult> Run() {
    if (absl::Status dated = CheckDate(list_, absl::Now()); !dated.ok()) return dated;
    absl::StatusOr<HeldList> held = ReadHeld(client_, list_);
    if (!held.ok()) return held.status();
    if (absl::Status chosen = Choose(*held); !chosen.ok()) return chosen;
    if (choice_.complete) {
      result_.already_held = true;
      return std::move(result_);
    }
    if (!options_.allow_shrink) {
      if (absl::Status shrank = CheckShrink(list_, *held); !shrank.ok()) return shrank;
    }
    if (!choice_.begun) {
      const VersionStep step = MakeStep(list_, choice_, *held);
      const absl::Status fits = CheckSizes(MakePlan(list_, step, *held, RelationPass::kAll));
      if (!fits.ok()) return fits;
    }
    if (options_.dry_run) return DryRun(*held);

    absl::Status done = absl::OkStatus();
    int idle = 0;  // Attempts in a row that wrote nothing.
    for (bool first = true; idle < kMaxAttempts; first = false) {
      if (!first) held = ReadHeld(client_, list_);
      if (!held.ok()) return held.status();
      if (absl::Status chosen = Choose(*held); !chosen.ok()) return chosen;
      const std::int64_t before = result_.commits;
      done = choice_.complete ? absl::OkStatus() : Synchronise(*std::move(held));
      if (done.ok()) return std::move(result_);
      if (!IsOvertaken(done)) return done;
      idle = result_.commits > before ? 0 : idle + 1;
    }
    return absl::AbortedError(
        absl::StrCat("other writers kept changing the list's records: ", done.message()));
  }

 private:
  // Which version it is, and what follows from that.
  absl::Status Choose(const HeldList& held) {
    absl::StatusOr<VersionChoice> choice = ChooseVersion(list_, files_, held);
    if (!choice.ok()) return choice.status();
    choice_ = *std::move(choice);
    result_.source = choice_.name;
    result_.entries = static_cast<std::int64_t>(list_.entries.size());
    if (result_.commits == 0) result_.continued = choice_.begun && !choice_.complete;
    return absl::OkStatus();
  }

  ImportResult DryRun(const HeldList& held) {
    const VersionStep step = MakeStep(list_, choice_, held);
    result_.counts.verbatim = CountVersion(list_, step, held).verbatim;
    Note(MakePlan(list_, step, held, RelationPass::kAll));
    for (const EntryDifference& difference : result_.differences) {
      switch (difference.kind) {
        case DifferenceKind::kAdded:
        case DifferenceKind::kRelisted:
          ++result_.counts.added;
          break;
        case DifferenceKind::kRemoved:
          ++result_.counts.removed;
          break;
        case DifferenceKind::kRekeyed:
          ++result_.counts.rekeyed;
          break;
        case DifferenceKind::kChanged:
          break;
      }
    }
    return std::move(result_);
  }

  // Everything from the version's record to its coverage.
  absl::Status Synchronise(HeldList held) {
    if (!choice_.begun) {
      absl::Status begun = Commit(BeginVersion(list_, files_, choice_, held));
      if (!begun.ok()) return begun;
    }
    const VersionStep step = MakeStep(list_, choice_, held);
    for (const RelationPass pass : {RelationPass::kEarlier, RelationPass::kAll}) {
      if (pass == RelationPass::kAll && !HasRelations()) break;
      Plan plan = MakePlan(list_, step, held, pass);
      for (int writes = 0; !plan.commits.empty(); ++writes) {
        if (writes == kMaxAttempts) {
          return absl::InternalError(absl::StrCat("the store does not hold entry ",
                                                  plan.differences[0].key,
                                                  " as it was written; the import is not whole"));
        }
        absl::Status written = Write(std::move(plan));
        if (!written.ok()) return written;
        absl::StatusOr<HeldList> now = ReadHeld(client_, list_);
        if (!now.ok()) return now.status();
        held = *std::move(now);
        plan = MakePlan(list_, step, held, pass);
      }
    }
    return End(step, held);
  }

  bool HasRelations() const {
    return std::any_of(list_.entries.begin(), list_.entries.end(),
                       [](const ListEntry& entry) { return !entry.relations.empty(); });
  }

  absl::Status End(const VersionStep& step, const HeldList& held) {
    auto version = held.versions.find(choice_.name);
    HeldList again;
    if (version == held.versions.end()) {
      // Nothing but its record had to be written since the store was read.
      absl::StatusOr<HeldList> now = ReadHeld(client_, list_);
      if (!now.ok()) return now.status();
      again = *std::move(now);
      version = again.versions.find(choice_.name);
      if (version == again.versions.end()) {
        return absl::AbortedError(absl::StrCat(choice_.name, " is gone"));
      }
    }
    result_.counts = CountVersion(list_, step, held);
    return Commit(EndVersion(list_, result_.counts, version->second));
  }

  absl::Status Commit(v1::CommitRequest request) {
    absl::StatusOr<v1::CommitResponse> response = client_.Commit(std::move(request));
    if (!response.ok()) return response.status();
    ++result_.commits;
    result_.revision = response->revision();
    return absl::OkStatus();
  }

  // Writes the commits of a plan, pipelined; each holds only while what it changes
  // is as it was read.
  absl::Status Write(Plan plan) {
    const std::int64_t total = static_cast<std::int64_t>(plan.commits.size());
    Loader loader = client_.Load({.load_id = NewLoadId(list_.list_id),
                                  .max_pending_lines = kMaxPendingLines,
                                  .on_progress = [&](const LoadResult& progress) {
                                    if (options_.on_progress != nullptr)
                                      options_.on_progress(progress.durable_line, total);
                                  }});
    absl::Status status = loader.Start().status();
    std::int64_t line = 0;
    for (v1::CommitRequest& commit : plan.commits) {
      if (!status.ok()) break;
      if (options_.cancelled != nullptr && options_.cancelled()) {
        status = absl::CancelledError("the import was interrupted; the next run goes on with it");
        break;
      }
      status = loader.Write(++line, std::move(commit));
    }
    if (status.ok()) status = loader.Finish().status();
    const LoadResult progress = loader.progress();
    result_.commits += progress.commit_count;
    result_.revision = std::max(result_.revision, progress.revision);
    plan.differences.resize(static_cast<std::size_t>(progress.durable_line));
    Note(std::move(plan));
    return status;
  }

  void Note(Plan plan) {
    for (EntryDifference& difference : plan.differences) {
      if (difference.kind == DifferenceKind::kChanged) ++result_.changed;
      result_.differences.push_back(std::move(difference));
    }
  }

  const Client& client_;
  const ParsedList& list_;
  const InputFiles& files_;
  const ImportOptions& options_;
  VersionChoice choice_;
  ImportResult result_;
};

}  // namespace

absl::StatusOr<ImportResult> ImportList(const Client& client, const ParsedList& list,
                                        const InputFiles& files, const ImportOptions& options) {
  return Import(client, list, files, options).Run();
}

bool IsShrinkError(const absl::Status& status) {
  return status.GetPayload(kShrinkPayload).has_value();
}

}  // namespace communique::importers
