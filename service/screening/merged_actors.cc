#include "service/screening/merged_actors.h"

#include <algorithm>

namespace communique::screening {
namespace {

// Bodies that are held at once while it is made.
constexpr size_t kAtOnce = 1000;

}  // namespace

absl::StatusOr<std::vector<ActorCache::Ptr>> PrepareAll(
    const store::ReadView& view, const std::vector<query::VersionPlace>& places,
    ActorCache& cache) {
  std::vector<ActorCache::Ptr> actors(places.size());
  std::vector<size_t> missing;
  std::vector<query::VersionPlace> missing_places;
  for (size_t i = 0; i < places.size(); ++i) {
    actors[i] = cache.Find(places[i]);
    if (actors[i] != nullptr) continue;
    missing.push_back(i);
    missing_places.push_back(places[i]);
  }
  if (missing.empty()) return actors;
  absl::Status parsed;
  v1::Record record;  // reused: its fields keep their memory
  const absl::Status read =
      view.ReadVersions(missing_places, [&](size_t i, const store::FoundRecord& found) {
        parsed = found.ParseInto(record);
        if (!parsed.ok()) return false;
        auto prepared = std::make_shared<const PreparedActor>(
            PrepareActor(record.actor(), view.index().hasher()));
        actors[missing[i]] = prepared;
        cache.Insert(missing_places[i], std::move(prepared));
        return true;
      });
  if (!parsed.ok()) return parsed;
  if (!read.ok()) return read;
  return actors;
}

absl::StatusOr<std::shared_ptr<const MergedActors>> MergedActors::Make(const store::ReadView& view,
                                                                       store::MergesPtr merges,
                                                                       ActorCache& cache) {
  std::shared_ptr<MergedActors> made(new MergedActors(std::move(merges)));
  const std::vector<store::Merges::Loser>& losers = made->merges_->losers();
  const query::TermHasher& hasher = view.index().hasher();
  for (size_t from = 0; from < losers.size(); from += kAtOnce) {
    std::vector<query::VersionPlace> places;
    for (size_t i = from; i < std::min(losers.size(), from + kAtOnce); ++i) {
      places.push_back(losers[i].body);
    }
    const auto actors = PrepareAll(view, places, cache);
    if (!actors.ok()) return actors.status();
    for (size_t i = 0; i < actors->size(); ++i) {
      const auto add = [&](uint64_t term) {
        std::vector<uint32_t>& having = made->by_term_[term];
        const auto loser = static_cast<uint32_t>(from + i);
        if (having.empty() || having.back() != loser) having.push_back(loser);
      };
      for (const PreparedName& name : (*actors)[i]->names) {
        for (const uint64_t key : name.keys) add(key);
      }
      for (const Qualifiers::Id& id : (*actors)[i]->qualifiers.front().identifiers) {
        if (!id.value.empty()) add(hasher.IdentifierKey(id.value));
      }
    }
  }
  return std::shared_ptr<const MergedActors>(std::move(made));
}

std::vector<MergedActors::Match> MergedActors::FindBest(absl::Span<const CountedTerm> terms,
                                                        size_t limit) const {
  std::vector<Match> matches;
  if (by_term_.empty()) return matches;
  absl::flat_hash_map<uint32_t, double> overlaps;
  for (const auto& [term, count] : terms) {  // in their order, so that sums come out alike
    const auto having = by_term_.find(term);
    if (having == by_term_.end()) continue;
    for (const uint32_t loser : having->second) overlaps[loser] += count;
  }
  for (const auto& [loser, overlap] : overlaps) {
    matches.push_back({&merges_->losers()[loser], overlap});
  }
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return a.overlap != b.overlap ? a.overlap > b.overlap : a.loser < b.loser;
  });
  if (matches.size() > limit) matches.resize(limit);
  return matches;
}

std::vector<const store::Merges::Loser*> MergedActors::FindWith(uint64_t term, size_t limit) const {
  std::vector<const store::Merges::Loser*> losers;
  const auto having = by_term_.find(term);
  if (having == by_term_.end()) return losers;
  for (const uint32_t loser : having->second) {
    if (losers.size() == limit) break;
    losers.push_back(&merges_->losers()[loser]);
  }
  return losers;
}

}  // namespace communique::screening
