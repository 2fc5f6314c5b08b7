#include "service/screening/designations.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "service/base/error.h"
#include "service/query/index_terms.h"

namespace communique::screening {
namespace {

using google::protobuf::Descriptor;

// The path of a field below the record: "sanction", "designation", "actor", ...
query::FieldPath PathTo(std::initializer_list<const char*> steps) {
  query::FieldPath path;
  const Descriptor* type = v1::Record::descriptor();
  for (const char* step : steps) {
    path.push_back(type->FindFieldByName(step));
    type = path.back()->message_type();
  }
  return path;
}

domain::DaySpan ListingSpanOf(const v1::ListingInterval& interval) {
  domain::DaySpan span = domain::DaySpanOf(interval.listed_time());
  span.earliest_end = span.latest_end = domain::kAfterAllDays;
  if (interval.has_delisted_time()) {
    const domain::DaySpan delisted = domain::DaySpanOf(interval.delisted_time());
    span.earliest_end = delisted.earliest_begin;
    span.latest_end = delisted.latest_end;
  }
  return span;
}

}  // namespace

v1::Holds DesignationDigest::ListedOn(absl::CivilDay date) const {
  if (listings.empty()) return v1::HOLDS_POSSIBLY;
  v1::Holds surest = v1::HOLDS_NO;
  for (const domain::DaySpan& span : listings) {
    surest = std::min(surest, domain::HoldsOn(date, span));  // YES, POSSIBLY, NO
  }
  return surest;
}

size_t DesignationDigest::Bytes() const {
  return sizeof *this + authority.capacity() + regime.capacity() +
         listings.size() * sizeof(domain::DaySpan);
}

DesignationDigest DigestOf(const v1::Designation& designation) {
  DesignationDigest digest;
  digest.authority = designation.authority().target();
  digest.regime = designation.regime().target();
  for (const v1::ListingInterval& interval : designation.intervals()) {
    digest.listings.push_back(ListingSpanOf(interval));
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
      actor_path_(
          view.index().hasher().PathOf(PathTo({"sanction", "designation", "actor", "target"}))) {}

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

absl::StatusOr<std::string> DesignationFinder::AuthorityOfRegime(const std::string& regime) {
  if (regime.empty()) return regime;
  const auto known = regime_authorities_.find(regime);
  if (known != regime_authorities_.end()) return known->second;
  std::string authority;
  const auto live = SurvivorOf(regime);
  if (!live.ok()) return live.status();
  if (!live->empty()) {
    const auto found = view_.Get(*live);
    if (!found.ok()) return found.status();
    const auto record = found->Parse();
    if (!record.ok()) return record.status();
    authority = record->sanction().regime().authority().target();
  }
  regime_authorities_.emplace(regime, authority);
  return authority;
}

absl::StatusOr<bool> DesignationFinder::IsOfFilter(const DesignationDigest& digest) {
  if (!filter_.authorities.empty()) {
    auto authority = digest.authority.empty() ? AuthorityOfRegime(digest.regime)
                                              : absl::StatusOr<std::string>(digest.authority);
    if (authority.ok()) authority = SurvivorOf(*authority);
    if (!authority.ok()) return authority.status();
    if (!filter_.authorities.contains(*authority)) return false;
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
    for (const query::VersionPlace& place :
         view_.index().FindWith(term, view_.revision(), kMaxDesignationsPerActor)) {
      const auto digest = Digest(place);
      if (!digest.ok()) return digest.status();
      const auto wanted = IsOfFilter(**digest);
      if (!wanted.ok()) return wanted.status();
      if (!*wanted) continue;
      result.newest_revision = std::max(result.newest_revision, place.revision);
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
