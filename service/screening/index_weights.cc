#include "service/screening/index_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "communique/v1/record.pb.h"
#include "service/query/index_terms.h"
#include "service/query/name_keys.h"

namespace communique::screening {
namespace {

// Tokens that more actors have than this weigh as if so many had them: counting
// goes no further.
constexpr int64_t kMaxHolders = 100'000;
// As in the index (term_lookup.cc).
constexpr double kRarityScale = 20'000;

}  // namespace

void IndexWeights::SetRevision(const query::CandidateIndex& index, int64_t revision) {
  if (index_ == &index && revision_ == revision) return;
  index_ = &index;
  revision_ = revision;
  known_.clear();
  actors_ = index.CountWith(index.hasher().Kind(v1::RECORD_KIND_ACTOR), revision,
                            std::numeric_limits<int64_t>::max());
}

const IndexWeights::Known& IndexWeights::Find(const std::string& key) const {
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  const int64_t holders =
      key.empty() ? 0 : index_->CountWith(index_->hasher().NameKey(key), revision_, kMaxHolders);
  if (known_.size() >= kMaxTokens) known_.clear();
  Known& known = known_[key];
  known.weight = RarityWeight(static_cast<uint64_t>(holders), static_cast<uint64_t>(actors_));
  known.rarity = std::log1p(kRarityScale / static_cast<double>(std::max<int64_t>(holders, 1)));
  return known;
}

double IndexWeights::WeightOf(const query::NameToken& token) const {
  return Find(query::TokenKey(token)).weight;
}

double IndexWeights::RarityOfKey(const std::string& key) const { return Find(key).rarity; }

}  // namespace communique::screening
