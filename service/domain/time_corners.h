// From a fuzzy time to instants: when something may have begun and ended, in
// UTC, given what is known of the day, the hour and the zone (DESIGN.md,
// section 2, "Time is fuzzy").

#ifndef COMMUNIQUE_SERVICE_DOMAIN_TIME_CORNERS_H_
#define COMMUNIQUE_SERVICE_DOMAIN_TIME_CORNERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace communique::domain {

// What google.protobuf.Timestamp can hold, and what every corner is clamped
// to: 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in Unix seconds.
inline constexpr int64_t kMinCornerSeconds = -62'135'596'800;
inline constexpr int64_t kMaxCornerSeconds = 253'402'300'799;

// The widest tolerance: beyond ten years (of 365.25 days, rounded up) a coarser
// EDTF date says the same, and says it to readers too.
inline constexpr absl::Duration kMaxTolerance = absl::Hours(24 * 3653);

// The most zones one time may be in: more than any country has, so that "one of
// its zones" fits.
inline constexpr size_t kMaxTimeZones = 16;

// The longest zone name, in bytes: IANA's are at most 32.
inline constexpr size_t kMaxTimeZoneBytes = 64;

// Where local clocks are when the zone is unknown: from UTC-12:00 (Baker
// Island) to UTC+14:00 (Kiribati), in seconds east of UTC.
inline constexpr int kWesternmostOffsetSeconds = -12 * 3600;
inline constexpr int kEasternmostOffsetSeconds = 14 * 3600;

enum class PartOfDay {
  kUnspecified,
  kEarlyMorning,
  kMorning,
  kNoon,
  kAfternoon,
  kEvening,
  kNight,
  kDaytime,
  kMidnight,
};

// The local hours a part of day covers: from `from_hour` inclusive to `to_hour`
// exclusive, counted from the day's midnight; above 24 it is the next day.
// Bands overlap on purpose: a corner has to hold for every speaker's use.
struct PartOfDayBand {
  PartOfDay part;
  int from_hour;
  int to_hour;
};

// In the enum's order.
inline constexpr PartOfDayBand kPartOfDayBands[] = {
    // The whole day, as when nothing is said.
    {PartOfDay::kUnspecified, 0, 24},
    // Around sunrise, before office hours.
    {PartOfDay::kEarlyMorning, 4, 8},
    // From when people get up to when they have lunch.
    {PartOfDay::kMorning, 5, 12},
    // An hour around twelve, and lunch.
    {PartOfDay::kNoon, 11, 14},
    // From twelve until offices close.
    {PartOfDay::kAfternoon, 12, 18},
    // From late afternoon, when a winter's sun is down, until people go to bed.
    {PartOfDay::kEvening, 17, 22},
    // From dusk to dawn of the next day: the night that follows the date.
    {PartOfDay::kNight, 18, 30},
    // The day half of the clock.
    {PartOfDay::kDaytime, 6, 18},
    // The midnight that starts the date or the one that ends it, for writers
    // mean either, and the hour after.
    {PartOfDay::kMidnight, 0, 25},
};

// Unix seconds UTC, inclusive; nullopt is unbounded (an open or unknown begin
// or end). Each pair is ordered: earliest <= latest where both are there.
struct Corners {
  std::optional<int64_t> earliest_begin;
  std::optional<int64_t> latest_begin;
  std::optional<int64_t> earliest_end;
  std::optional<int64_t> latest_end;

  friend bool operator==(const Corners&, const Corners&) = default;
};

struct CornerInput {
  // See edtf.h.
  absl::string_view edtf;

  // Narrows each date of `edtf` to hours of its day, before any widening but
  // that of `~`. An error unless every date is as fine as a day and none has a
  // time of day.
  PartOfDay part_of_day = PartOfDay::kUnspecified;

  // The zones whose clocks `edtf` and `part_of_day` are read on, each an IANA
  // name ("Asia/Pyongyang") or an offset ("+09:00", "-03:30", "Z"). Several say
  // that it is one of them: the corners are the widest. None says that it is
  // unknown: the corners hold for every zone on earth. An offset inside `edtf`
  // wins over all of them, which have to be valid even so.
  std::vector<std::string> time_zones = {};

  // Moves each corner outwards, rounded up to whole seconds; from 0 to
  // kMaxTolerance.
  absl::Duration tolerance = absl::ZeroDuration();
};

// The corners of the whole text, clamped to kMinCornerSeconds and
// kMaxCornerSeconds, so that a time beyond them collapses onto the limit. A
// one-of set begins and ends as any of its members may; an all-of set begins
// with the first of its members and ends with the last.
//
// A local time that a zone's clocks skip is taken as the instant of the jump; a
// time they show twice as the earlier of the two for an earliest corner, and as
// the later for a latest one.
//
// Errors are INVALID_ARGUMENT: those of ParseEdtf, as they are; a part of day
// on what is not a day; a zone that is unknown, which is named; a tolerance or
// a number of zones beyond its limit.
absl::StatusOr<Corners> DeriveCorners(const CornerInput& input);

// The corners of each member, in the text's order; one where it is no set.
// Errors as those of DeriveCorners.
absl::StatusOr<std::vector<Corners>> DeriveMembers(const CornerInput& input);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_TIME_CORNERS_H_
