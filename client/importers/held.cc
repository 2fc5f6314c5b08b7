#include "importers/held.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"

namespace communique::importers {
namespace {

// Names in one BatchGet. A record has a few KiB, so that an answer stays small.
constexpr std::size_t kNamesPerRead = 200;
// Records on a page of a list.
constexpr int kPageSize = 500;

absl::Status ReadAll(RecordRange range, absl::btree_map<std::string, v1::Record>* records) {
  for (absl::StatusOr<v1::Record>& record : range) {
    if (!record.ok()) return record.status();
    std::string name = record->name();
    records->insert_or_assign(std::move(name), *std::move(record));
  }
  return absl::OkStatus();
}

// Reads names [begin, end), in two halves when their records are too large for one
// answer.
absl::Status ReadNames(const Client& client, const std::vector<std::string>& names,
                       std::size_t begin, std::size_t end, HeldList* held) {
  const auto at = [&](std::size_t i) { return names.begin() + static_cast<std::ptrdiff_t>(i); };
  absl::StatusOr<v1::BatchGetResponse> response =
      client.BatchGet(std::vector<std::string>(at(begin), at(end)));
  if (absl::IsResourceExhausted(response.status()) && end - begin > 1) {
    const std::size_t middle = begin + (end - begin) / 2;
    absl::Status first = ReadNames(client, names, begin, middle, held);
    return first.ok() ? ReadNames(client, names, middle, end, held) : first;
  }
  if (!response.ok()) return response.status();
  for (v1::Record& record : *response->mutable_records()) {
    // A merged one is found by both names.
    const std::string asked = record.redirected_from();
    record.clear_redirected_from();
    if (!asked.empty()) held->records[asked] = record;
    const std::string name = record.name();
    held->records[name] = std::move(record);
  }
  for (v1::Tombstone& tombstone : *response->mutable_tombstones()) {
    const std::string name = tombstone.name();
    held->tombstones[name] = std::move(tombstone);
  }
  return absl::OkStatus();
}

}  // namespace

std::string DateOf(const v1::Record& version) {
  return version.source().list_version().as_of_time().edtf();
}

bool IsComplete(const v1::Record& version) {
  const auto& coverages = version.source().coverages();
  return std::any_of(coverages.begin(), coverages.end(), [](const v1::Coverage& coverage) {
    return coverage.complete() && coverage.subject() == v1::COVERAGE_SUBJECT_DESIGNATIONS;
  });
}

const v1::Record* LastComplete(const HeldList& held) {
  const v1::Record* last = nullptr;
  for (const auto& [name, version] : held.versions) {
    // Of two of one date the later import counts.
    if (!IsComplete(version)) continue;
    if (last == nullptr || std::make_pair(DateOf(*last), last->create_revision()) <
                               std::make_pair(DateOf(version), version.create_revision())) {
      last = &version;
    }
  }
  return last;
}

std::string ActorName(const ParsedList& list, absl::string_view key) {
  return absl::StrCat("actors/", list.prefix, "-", key);
}

std::string DesignationName(const ParsedList& list, absl::string_view key,
                            absl::string_view suffix) {
  return absl::StrCat("sanctions/", list.prefix, "-", key, suffix.empty() ? "" : "-", suffix);
}

absl::StatusOr<HeldList> ReadHeld(const Client& client, const ParsedList& list) {
  HeldList held;
  const std::string quoted = absl::StrCat("\"", list.list_id, "\"");
  absl::Status read =
      ReadAll(client.List(v1::RECORD_KIND_SOURCE,
                          {.filter = "list_version.list_id = " + quoted, .page_size = kPageSize}),
              &held.versions);
  if (!read.ok()) return read;
  read = ReadAll(client.List(v1::RECORD_KIND_SANCTION,
                             {.filter = "designation.list_id = " + quoted, .page_size = kPageSize}),
                 &held.designations);
  if (!read.ok()) return read;

  absl::btree_set<std::string> names = {list.authority};
  for (const ListRegime& regime : list.regimes) names.insert("sanctions/" + regime.id);
  for (const ListEntry& entry : list.entries) {
    names.insert(ActorName(list, entry.key));
    for (const EntryDesignation& designation : entry.designations) {
      const std::string name = DesignationName(list, entry.key, designation.suffix);
      if (!held.designations.contains(name)) names.insert(name);
    }
  }
  // Of entries that are gone too: a re-key takes their actor along.
  for (const auto& [name, record] : held.designations) {
    const std::string& actor = record.sanction().designation().actor().target();
    if (!actor.empty()) names.insert(actor);
  }
  const std::vector<std::string> all(names.begin(), names.end());
  for (std::size_t at = 0; at < all.size(); at += kNamesPerRead) {
    read = ReadNames(client, all, at, std::min(all.size(), at + kNamesPerRead), &held);
    if (!read.ok()) return read;
  }
  return held;
}

}  // namespace communique::importers
