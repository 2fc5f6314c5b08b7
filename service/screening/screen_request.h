#ifndef COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_
#define COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_

#include <cstddef>

#include "absl/status/status.h"
#include "communique/v1/screening.pb.h"

namespace communique::screening {

// Limits of a ScreenRequest. Those that face users also stand in screening.proto.

// Queries in one request.
inline constexpr int kMaxScreenQueries = 100;
// Names of one query.
inline constexpr int kMaxQueryNames = 20;
// Bytes of a query's name: as many as are looked at.
inline constexpr size_t kMaxQueryNameBytes = 1024;
// Bytes of a query's id.
inline constexpr size_t kMaxQueryIdBytes = 256;
// Region codes, and identifiers, of one query; bytes of an identifier and its type.
inline constexpr int kMaxQueryRegions = 20;
inline constexpr int kMaxQueryIdentifiers = 20;
inline constexpr size_t kMaxQueryIdentifierBytes = 256;
// Matches of one query, and how many when none is asked for.
inline constexpr int kMaxMatches = 100;
inline constexpr int kDefaultMatches = 5;
// Authorities, and regimes, that designations may be of.
inline constexpr int kMaxScreenFilters = 100;
// Actors that are left out; each is resolved once for a request.
inline constexpr int kMaxExcludedActors = 1000;

// What is wrong with a request by itself, every violation of it.
absl::Status CheckScreenRequest(const v1::ScreenRequest& request);

// Fills in what the request leaves to the server. Requires that it was checked.
void FillDefaults(v1::ScreenRequest& request);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_
