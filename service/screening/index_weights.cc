#include "service/screening/index_weights.h"

#include <limits>
#include <utility>

#include "communique/v1/record.pb.h"
#include "service/query/index_terms.h"
#include "service/query/name_keys.h"

namespace communique::screening {
namespace {

// Tokens that more actors have than this weigh as if so many had them: counting
// goes no further.
constexpr int64_t kMaxHolders = 100'000;

}  // namespace

void IndexWeights::SetRevision(const query::CandidateIndex& index, int64_t revision) {
  if (index_ == &index && revision_ == revision) return;
  index_ = &index;
  revision_ = revision;
  weights_.clear();
  actors_ = index.CountWith(index.hasher().Kind(v1::RECORD_KIND_ACTOR), revision,
                            std::numeric_limits<int64_t>::max());
}

double IndexWeights::WeightOf(const query::NameToken& token) const {
  std::string key = query::TokenKey(token);
  const auto known = weights_.find(key);
  if (known != weights_.end()) return known->second;
  const int64_t holders =
      key.empty() ? 0 : index_->CountWith(index_->hasher().NameKey(key), revision_, kMaxHolders);
  const double weight =
      RarityWeight(static_cast<uint64_t>(holders), static_cast<uint64_t>(actors_));
  if (weights_.size() >= kMaxTokens) weights_.clear();
  weights_.emplace(std::move(key), weight);
  return weight;
}

}  // namespace communique::screening
