#include "service/domain/fuzzy_time.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/domain/edtf.h"
#include "service/domain/time_corners.h"

namespace communique::domain {
namespace {

constexpr size_t kMaxTimeTextBytes = 1024;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// The enums are the same; the schema's is the one that grows.
PartOfDay ToPartOfDay(v1::PartOfDay part) {
  switch (part) {
    case v1::PART_OF_DAY_EARLY_MORNING:
      return PartOfDay::kEarlyMorning;
    case v1::PART_OF_DAY_MORNING:
      return PartOfDay::kMorning;
    case v1::PART_OF_DAY_NOON:
      return PartOfDay::kNoon;
    case v1::PART_OF_DAY_AFTERNOON:
      return PartOfDay::kAfternoon;
    case v1::PART_OF_DAY_EVENING:
      return PartOfDay::kEvening;
    case v1::PART_OF_DAY_NIGHT:
      return PartOfDay::kNight;
    case v1::PART_OF_DAY_DAYTIME:
      return PartOfDay::kDaytime;
    case v1::PART_OF_DAY_MIDNIGHT:
      return PartOfDay::kMidnight;
    default:
      return PartOfDay::kUnspecified;
  }
}

// Writes the derived corner, or says that the given one disagrees.
void SetCorner(bool given, const google::protobuf::Timestamp& old, std::optional<int64_t> derived,
               absl::string_view path, absl::string_view name,
               google::protobuf::Timestamp* (*mutable_corner)(v1::FuzzyTime&),
               v1::FuzzyTime& time, base::Violations& violations) {
  if (given && (!derived || old.seconds() != *derived || old.nanos() != 0)) {
    violations.Add(absl::StrCat(path, ".", name),
                   "disagrees with the corner derived from edtf, part_of_day, time_zones and "
                   "tolerance; leave it unset");
    return;
  }
  if (derived) mutable_corner(time)->set_seconds(*derived);
}

}  // namespace

void NormalizeFuzzyTime(v1::FuzzyTime& time, absl::string_view path, base::Violations& violations) {
  if (time.text().empty() && time.edtf().empty()) {
    violations.Add(path, "a time needs text, edtf or both");
    return;
  }
  if (time.text().size() > kMaxTimeTextBytes) {
    violations.Add(absl::StrCat(path, ".text"),
                   absl::StrCat("is longer than ", kMaxTimeTextBytes, " bytes"));
  }
  if (!time.anchor_date().empty()) {
    const auto anchor = ParseEdtf(time.anchor_date());
    if (!anchor.ok()) {
      violations.Add(absl::StrCat(path, ".anchor_date"), anchor.status().message());
    }
  }
  if (!time.time_zones().empty()) {
    CornerInput zones;
    zones.edtf = "2000";  // any time will do: it is the zones that are looked at
    zones.time_zones.assign(time.time_zones().begin(), time.time_zones().end());
    if (const auto checked = DeriveCorners(zones); !checked.ok()) {
      violations.Add(absl::StrCat(path, ".time_zones"), checked.status().message());
      return;
    }
  }
  const bool any_corner = time.has_earliest_begin_time() || time.has_latest_begin_time() ||
                          time.has_earliest_end_time() || time.has_latest_end_time();
  if (time.has_earliest_begin_time() && time.has_latest_end_time() &&
      time.earliest_begin_time().seconds() > time.latest_end_time().seconds()) {
    violations.Add(path, "begins after its end");
    return;
  }
  if (time.edtf().empty()) {
    if (time.part_of_day() != v1::PART_OF_DAY_UNSPECIFIED) {
      violations.Add(absl::StrCat(path, ".part_of_day"), "needs an edtf of day precision");
    }
    if (any_corner) {
      violations.Add(path, "corners are derived from edtf, which is empty; leave them unset");
    }
    return;
  }
  CornerInput input;
  input.edtf = time.edtf();
  input.part_of_day = ToPartOfDay(time.part_of_day());
  input.time_zones.assign(time.time_zones().begin(), time.time_zones().end());
  input.tolerance = ToDuration(time.tolerance());
  const auto corners = DeriveCorners(input);
  if (!corners.ok()) {
    violations.Add(absl::StrCat(path, ".edtf"), corners.status().message());
    return;
  }
  using Time = v1::FuzzyTime;
  SetCorner(time.has_earliest_begin_time(), time.earliest_begin_time(), corners->earliest_begin,
            path, "earliest_begin_time", [](Time& t) { return t.mutable_earliest_begin_time(); },
            time, violations);
  SetCorner(time.has_latest_begin_time(), time.latest_begin_time(), corners->latest_begin, path,
            "latest_begin_time", [](Time& t) { return t.mutable_latest_begin_time(); }, time,
            violations);
  SetCorner(time.has_earliest_end_time(), time.earliest_end_time(), corners->earliest_end, path,
            "earliest_end_time", [](Time& t) { return t.mutable_earliest_end_time(); }, time,
            violations);
  SetCorner(time.has_latest_end_time(), time.latest_end_time(), corners->latest_end, path,
            "latest_end_time", [](Time& t) { return t.mutable_latest_end_time(); }, time,
            violations);
}

bool CertainlyAfter(const v1::FuzzyTime& a, const v1::FuzzyTime& b) {
  return a.has_earliest_begin_time() && b.has_latest_end_time() &&
         a.earliest_begin_time().seconds() > b.latest_end_time().seconds();
}

bool IsIsoDuration(absl::string_view text) {
  if (text.size() < 3 || text[0] != 'P') return false;
  text.remove_prefix(1);
  constexpr absl::string_view kDateUnits = "YMWD";
  constexpr absl::string_view kTimeUnits = "HMS";
  bool in_time = false;
  bool any = false;
  bool fraction = false;
  size_t next_unit = 0;
  while (!text.empty()) {
    if (text[0] == 'T') {
      if (in_time || text.size() == 1) return false;
      in_time = true;
      next_unit = 0;
      text.remove_prefix(1);
      continue;
    }
    if (fraction) return false;  // only the last number may have one
    size_t digits = 0;
    while (digits < text.size() && (absl::ascii_isdigit(text[digits]) || text[digits] == '.')) {
      fraction = fraction || text[digits] == '.';
      ++digits;
    }
    if (digits == 0 || digits == text.size() || !absl::ascii_isdigit(text[0]) ||
        !absl::ascii_isdigit(text[digits - 1]) ||
        text.substr(0, digits).find('.') != text.substr(0, digits).rfind('.')) {
      return false;
    }
    const size_t unit = (in_time ? kTimeUnits : kDateUnits).find(text[digits], next_unit);
    if (unit == absl::string_view::npos) return false;
    next_unit = unit + 1;
    any = true;
    text.remove_prefix(digits + 1);
  }
  return any;
}

}  // namespace communique::domain
