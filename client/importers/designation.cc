#include "importers/designation.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/merge.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kRekeyedNote = "the list's key changed; until then ";

bool SameTime(const v1::FuzzyTime& one, const v1::FuzzyTime& other) {
  return ValueKey(one) == ValueKey(other);
}

bool IsSet(const v1::FuzzyTime& time) { return !time.edtf().empty() || !time.text().empty(); }

// The last interval of the list's own; null when it has none.
v1::ListingInterval* LastOwn(const ListSource& list, v1::Designation* designation) {
  for (int i = designation->intervals_size() - 1; i >= 0; --i) {
    v1::ListingInterval* interval = designation->mutable_intervals(i);
    if (list.HasOwn(interval->evidences())) return interval;
  }
  return nullptr;
}

// Whether a version without the entry ended it: then it has evidence of that
// version behind that of the first one with it.
bool EndedByAbsence(const ListSource& list, const v1::ListingInterval& interval) {
  return interval.has_delisted_time() &&
         std::count_if(interval.evidences().begin(), interval.evidences().end(),
                       [&](const v1::Evidence& evidence) { return list.IsOwn(evidence); }) > 1;
}

// The latest date on which the interval is known to have been as it is: that of the
// last version, or of a newer one whose import began and did not end.
std::string LastSeen(const VersionStep& step, const v1::ListingInterval& interval) {
  std::string last = step.last_date;
  for (const v1::Evidence& evidence : interval.evidences()) {
    const auto date = step.dates.find(evidence.source().target());
    if (step.list.IsOwn(evidence) && date != step.dates.end()) last = std::max(last, date->second);
  }
  return last;
}

// The entry's locator is as its interval has it: the entry itself is gone.
std::string LocatorOf(const ListSource& list, const v1::ListingInterval& interval) {
  for (const v1::Evidence& evidence : interval.evidences()) {
    if (list.IsOwn(evidence) && evidence.selectors_size() > 0) {
      return evidence.selectors(0).locator();
    }
  }
  return std::string();
}

bool SaidByOthers(const ListSource& list, const v1::ListingInterval& interval) {
  return std::any_of(interval.evidences().begin(), interval.evidences().end(),
                     [&](const v1::Evidence& evidence) { return !list.IsOwn(evidence); });
}

void SetTime(const v1::FuzzyTime& time, v1::FuzzyTime* held) {
  if (!SameTime(time, *held)) *held = time;
}

// What the list states of a listing that goes on.
void StateListing(const ListSource& list, const EntryDesignation& ours,
                  v1::ListingInterval* interval) {
  // A time that was worked out stays; one that repeats the list's follows it.
  const bool repeats = interval->has_stated_listed_time() &&
                       SameTime(interval->listed_time(), interval->stated_listed_time());
  if (IsSet(ours.stated_listed_time)) {
    if (repeats || !interval->has_listed_time()) {
      SetTime(ours.stated_listed_time, interval->mutable_listed_time());
    }
    SetTime(ours.stated_listed_time, interval->mutable_stated_listed_time());
  } else if (!repeats) {
    interval->clear_stated_listed_time();
  }
  bool same = interval->amended_times_size() == static_cast<int>(ours.amended_times.size());
  for (int i = 0; same && i < interval->amended_times_size(); ++i) {
    same = SameTime(interval->amended_times(i), ours.amended_times[i]);
  }
  if (!same) {
    interval->clear_amended_times();
    for (const v1::FuzzyTime& time : ours.amended_times) *interval->add_amended_times() = time;
  }
  interval->set_suspended(ours.suspended);
  interval->set_listing_reason(ours.listing_reason);
  if (IsSet(ours.stated_delisted_time)) {
    SetTime(ours.stated_delisted_time, interval->mutable_delisted_time());
  } else if (!SaidByOthers(list, *interval)) {
    interval->clear_delisted_time();  // What the list stated, it states no more.
  }
}

void MergeIntervals(const VersionStep& step, const ListEntry& entry, const EntryDesignation& ours,
                    IdPool* ids, v1::Designation* designation) {
  v1::ListingInterval* last = LastOwn(step.list, designation);
  const bool new_listing = last == nullptr || EndedByAbsence(step.list, *last);
  if (new_listing) {
    // Somebody else's record of a listing that goes on says it already.
    const int size = designation->intervals_size();
    if (size > 0 && !designation->intervals(size - 1).has_delisted_time()) return;
    const bool first = last == nullptr;
    const std::string after = first ? step.last_date : LastSeen(step, *last);
    v1::ListingInterval* added = designation->add_intervals();
    added->set_id(ids->New("l"));
    *added->add_evidences() = step.list.Make(entry.locator);
    if (first && IsSet(ours.stated_listed_time)) {
      *added->mutable_listed_time() = ours.stated_listed_time;
    } else {
      *added->mutable_listed_time() = BetweenVersions(after, step.as_of_date);
    }
    if (IsSet(ours.stated_listed_time)) {
      *added->mutable_stated_listed_time() = ours.stated_listed_time;
    }
    last = added;
  }
  StateListing(step.list, ours, last);
}

