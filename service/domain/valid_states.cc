#include "service/domain/valid_states.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/domain/day_span.h"

namespace communique::domain {
namespace {

v1::Holds AtMostPossibly(v1::Holds holds) {
  return holds == v1::HOLDS_YES ? v1::HOLDS_POSSIBLY : holds;
}

// From one time, without end.
DaySpan SpanFrom(const v1::FuzzyTime& begin) {
  DaySpan span = DaySpanOf(begin);
  span.earliest_end = span.latest_end = kAfterAllDays;
  return span;
}

bool IsEndOpen(const DaySpan& span) { return span.earliest_end == kAfterAllDays; }

// --- What holds ----------------------------------------------------------------------

v1::Holds InOffice(const v1::Position& position, absl::CivilDay date) {
  const DaySpan span = DaySpanOf(position.time());
  const v1::Holds holds = HoldsOn(date, span);
  // It has ended since; the writer does not say when.
  const bool ended = position.state() == v1::POSITION_STATE_FORMER && IsEndOpen(span);
  return ended ? AtMostPossibly(holds) : holds;
}

v1::Holds Related(const v1::ActorRelation& relation, absl::CivilDay date) {
  const v1::Holds holds = HoldsOn(date, DaySpanOf(relation.time()));
  switch (relation.modality()) {
    case v1::MODALITY_UNSPECIFIED:
    case v1::MODALITY_ASSERTED:
    case v1::MODALITY_CONFIRMED:
      return holds;
    default:
      return AtMostPossibly(holds);
  }
}

v1::Holds UnderWay(const v1::Summit& summit, absl::CivilDay date) {
  const v1::Holds holds = HoldsOn(date, DaySpanOf(summit.time()));
  switch (summit.state()) {
    case v1::SUMMIT_STATE_CANCELLED:
    case v1::SUMMIT_STATE_DENIED:
    case v1::SUMMIT_STATE_POSTPONED:
      return v1::HOLDS_NO;
    case v1::SUMMIT_STATE_SPECULATED:
    case v1::SUMMIT_STATE_REPORTED:
    case v1::SUMMIT_STATE_INTENDED:
    case v1::SUMMIT_STATE_ANNOUNCED:
      return AtMostPossibly(holds);
    default:
      return holds;
  }
}

v1::Holds InForce(const v1::Instrument& instrument, absl::CivilDay date) {
  const DaySpan span = DaySpanOf(instrument.in_force_time());
  const v1::Holds holds = HoldsOn(date, span);
  switch (instrument.state()) {
    case v1::INSTRUMENT_STATE_DRAFT:
    case v1::INSTRUMENT_STATE_REJECTED:
    case v1::INSTRUMENT_STATE_VETOED:
      return v1::HOLDS_NO;
    case v1::INSTRUMENT_STATE_REPEALED:
      return IsEndOpen(span) ? AtMostPossibly(holds) : holds;
    default:
      return holds;
  }
}

// "state.announced".
std::string StateName(v1::SummitState state) {
  const std::string& name = v1::SummitState_Name(state);
  const absl::string_view short_name = absl::StripPrefix(name, "SUMMIT_STATE_");
  return absl::StrCat("state.", name.empty() ? absl::StrCat(static_cast<int>(state))
                                             : absl::AsciiStrToLower(short_name));
}

// --- Of each kind --------------------------------------------------------------------

class States {
 public:
  explicit States(absl::CivilDay date) : date_(date) {}

  void Add(const v1::Sanction& sanction) {
    if (sanction.has_designation()) AddListings(sanction.designation());
    if (sanction.has_regime()) {
      Add("in_force", "", HoldsOn(date_, DaySpanOf(sanction.regime().in_force_time())));
    }
    if (sanction.has_measure()) {
      Add("in_force", "", HoldsOn(date_, DaySpanOf(sanction.measure().in_force_time())));
    }
  }

  void Add(const v1::Actor& actor) {
    for (const auto& position : actor.positions()) {
      Add("in_office", position.id(), InOffice(position, date_));
    }
    for (const auto& relation : actor.relations()) {
      Add("related", relation.id(), Related(relation, date_));
    }
  }

  void Add(const v1::Summit& summit) {
    Add("under_way", "", UnderWay(summit, date_));
    for (int i = 0; i < summit.transitions_size(); ++i) {
      const v1::StateTransition& transition = summit.transitions(i);
      DaySpan span = SpanFrom(transition.time());
      if (i + 1 < summit.transitions_size()) {
        const DaySpan next = DaySpanOf(summit.transitions(i + 1).time());
        span.earliest_end = next.earliest_begin;
        span.latest_end = next.latest_begin;
      }
      Add(StateName(transition.to_state()), transition.id(), HoldsOn(date_, span));
    }
  }

  void Add(const v1::Source& source) {
    if (source.has_instrument()) Add("in_force", "", InForce(source.instrument(), date_));
  }

  std::vector<v1::ComputedState> Take() { return std::move(states_); }

 private:
  void AddListings(const v1::Designation& designation) {
    // Without an interval it is not known when it was listed.
    v1::Holds any = designation.intervals().empty() ? v1::HOLDS_POSSIBLY : v1::HOLDS_NO;
    for (const auto& interval : designation.intervals()) {
      const v1::Holds holds = ListedOn(interval, date_);
      Add("listed", interval.id(), holds);
      any = std::min(any, holds);  // YES, POSSIBLY, NO
    }
    Add("listed", "", any);
  }

  void Add(absl::string_view state, absl::string_view element_id, v1::Holds holds) {
    v1::ComputedState& added = states_.emplace_back();
    added.set_state(std::string(state));
    added.set_element_id(std::string(element_id));
    added.set_holds(holds);
  }

  const absl::CivilDay date_;
  std::vector<v1::ComputedState> states_;
};

}  // namespace

ListingSpan ListingSpanOf(const v1::ListingInterval& interval) {
  ListingSpan listing{SpanFrom(interval.listed_time()), interval.suspended()};
  if (interval.has_delisted_time()) {
    const DaySpan delisted = DaySpanOf(interval.delisted_time());
    listing.days.earliest_end = delisted.earliest_begin;
    listing.days.latest_end = delisted.latest_end;
  }
  return listing;
}

v1::Holds ListedOn(const ListingSpan& listing, absl::CivilDay date) {
  const v1::Holds holds = HoldsOn(date, listing.days);
  // Since when, nobody says.
  return listing.suspended ? AtMostPossibly(holds) : holds;
}

v1::Holds ListedOn(const v1::ListingInterval& interval, absl::CivilDay date) {
  return ListedOn(ListingSpanOf(interval), date);
}

std::vector<v1::ComputedState> StatesAt(const v1::Record& record, absl::CivilDay date) {
  States states(date);
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      states.Add(record.summit());
      break;
    case v1::Record::kSanction:
      states.Add(record.sanction());
      break;
    case v1::Record::kActor:
      states.Add(record.actor());
      break;
    case v1::Record::kSource:
      states.Add(record.source());
      break;
    case v1::Record::kStatement:
    case v1::Record::KIND_NOT_SET:
      break;
  }
  return states.Take();
}

absl::StatusOr<absl::CivilDay> ParseValidDate(absl::string_view text) {
  if (const auto date = ParseDay(text)) return *date;
  base::Violations violations;
  violations.Add("scope.valid_date", absl::StrCat(base::Quoted(text),
                                                  " is no date; expected one such as "
                                                  "\"2023-09-12\""));
  return violations.ToStatus();
}

}  // namespace communique::domain
