// What screening asks of the candidate index: versions by their terms alone.

#include <algorithm>
#include <cmath>
#include <utility>

#include "service/query/candidate_index.h"

namespace communique::query {
namespace {

// A term that one version in so many has counts log(2) times its weight; rarer ones
// count more, up to ten times that. A number rather than how many are alive: that
// would have to be counted, and moves every term alike.
constexpr double kRarityScale = 20'000;

double RarityOf(size_t versions) {
  return std::log1p(kRarityScale / static_cast<double>(versions));
}

// The alive versions that have one term: where those of each block begin.
struct TermVersions {
  std::vector<size_t> block_begins;  // one more than there are blocks
  std::vector<uint16_t> ids;
};

}  // namespace

uint32_t CandidateIndex::Block::CountUpTo(int64_t revision) const {
  const VersionRow* const rows = versions().rows;
  return static_cast<uint32_t>(std::upper_bound(rows, rows + indexed(), revision,
                                                [](int64_t wanted, const VersionRow& row) {
                                                  return wanted < row.revision;
                                                }) -
                               rows);
}

VersionPlace CandidateIndex::Block::PlaceOf(uint32_t id) const {
  const VersionRow& row = versions()[id];
  return {row.revision, row.ordinal, std::string(versions().name(id))};
}

std::vector<CandidateIndex::BlockPtr> CandidateIndex::BlocksUpTo(int64_t revision) const {
  std::vector<BlockPtr> blocks;
  for (const BlockPtr& block : blocks_) {
    if (block->size() > 0 && block->versions()[0].revision > revision) break;
    blocks.push_back(block);
  }
  return blocks;
}

bool CandidateIndex::WaitUntilIndexed(int64_t revision, absl::Duration timeout) const {
  const auto indexed = [this, revision]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    for (size_t i = first_unindexed_; i < blocks_.size(); ++i) {
      const Block& block = *blocks_[i];
      if (block.indexed() == block.size()) continue;
      return block.versions()[block.indexed()].revision > revision;
    }
    return true;
  };
  absl::ReaderMutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&indexed), timeout);
}

std::vector<TermMatch> CandidateIndex::FindBest(absl::Span<const WeightedTerm> terms,
                                                int64_t revision, size_t limit) const {
  std::vector<BlockPtr> blocks;
  std::vector<uint32_t> ends;
  std::vector<TermVersions> found(terms.size());
  {
    // The terms of segments that fill move under the writer's hands.
    absl::ReaderMutexLock lock(&mutex_);
    blocks = BlocksUpTo(revision);
    for (const BlockPtr& block : blocks) ends.push_back(block->CountUpTo(revision));
    // The rarest terms first, by how many versions ever had them up to then.
    std::vector<std::pair<size_t, size_t>> by_count;
    for (size_t t = 0; t < terms.size(); ++t) {
      size_t count = 0;
      for (size_t b = 0; b < blocks.size(); ++b) {
        count += blocks[b]->CountTerm(terms[t].term, ends[b]);
      }
      if (count > 0) by_count.emplace_back(count, t);
    }
    std::sort(by_count.begin(), by_count.end());
    size_t visits = 0;
    for (const auto& [count, t] : by_count) {
      if (visits > 0 && visits + count > kMaxTermVisits) break;
      visits += count;
      TermVersions& versions = found[t];
      versions.ids.reserve(count);
      for (size_t b = 0; b < blocks.size(); ++b) {
        versions.block_begins.push_back(versions.ids.size());
        blocks[b]->CopyTerm(terms[t].term, ends[b], versions.ids);
      }
      versions.block_begins.push_back(versions.ids.size());
    }
  }
  // What each term counts, by the versions alive that have it. Where a block's
  // segment is sealed meanwhile, the old one is held here and tells the same of
  // this revision.
  std::vector<double> counts(terms.size(), 0);
  for (size_t t = 0; t < terms.size(); ++t) {
    TermVersions& versions = found[t];
    if (versions.ids.empty()) continue;
    size_t kept = 0;
    for (size_t b = 0; b < blocks.size(); ++b) {
      const size_t begin = versions.block_begins[b];
      versions.block_begins[b] = kept;
      for (size_t i = begin; i < versions.block_begins[b + 1]; ++i) {
        if (blocks[b]->Alive(versions.ids[i], revision)) versions.ids[kept++] = versions.ids[i];
      }
    }
    versions.block_begins.back() = kept;
    versions.ids.resize(kept);
    if (kept > 0) counts[t] = terms[t].weight * RarityOf(kept);
  }

  struct Scored {
    double overlap;
    uint32_t block;
    uint32_t id;
  };
  std::vector<Scored> scored;
  // All zero between uses: only what was touched is set back.
  static thread_local std::vector<double> overlaps(kSegmentVersions, 0);
  std::vector<uint16_t> touched;
  for (size_t b = 0; b < blocks.size(); ++b) {
    touched.clear();
    // In the order of the terms given, so that sums come out alike.
    for (size_t t = 0; t < terms.size(); ++t) {
      const TermVersions& versions = found[t];
      if (versions.ids.empty()) continue;
      for (size_t i = versions.block_begins[b]; i < versions.block_begins[b + 1]; ++i) {
        const uint16_t id = versions.ids[i];
        if (overlaps[id] == 0) touched.push_back(id);
        overlaps[id] += counts[t];
      }
    }
    for (const uint16_t id : touched) {
      scored.push_back({overlaps[id], static_cast<uint32_t>(b), id});
      overlaps[id] = 0;
    }
  }
  const auto better = [](const Scored& a, const Scored& b) {
    if (a.overlap != b.overlap) return a.overlap > b.overlap;
    return a.block != b.block ? a.block < b.block : a.id < b.id;
  };
  if (scored.size() > limit) {
    std::nth_element(scored.begin(), scored.begin() + static_cast<ptrdiff_t>(limit), scored.end(),
                     better);
    scored.resize(limit);
  }
  std::sort(scored.begin(), scored.end(), better);
  std::vector<TermMatch> matches;
  matches.reserve(scored.size());
  for (const Scored& one : scored) {
    matches.push_back({blocks[one.block]->PlaceOf(one.id), one.overlap});
  }
  return matches;
}

std::vector<VersionPlace> CandidateIndex::FindWith(uint64_t term, int64_t revision,
                                                   size_t limit) const {
  std::vector<VersionPlace> places;
  std::vector<uint16_t> ids;
  absl::ReaderMutexLock lock(&mutex_);
  for (const BlockPtr& block : blocks_) {
    if (block->size() > 0 && block->versions()[0].revision > revision) break;
    ids.clear();
    block->CopyTerm(term, block->CountUpTo(revision), ids);
    for (const uint16_t id : ids) {
      if (places.size() == limit) return places;
      if (block->Alive(id, revision)) places.push_back(block->PlaceOf(id));
    }
  }
  return places;
}

int64_t CandidateIndex::CountWith(uint64_t term, int64_t revision, int64_t limit) const {
  int64_t count = 0;
  std::vector<uint16_t> ids;
  absl::ReaderMutexLock lock(&mutex_);
  for (const BlockPtr& block : blocks_) {
    if (block->size() > 0 && block->versions()[0].revision > revision) break;
    ids.clear();
    block->CopyTerm(term, block->CountUpTo(revision), ids);
    for (const uint16_t id : ids) {
      if (!block->Alive(id, revision)) continue;
      if (++count == limit) return count;
    }
  }
  return count;
}

}  // namespace communique::query
