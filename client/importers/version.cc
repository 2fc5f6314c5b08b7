#include "importers/version.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "communique/commit_builder.h"
#include "importers/entries.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

std::vector<std::string> Hashes(const InputFiles& files) {
  std::vector<std::string> hashes;
  for (const InputFile& file : files) hashes.push_back(file.sha256);
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

std::vector<std::string> Hashes(const v1::Record& version) {
  std::vector<std::string> hashes;
  for (const v1::ListFile& file : version.source().list_version().files()) {
    hashes.push_back(file.sha256());
  }
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

v1::Source MakeSource(const ParsedList& list, const InputFiles& files) {
  v1::Source source;
  source.set_title(absl::StrCat(list.title, ", ", list.as_of_date));
  source.set_type(v1::SOURCE_TYPE_LIST_VERSION);
  source.mutable_publisher()->set_target(list.authority);
  source.set_licence(list.licence);
  v1::ListVersion* version = source.mutable_list_version();
  version->mutable_authority()->set_target(list.authority);
  version->set_list_id(list.list_id);
  version->set_version(list.version.empty() ? list.as_of_date : list.version);
  *version->mutable_as_of_time() = EdtfTime(list.as_of_date);
  version->set_entry_count(static_cast<std::int64_t>(list.entries.size()));
  for (const InputFile& read : files) {
    v1::ListFile* file = version->add_files();
    file->set_file_name(read.name);
    file->set_sha256(read.sha256);
    file->set_size_bytes(static_cast<std::int64_t>(read.bytes.size()));
  }
  return source;
}

// Whether a record of that name is to be created; with Put where it once was.
template <typename Create, typename Put>
void AddMissing(const HeldList& held, const std::string& name, const Create& create,
                const Put& put) {
  if (held.records.contains(name)) return;
  held.tombstones.contains(name) ? put() : create();
}

std::string IdPart(absl::string_view name) { return std::string(name.substr(name.find('/') + 1)); }

// The last own interval, with what the version did to it.
struct LastInterval {
  bool open = false;
  bool began = false;  // It begins with the version.
  bool ended = false;  // The version is the first that has it no more.
};

LastInterval Last(const VersionStep& step, const v1::Designation& designation, bool* any_ended) {
  LastInterval last;
  for (const v1::ListingInterval& interval : designation.intervals()) {
    if (!step.list.HasOwn(interval.evidences())) continue;
    const auto& evidences = interval.evidences();
    std::vector<std::string> own;
    for (const v1::Evidence& evidence : evidences) {
      if (step.list.IsOwn(evidence)) own.push_back(evidence.source().target());
    }
    last.open = own.size() == 1;
    last.began = own.front() == step.list.source();
    last.ended = own.size() > 1 && own.back() == step.list.source();
    *any_ended = *any_ended || last.ended;
  }
  return last;
}

}  // namespace

absl::StatusOr<VersionChoice> ChooseVersion(const ParsedList& list, const InputFiles& files,
                                            const HeldList& held) {
  for (const auto& [name, version] : held.versions) {
    if (Hashes(version) == Hashes(files) && DateOf(version) == list.as_of_date) {
      VersionChoice choice{.name = name, .begun = true, .complete = IsComplete(version)};
      if (choice.complete) return choice;
    }
  }
  for (const auto& [name, version] : held.versions) {
    if (DateOf(version) <= list.as_of_date) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "this version is of ", list.as_of_date, "; ",
        IsComplete(version) ? "a newer one is held: " : "the import of a newer one has begun: ",
        name, " of ", DateOf(version),
        IsComplete(version) ? "" : "; end that one first, with its file"));
  }
  const std::string base = absl::StrCat("sources/", list.list_id, "-", list.as_of_date);
  VersionChoice choice{.name = base};
  for (int suffix = 2;; ++suffix) {
    const auto held_version = held.versions.find(choice.name);
    if (held_version == held.versions.end()) return choice;
    if (Hashes(held_version->second) == Hashes(files)) {
      choice.begun = true;
      return choice;
    }
    choice.name = absl::StrCat(base, "-", suffix);
  }
}

