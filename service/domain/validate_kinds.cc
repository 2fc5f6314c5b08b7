#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/domain/fuzzy_time.h"
#include "service/domain/names.h"
#include "service/domain/validate.h"

namespace communique::domain {
namespace {

void Require(bool present, absl::string_view path, absl::string_view field,
             base::Violations& violations) {
  if (!present) violations.Add(absl::StrCat(path, ".", field), "is required");
}

// A reference that must lead to one kind, when it leads anywhere.
void RequireKind(const v1::Reference& reference, v1::RecordKind kind, absl::string_view path,
                 absl::string_view field, base::Violations& violations) {
  const auto target = ParseReferenceTarget(reference.target());
  if (target && KindOfName(target->name) != kind) {
    violations.Add(absl::StrCat(path, ".", field),
                   absl::StrCat("must refer to one of ", CollectionOf(kind)));
  }
}

void ValidateResolution(const v1::Resolution& resolution, absl::string_view path,
                        base::Violations& violations) {
  Require(resolution.outcome() != v1::RESOLUTION_OUTCOME_UNSPECIFIED, path, "resolution.outcome",
          violations);
}

void ValidateDesignation(const v1::Designation& designation, absl::string_view path,
                         base::Violations& violations) {
  Require(designation.has_regime(), path, "regime", violations);
  RequireKind(designation.regime(), v1::RECORD_KIND_SANCTION, path, "regime", violations);
  Require(designation.has_actor(), path, "actor", violations);
  RequireKind(designation.actor(), v1::RECORD_KIND_ACTOR, path, "actor", violations);
  for (int i = 0; i < designation.intervals_size(); ++i) {
    const v1::ListingInterval& interval = designation.intervals(i);
    const std::string where = absl::StrCat(path, ".intervals[", interval.id(), "]");
    if (interval.has_listed_time() && interval.has_delisted_time() &&
        CertainlyAfter(interval.listed_time(), interval.delisted_time())) {
      violations.Add(where, "is delisted before it is listed");
    }
    if (i == 0) continue;
    const v1::ListingInterval& previous = designation.intervals(i - 1);
    if (!previous.has_delisted_time()) {
      violations.Add(where, "follows an interval that is still open");
    } else if (interval.has_listed_time() &&
               CertainlyAfter(previous.delisted_time(), interval.listed_time())) {
      violations.Add(where, "begins before the previous interval has ended");
    }
  }
}

void ValidatePrediction(const v1::Prediction& prediction, const std::string& path,
                        base::Violations& violations) {
  if (prediction.has_question() == prediction.has_proposition()) {
    violations.Add(path, "needs either a question or a proposition of its own");
  }
  if (prediction.has_resolution()) {
    ValidateResolution(prediction.resolution(), path, violations);
    if (prediction.has_question()) {
      violations.Add(absl::StrCat(path, ".resolution"),
                     "must be unset: a question is resolved once, where it stands");
    }
  }
}

}  // namespace

void ValidateSummit(const v1::Summit& summit, absl::string_view path,
                    base::Violations& violations) {
  Require(!summit.title().empty(), path, "title", violations);
  absl::flat_hash_set<absl::string_view> announcements, legs, transactions;
  for (const auto& announcement : summit.announcements()) announcements.insert(announcement.id());
  for (const auto& transaction : summit.transactions()) transactions.insert(transaction.id());
  for (const auto& transition : summit.transitions()) {
    const std::string where = absl::StrCat(path, ".transitions[", transition.id(), "]");
    Require(transition.to_state() != v1::SUMMIT_STATE_UNSPECIFIED, where, "to_state", violations);
    if (!transition.announcement_id().empty() &&
        !announcements.contains(transition.announcement_id())) {
      violations.Add(absl::StrCat(where, ".announcement_id"), "names no announcement");
    }
  }
  for (const auto& item : summit.agenda()) {
    if (!item.transaction_id().empty() && !transactions.contains(item.transaction_id())) {
      violations.Add(absl::StrCat(path, ".agenda[", item.id(), "].transaction_id"),
                     "names no transaction");
    }
  }
  if (summit.series().number() < 0) {
    violations.Add(absl::StrCat(path, ".series.number"), "is negative");
  }
  for (const auto& itinerary : summit.itineraries()) {
    for (const auto& leg : itinerary.legs()) {
      legs.insert(leg.id());
      if (leg.has_departure() && leg.has_arrival() &&
          CertainlyAfter(leg.departure(), leg.arrival())) {
        violations.Add(
            absl::StrCat(path, ".itineraries[", itinerary.id(), "].legs[", leg.id(), "]"),
            "departs after it arrives");
      }
    }
  }
  for (const auto& event : summit.sub_events()) {
    if (!event.leg_id().empty() && !legs.contains(event.leg_id())) {
      violations.Add(absl::StrCat(path, ".sub_events[", event.id(), "].leg_id"), "names no leg");
    }
  }
}

void ValidateSanction(const v1::Sanction& sanction, absl::string_view path,
                      base::Violations& violations) {
  Require(!sanction.title().empty(), path, "title", violations);
  switch (sanction.detail_case()) {
    case v1::Sanction::kRegime:
      Require(sanction.regime().has_authority(), path, "regime.authority", violations);
      break;
    case v1::Sanction::kMeasure:
      Require(sanction.measure().has_regime(), path, "measure.regime", violations);
      RequireKind(sanction.measure().regime(), v1::RECORD_KIND_SANCTION, path, "measure.regime",
                  violations);
      break;
    case v1::Sanction::kDesignation:
      ValidateDesignation(sanction.designation(), absl::StrCat(path, ".designation"), violations);
      break;
    case v1::Sanction::DETAIL_NOT_SET:
      violations.Add(path, "is one of regime, measure, designation");
      break;
  }
}

void ValidateStatement(const v1::Statement& statement, absl::string_view path,
                       base::Violations& violations) {
  Require(!statement.title().empty(), path, "title", violations);
  Require(statement.has_speaker(), path, "speaker", violations);
  for (int i = 0; i < statement.segments_size(); ++i) {
    const v1::Segment& segment = statement.segments(i);
    const std::string where = absl::StrCat(
        path, ".segments[", segment.id().empty() ? absl::StrCat(i) : segment.id(), "]");
    Require(segment.kind() != v1::SEGMENT_KIND_UNSPECIFIED, where, "kind", violations);
    const bool omission = segment.kind() == v1::SEGMENT_KIND_OMISSION;
    if (omission != segment.text().empty()) {
      violations.Add(absl::StrCat(where, ".text"),
                     omission ? "must be empty in an omission" : "is required");
    }
  }
  for (const auto& claim : statement.claims()) {
    const std::string where = absl::StrCat(path, ".claims[", claim.id(), "]");
    Require(claim.has_proposition(), where, "proposition", violations);
    if (claim.has_resolution()) ValidateResolution(claim.resolution(), where, violations);
  }
  for (const auto& question : statement.questions()) {
    const std::string where = absl::StrCat(path, ".questions[", question.id(), "]");
    Require(question.has_proposition(), where, "proposition", violations);
    if (question.has_resolution()) ValidateResolution(question.resolution(), where, violations);
  }
  for (const auto& prediction : statement.predictions()) {
    ValidatePrediction(prediction, absl::StrCat(path, ".predictions[", prediction.id(), "]"),
                       violations);
  }
  for (const auto& stance : statement.stances()) {
    const std::string where = absl::StrCat(path, ".stances[", stance.id(), "]");
    Require(stance.has_target(), where, "target", violations);
    Require(stance.kind() != v1::STANCE_KIND_UNSPECIFIED, where, "kind", violations);
  }
}

void ValidateActor(const v1::Actor& actor, absl::string_view path, base::Violations& violations) {
  Require(!actor.display_name().empty(), path, "display_name", violations);
  absl::flat_hash_set<absl::string_view> names;
  for (int i = 0; i < actor.names_size(); ++i) {
    names.insert(actor.names(i).id());
    Require(!actor.names(i).text().empty(), absl::StrCat(path, ".names[", i, "]"), "text",
            violations);
  }
  for (int i = 0; i < actor.births_size(); ++i) {
    const std::string& name_id = actor.births(i).name_id();
    if (!name_id.empty() && !names.contains(name_id)) {
      violations.Add(absl::StrCat(path, ".births[", i, "].name_id"), "names no name");
    }
  }
  for (int i = 0; i < actor.identifiers_size(); ++i) {
    Require(!actor.identifiers(i).value().empty(), absl::StrCat(path, ".identifiers[", i, "]"),
            "value", violations);
  }
  for (const auto& relation : actor.relations()) {
    const std::string where = absl::StrCat(path, ".relations[", relation.id(), "]");
    Require(relation.has_actor(), where, "actor", violations);
    if (!(relation.share_percent() >= 0 && relation.share_percent() <= 100)) {
      violations.Add(absl::StrCat(where, ".share_percent"), "is 0 to 100");
    }
  }
}

void ValidateSource(const v1::Source& source, absl::string_view path,
                    base::Violations& violations) {
  Require(!source.title().empty(), path, "title", violations);
  for (const auto& revision : source.revisions()) {
    if (revision.length() < 0) {
      violations.Add(absl::StrCat(path, ".revisions[", revision.id(), "].length"), "is negative");
    }
  }
  if (source.type() == v1::SOURCE_TYPE_LIST_VERSION) {
    Require(source.has_list_version(), path, "list_version", violations);
  }
}

}  // namespace communique::domain
