#include "service/screening/designations.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/query/index_terms.h"
#include "service/store/errors.h"

namespace communique::screening {
v1::Holds DesignationDigest::ListedOn(absl::CivilDay date) const {
  if (listings.empty()) return v1::HOLDS_POSSIBLY;
  v1::Holds surest = v1::HOLDS_NO;
  for (const domain::ListingSpan& listing : listings) {
    surest = std::min(surest, domain::ListedOn(listing, date));  // YES, POSSIBLY, NO
  }
  return surest;
}

size_t DesignationDigest::Bytes() const {
  return sizeof *this + authority.capacity() + regime.capacity() +
         listings.size() * sizeof(domain::ListingSpan);
}

DesignationDigest DigestOf(const v1::Designation& designation) {
  DesignationDigest digest;
  digest.authority = designation.authority().target();
  digest.regime = designation.regime().target();
  for (const v1::ListingInterval& interval : designation.intervals()) {
    digest.listings.push_back(domain::ListingSpanOf(interval));
  }
  return digest;
}

absl::StatusOr<std::string> LiveNameOf(const store::ReadView& view, const std::string& name) {
  const auto found = view.Get(name);
  if (found.ok()) return found->name;
  const v1::ErrorReason reason = base::ReasonOf(found.status());
  if (reason == v1::ERROR_REASON_RECORD_NOT_FOUND || reason == v1::ERROR_REASON_RECORD_DELETED) {
    return std::string();
  }
  return found.status();
}

DesignationFinder::DesignationFinder(const store::ReadView& view, const DesignationFilter& filter,
                                     DesignationCache& cache)
    : view_(view),
      filter_(filter),
      cache_(cache),
      actor_path_(view.index().hasher().PathOf(
          query::PathTo({"sanction", "designation", "actor", "target"}))) {}

absl::StatusOr<DesignationCache::Ptr> DesignationFinder::Digest(const query::VersionPlace& place) {
  if (DesignationCache::Ptr held = cache_.Find(place)) return held;
  const auto found = view_.ReadVersion(place.name, place.revision, place.ordinal);
  if (!found.ok()) return found.status();
  const auto record = found->Parse();
  if (!record.ok()) return record.status();
  auto digest =
      std::make_shared<const DesignationDigest>(DigestOf(record->sanction().designation()));
  cache_.Insert(place, digest);
  return DesignationCache::Ptr(digest);
}

absl::StatusOr<std::string> DesignationFinder::SurvivorOf(const std::string& name) {
  if (name.empty()) return name;
  const auto known = survivors_.find(name);
  if (known != survivors_.end()) return known->second;
  auto survivor = LiveNameOf(view_, name);
  if (survivor.ok()) survivors_.emplace(name, *survivor);
  return survivor;
}

absl::StatusOr<DesignationFinder::RegimeAuthority> DesignationFinder::AuthorityOfRegime(
    const std::string& regime) {
  RegimeAuthority of;
  if (regime.empty()) return of;
  const auto known = regime_authorities_.find(regime);
  if (known != regime_authorities_.end()) return known->second;
  const auto live = SurvivorOf(regime);
  if (!live.ok()) return live.status();
  if (!live->empty()) {
    const auto found = view_.Get(*live);
    if (!found.ok()) return found.status();
    const auto record = found->Parse();
    if (!record.ok()) return record.status();
    of = {record->sanction().regime().authority().target(), record->revision()};
  }
  regime_authorities_.emplace(regime, of);
  return of;
}

absl::StatusOr<bool> DesignationFinder::IsOfFilter(const DesignationDigest& digest,
                                                   int64_t& newest_revision) {
  if (!filter_.authorities.empty()) {
    std::string own = digest.authority;
    if (own.empty()) {
      auto of_regime = AuthorityOfRegime(digest.regime);
      if (!of_regime.ok()) return of_regime.status();
      own = std::move(of_regime->authority);
      newest_revision = std::max(newest_revision, of_regime->revision);
    }
    const auto authority = SurvivorOf(own);
    if (!authority.ok()) return authority.status();
    if (!filter_.authorities.contains(*authority)) return false;
    if (filter_.moved.contains(*authority)) newest_revision = view_.revision();
  }
  if (!filter_.regimes.empty()) {
    const auto regime = SurvivorOf(digest.regime);
    if (!regime.ok()) return regime.status();
    if (!filter_.regimes.contains(*regime)) return false;
  }
  return true;
}

absl::StatusOr<ActorDesignations> DesignationFinder::Find(const std::vector<std::string>& names) {
  ActorDesignations result;
  if (!filter_.date) return result;
  for (const std::string& name : names) {
    const uint64_t term = view_.index().hasher().Equals(actor_path_, name);
    const std::vector<query::VersionPlace> places =
        view_.index().FindWith(term, view_.revision(), base::kMaxDesignationsPerActor + 1);
    if (places.size() > base::kMaxDesignationsPerActor) {
      return store::SizeLimit(name, "designations", static_cast<int64_t>(places.size()),
                              base::kMaxDesignationsPerActor);
    }
    for (const query::VersionPlace& place : places) {
      const auto digest = Digest(place);
      if (!digest.ok()) return digest.status();
      int64_t newest_revision = place.revision;
      const auto wanted = IsOfFilter(**digest, newest_revision);
      if (!wanted.ok()) return wanted.status();
      if (!*wanted) continue;
      result.newest_revision = std::max(result.newest_revision, newest_revision);
      const v1::Holds listed = (*digest)->ListedOn(*filter_.date);
      if (listed == v1::HOLDS_NO && !filter_.include_delisted) continue;
      result.listed = std::min(result.listed, listed);
      result.names.push_back(place.name);
    }
  }
  std::sort(result.names.begin(), result.names.end());
  return result;
}

}  // namespace communique::screening
