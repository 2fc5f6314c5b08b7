#include "service/domain/valid_states.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/domain/edtf.h"

namespace communique::domain {
namespace {

constexpr absl::CivilDay kBeforeAll = absl::CivilDay::min();
constexpr absl::CivilDay kAfterAll = absl::CivilDay::max();

// The days, inclusive, on which something may have begun and ended. As it stands
// here: nothing is known.
struct Span {
  absl::CivilDay earliest_begin = kBeforeAll;
  absl::CivilDay latest_begin = kAfterAll;
  absl::CivilDay earliest_end = kBeforeAll;
  absl::CivilDay latest_end = kAfterAll;
};

v1::Holds HoldsOn(absl::CivilDay date, const Span& span) {
  if (date < span.earliest_begin || date > span.latest_end) return v1::HOLDS_NO;
  // Nothing ends before it begins.
  const absl::CivilDay begun = std::min(span.latest_begin, span.latest_end);
  const absl::CivilDay not_ended = std::max(span.earliest_end, span.earliest_begin);
  return begun <= date && date <= not_ended ? v1::HOLDS_YES : v1::HOLDS_POSSIBLY;
}

v1::Holds AtMostPossibly(v1::Holds holds) {
  return holds == v1::HOLDS_YES ? v1::HOLDS_POSSIBLY : holds;
}

// --- Times as days -----------------------------------------------------------------

// Not the corners that are stored with a time: those are instants, moved and
// widened by its zones, and here the date counts as it is written.
Span SpanOf(const EdtfMember& member, int64_t tolerance_seconds) {
  Span span;
  if (member.earliest_begin) {
    span.earliest_begin = absl::CivilDay(*member.earliest_begin - tolerance_seconds);
  }
  if (member.latest_begin) {
    span.latest_begin = absl::CivilDay(*member.latest_begin + tolerance_seconds);
  } else if (member.begin == EdtfBoundary::kOpen && !member.earliest_begin) {
    span.latest_begin = kBeforeAll;  // it was always so
  }
  if (member.latest_end) {
    span.latest_end = absl::CivilDay(*member.latest_end + tolerance_seconds);
  }
  if (member.earliest_end) {
    span.earliest_end = absl::CivilDay(*member.earliest_end - tolerance_seconds);
  } else if (member.end == EdtfBoundary::kOpen && !member.latest_end) {
    span.earliest_end = kAfterAll;  // it goes on
  }
  return span;
}

Span Join(EdtfSetKind kind, const Span& a, const Span& b) {
  const bool all = kind == EdtfSetKind::kAllOf;
  return {
      std::min(a.earliest_begin, b.earliest_begin),
      all ? std::min(a.latest_begin, b.latest_begin) : std::max(a.latest_begin, b.latest_begin),
      all ? std::max(a.earliest_end, b.earliest_end) : std::min(a.earliest_end, b.earliest_end),
      std::max(a.latest_end, b.latest_end),
  };
}

// Of an unset time, or one without a date: nothing is known.
Span SpanOf(const v1::FuzzyTime& time) {
  const absl::StatusOr<Edtf> edtf = ParseEdtf(time.edtf());
  if (!edtf.ok()) return {};
  // Rounded up to whole seconds, as where corners are derived.
  const int64_t tolerance = time.tolerance().seconds() + (time.tolerance().nanos() > 0 ? 1 : 0);
  Span whole = SpanOf(edtf->members.front(), tolerance);
  for (const EdtfMember& member : edtf->members) {
    whole = Join(edtf->set_kind, whole, SpanOf(member, tolerance));
  }
  return whole;
}

// From one time, without end.
Span SpanFrom(const v1::FuzzyTime& begin) {
  Span span = SpanOf(begin);
  span.earliest_end = span.latest_end = kAfterAll;
  return span;
}

bool IsEndOpen(const Span& span) { return span.earliest_end == kAfterAll; }

// --- What holds ----------------------------------------------------------------------

v1::Holds Listed(const v1::ListingInterval& interval, absl::CivilDay date) {
  Span span = SpanFrom(interval.listed_time());
  if (interval.has_delisted_time()) {
    const Span delisted = SpanOf(interval.delisted_time());
    span.earliest_end = delisted.earliest_begin;
    span.latest_end = delisted.latest_end;
  }
  return HoldsOn(date, span);
}

v1::Holds InOffice(const v1::Position& position, absl::CivilDay date) {
  const Span span = SpanOf(position.time());
  const v1::Holds holds = HoldsOn(date, span);
  // It has ended since; the writer does not say when.
  const bool ended = position.state() == v1::POSITION_STATE_FORMER && IsEndOpen(span);
  return ended ? AtMostPossibly(holds) : holds;
}

v1::Holds Related(const v1::ActorRelation& relation, absl::CivilDay date) {
  const v1::Holds holds = HoldsOn(date, SpanOf(relation.time()));
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
  const v1::Holds holds = HoldsOn(date, SpanOf(summit.time()));
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
  const Span span = SpanOf(instrument.in_force_time());
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
      Add("in_force", "", HoldsOn(date_, SpanOf(sanction.regime().in_force_time())));
    }
    if (sanction.has_measure()) {
      Add("in_force", "", HoldsOn(date_, SpanOf(sanction.measure().in_force_time())));
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
      Span span = SpanFrom(transition.time());
      if (i + 1 < summit.transitions_size()) {
        const Span next = SpanOf(summit.transitions(i + 1).time());
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
      const v1::Holds holds = Listed(interval, date_);
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

// nullopt unless `text` is digits only.
std::optional<int> ParseDigits(absl::string_view text) {
  int number = 0;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return std::nullopt;
  return absl::SimpleAtoi(text, &number) ? std::optional(number) : std::nullopt;
}

}  // namespace

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
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const std::optional<int> year = ParseDigits(text.substr(0, 4));
    const std::optional<int> month = ParseDigits(text.substr(5, 2));
    const std::optional<int> day = ParseDigits(text.substr(8, 2));
    if (year && month && day && *year >= 1) {
      const absl::CivilDay date(*year, *month, *day);
      // A civil day makes 2023-03-02 of 2023-02-30.
      if (date.month() == *month && date.day() == *day) return date;
    }
  }
  base::Violations violations;
  violations.Add("scope.valid_date", absl::StrCat(base::Quoted(text),
                                                  " is no date; expected one such as "
                                                  "\"2023-09-12\""));
  return violations.ToStatus();
}

}  // namespace communique::domain