VersionStep MakeStep(const ParsedList& list, const VersionChoice& choice, const HeldList& held) {
  VersionStep step{.list = ListSource(list.list_id, choice.name),
                   .as_of_date = list.as_of_date,
                   .last_date = {},
                   .dates = {}};
  if (const v1::Record* last = LastComplete(held)) step.last_date = DateOf(*last);
  for (const auto& [name, version] : held.versions) step.dates[name] = DateOf(version);
  return step;
}

v1::CommitRequest BeginVersion(const ParsedList& list, const InputFiles& files,
                               const VersionChoice& choice, const HeldList& held) {
  CommitBuilder builder;
  builder.Because(absl::StrCat("import of ", list.list_id, " of ", list.as_of_date, " begins"));
  v1::Actor authority;
  authority.set_display_name(list.authority_display_name);
  authority.set_type(v1::ACTOR_TYPE_ORGANIZATION);
  AddMissing(
      held, list.authority, [&] { builder.CreateActor(IdPart(list.authority), authority); },
      [&] { builder.PutActor(IdPart(list.authority), authority); });
  for (const ListRegime& regime : list.regimes) {
    v1::Sanction sanction;
    sanction.set_title(regime.title);
    *sanction.mutable_regime() = regime.regime;
    sanction.mutable_regime()->mutable_authority()->set_target(list.authority);
    AddMissing(
        held, absl::StrCat("sanctions/", regime.id),
        [&] { builder.CreateSanction(regime.id, sanction); },
        [&] { builder.PutSanction(regime.id, sanction); });
  }
  builder.CreateSource(IdPart(choice.name), MakeSource(list, files));
  return builder.Build();
}

VersionCounts CountVersion(const ParsedList& list, const VersionStep& step, const HeldList& held) {
  VersionCounts counts;
  for (const ListEntry& entry : list.entries) {
    for (const EntryDesignation& designation : entry.designations) {
      counts.verbatim += designation.designation.verbatim_fields_size();
    }
  }
  for (const HeldEntry& entry : HeldEntries(list, held)) {
    bool open = false;
    bool ended = false;
    bool all_began = true;
    bool rekeyed = false;
    for (const v1::Record* record : entry.designations) {
      const LastInterval last = Last(step, record->sanction().designation(), &ended);
      open = open || last.open;
      if (last.open && !last.began) all_began = false;
      rekeyed = rekeyed || WasRekeyedBy(step.list.source(), record->sanction());
    }
    // An entry that changed its programmes was there all along.
    const bool added = open && all_began && !ended;
    counts.added += added ? 1 : 0;
    counts.removed += !open && ended ? 1 : 0;
    counts.rekeyed += rekeyed && !added ? 1 : 0;
  }
  return counts;
}

v1::CommitRequest EndVersion(const ParsedList& list, const VersionCounts& counts,
                             const v1::Record& version) {
  v1::Record record;
  record.set_name(version.name());
  record.set_etag(version.etag());
  *record.mutable_source() = version.source();
  v1::ListVersion* held = record.mutable_source()->mutable_list_version();
  held->set_added_count(counts.added);
  held->set_removed_count(counts.removed);
  held->set_rekeyed_count(counts.rekeyed);
  held->set_verbatim_field_count(counts.verbatim);
  v1::Coverage* coverage = record.mutable_source()->add_coverages();
  coverage->set_id(IdPool(version).New("c"));
  coverage->mutable_authority()->set_target(list.authority);
  coverage->set_subject(v1::COVERAGE_SUBJECT_DESIGNATIONS);
  *coverage->mutable_as_of_time() = EdtfTime(list.as_of_date);
  coverage->set_complete(true);
  return CommitBuilder()
      .Because(absl::StrCat("import of ", list.list_id, " of ", list.as_of_date,
                            " ends: ", counts.added, " added, ", counts.removed, " removed, ",
                            counts.rekeyed, " re-keyed"))
      .Put(std::move(record))
      .Build();
}

}  // namespace communique::importers
