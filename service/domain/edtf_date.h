// One date of an EDTF text: its grammar, its validity and the span of civil
// time it covers. For the parser's own files only; see edtf.h for the rules.

#ifndef COMMUNIQUE_SERVICE_DOMAIN_EDTF_DATE_H_
#define COMMUNIQUE_SERVICE_DOMAIN_EDTF_DATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "service/domain/edtf.h"
#include "service/domain/edtf_cursor.h"

namespace communique::domain::internal {

struct EdtfDate {
  size_t offset = 0;  // where it starts in the text, in bytes
  int level = 0;
  EdtfPrecision precision = EdtfPrecision::kYear;
  bool uncertain = false;
  bool approximate = false;
  bool unspecified = false;  // has an X
  bool long_year = false;    // has a Y or an S
  std::optional<int> utc_offset_seconds;

  // The span it covers, inclusive, widened by `~` and `%`.
  absl::CivilSecond earliest;
  absl::CivilSecond latest;

  // For the order of two dates, not widened: the first second of the earliest
  // and of the latest value it may stand for.
  absl::CivilSecond first_start;
  absl::CivilSecond last_start;
  // For two seasons without hemisphere, which have an order but no months of
  // their own: 21 to 24 and the years it may stand for; otherwise 0.
  int season = 0;
  int64_t first_year = 0;
  int64_t last_year = 0;

  // A bare date, such as may stand beside `..` in a set.
  bool IsPlain() const {
    return !uncertain && !approximate && !unspecified && !long_year &&
           (precision == EdtfPrecision::kYear ||
            precision == EdtfPrecision::kMonth ||
            precision == EdtfPrecision::kDay);
  }
};

// Consumes the longest date or date-time at `cursor`.
absl::StatusOr<EdtfDate> ParseDate(Cursor& cursor);

// Whether `end` certainly precedes `begin`, as ParseEdtf's comment defines it.
bool IsReversed(const EdtfDate& begin, const EdtfDate& end);

}  // namespace communique::domain::internal

#endif  // COMMUNIQUE_SERVICE_DOMAIN_EDTF_DATE_H_
