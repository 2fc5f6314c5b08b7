#include "service/feed/gathered.h"

#include <utility>

namespace communique::feed {

SharedBytes Own(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const absl::string_view view = *owner;
  return {std::move(owner), view};
}

void SliceJoiner::Add(const std::shared_ptr<const Chunk>& chunk, absl::string_view bytes) {
  if (bytes.empty()) return;
  if (chunk != chunk_) {
    FinishChunk();
    chunk_ = chunk;
  }
  if (!pieces_.empty() && pieces_.back().data() + pieces_.back().size() == bytes.data()) {
    pieces_.back() = absl::string_view(pieces_.back().data(), pieces_.back().size() + bytes.size());
  } else {
    pieces_.push_back(bytes);
  }
}

void SliceJoiner::FinishChunk() {
  if (chunk_ == nullptr) return;
  size_t sent = 0;
  for (const absl::string_view piece : pieces_) sent += piece.size();
  const bool sparse = sent * 2 < chunk_->bytes().size();
  for (const absl::string_view piece : pieces_) {
    if (sparse || piece.size() < base::kMaxCopiedSliceBytes) {
      copied_.append(piece.data(), piece.size());
    } else {
      FinishCopied();
      out_.slices.push_back({chunk_, piece});
    }
  }
  pieces_.clear();
  chunk_ = nullptr;
}

void SliceJoiner::FinishCopied() {
  if (copied_.empty()) return;
  out_.slices.push_back(Own(std::exchange(copied_, {})));
}

void SliceJoiner::Finish() {
  FinishChunk();
  FinishCopied();
}

}  // namespace communique::feed