// The fields that can have no evidence of their own: they are the list's, for the
// record is of its designation.
void SetPlainFields(const ListEntry& entry, const EntryDesignation& ours,
                    const DesignationNames& names, v1::Designation* held) {
  const v1::Designation& said = ours.designation;
  held->mutable_regime()->set_target(names.regime);
  held->mutable_actor()->set_target(names.actor);
  held->mutable_authority()->set_target(names.authority);
  held->set_list_id(names.list_id);
  held->set_list_entry_id(entry.reference.empty() ? entry.key : entry.reference);
  *held->mutable_measure_types() = said.measure_types();
  *held->mutable_programs() = said.programs();
  *held->mutable_provisions() = said.provisions();
  *held->mutable_proposers() = said.proposers();
}

}  // namespace

v1::FuzzyTime BetweenVersions(absl::string_view last_date, absl::string_view as_of_date) {
  if (last_date.empty()) return OneOfRange("", as_of_date);
  // Two versions of one day: it happened on that day.
  const std::string first = std::min(AddDays(last_date, 1), std::string(as_of_date));
  return OneOfRange(first, as_of_date);
}

v1::FuzzyTime EndBetweenVersions(absl::string_view last_date, absl::string_view as_of_date) {
  const std::string end = AddDays(as_of_date, -1);
  if (last_date.empty()) return OneOfRange("", end);
  return OneOfRange(last_date, std::max(std::string(last_date), end));
}

bool IsListed(const ListSource& list, const v1::Designation& designation) {
  for (int i = designation.intervals_size() - 1; i >= 0; --i) {
    const v1::ListingInterval& interval = designation.intervals(i);
    if (list.HasOwn(interval.evidences())) return !EndedByAbsence(list, interval);
  }
  return false;
}

void MergeDesignation(const VersionStep& step, const ListEntry& entry, const EntryDesignation& ours,
                      const DesignationNames& names, IdPool* ids, v1::Sanction* sanction,
                      std::vector<std::string>* what) {
  v1::Sanction said;
  said.set_title(names.title);
  *said.mutable_designation() = ours.designation;
  for (const absl::string_view path : {"title", "designation.reason", "designation.remarks"}) {
    MergeField(step.list, entry.locator, path, said, ids, sanction, sanction->mutable_assertions(),
               what);
  }
  v1::Designation* held = sanction->mutable_designation();
  std::vector<ListValue> verbatim;
  for (const v1::VerbatimField& field : ours.designation.verbatim_fields()) {
    verbatim.push_back({&field, entry.locator});
  }
  MergeElements(step.list, "v", verbatim, ids, held, "verbatim_fields", what);

  const std::string before = Deterministic(*held);
  SetPlainFields(entry, ours, names, held);
  if (Deterministic(*held) != before) what->push_back("designation");
  const std::string intervals = Deterministic(*held);
  MergeIntervals(step, entry, ours, ids, held);
  if (Deterministic(*held) != intervals) what->push_back("intervals");
  if (!step.list.HasOwn(sanction->evidences())) {
    *sanction->add_evidences() = step.list.Make(entry.locator);
  }
}

bool EndListing(const VersionStep& step, v1::Sanction* sanction) {
  v1::ListingInterval* last = LastOwn(step.list, sanction->mutable_designation());
  if (last == nullptr || EndedByAbsence(step.list, *last)) return false;
  if (!last->has_delisted_time()) {
    v1::FuzzyTime* ended = last->mutable_delisted_time();
    // A listing from after the day on which it is gone is an error of the list; no
    // date is made of it.
    const std::string& listed = last->listed_time().edtf();
    *ended = IsIsoDate(listed) && listed > step.as_of_date
                 ? WordsTime(absl::StrCat("not on the list of ", step.as_of_date))
                 : EndBetweenVersions(LastSeen(step, *last), step.as_of_date);
  }
  *last->add_evidences() = step.list.Make(LocatorOf(step.list, *last));
  return true;
}

void NoteRekeyed(const VersionStep& step, const ListEntry& entry, absl::string_view old_name,
                 v1::Sanction* sanction) {
  v1::Evidence* evidence = sanction->add_evidences();
  *evidence = step.list.Make(entry.locator);
  evidence->set_note(absl::StrCat(kRekeyedNote, old_name));
}

bool WasRekeyedBy(absl::string_view source, const v1::Sanction& sanction) {
  for (const v1::Evidence& evidence : sanction.evidences()) {
    if (evidence.source().target() == source && absl::StartsWith(evidence.note(), kRekeyedNote)) {
      return true;
    }
  }
  return false;
}

}  // namespace communique::importers
