#ifndef COMMUNIQUE_STREAM_RANGE_H_
#define COMMUNIQUE_STREAM_RANGE_H_

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"

namespace communique {

// A single-pass range of values that are fetched as it is walked:
//
//   for (absl::StatusOr<v1::Record>& record : client.List(v1::RECORD_KIND_SUMMIT)) {
//     if (!record.ok()) return record.status();
//     ...
//   }
//
// Performance: one page is held at a time. The next one of a List is asked for when
// half of it is walked, in the background; that of a Search or a History when it is
// used up, in the thread that walks.
// Thread safety: none; walk it in one thread at a time.
// Errors: the first error is the last element.
template <typename T>
class StreamRange {
 public:
  using value_type = absl::StatusOr<T>;
  // Answers the next element; nullopt at the end. Not called after an error.
  using Reader = std::function<std::optional<value_type>()>;

  explicit StreamRange(Reader reader) : reader_(std::move(reader)) {}
  StreamRange(StreamRange&&) = default;
  StreamRange& operator=(StreamRange&&) = default;
  StreamRange(const StreamRange&) = delete;
  StreamRange& operator=(const StreamRange&) = delete;

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = absl::StatusOr<T>;
    using difference_type = std::ptrdiff_t;
    using pointer = value_type*;
    using reference = value_type&;

    iterator() = default;
    reference operator*() const { return *range_->current_; }
    pointer operator->() const { return &*range_->current_; }
    iterator& operator++() {
      range_->Advance();
      if (!range_->current_.has_value()) range_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.range_ == b.range_; }

   private:
    friend class StreamRange;
    explicit iterator(StreamRange* range) : range_(range) {}
    StreamRange* range_ = nullptr;
  };

  // Fetches the first element on the first call. Later calls stand at the element
  // that was looked at last: after a `break`, a second loop begins with it.
  iterator begin() {
    if (!started_) Advance();
    return current_.has_value() ? iterator(this) : iterator();
  }
  iterator end() { return iterator(); }

 private:
  void Advance() {
    const bool failed = started_ && current_.has_value() && !current_->ok();
    started_ = true;
    if (failed || reader_ == nullptr) {
      current_.reset();
    } else {
      current_ = reader_();
    }
    if (!current_.has_value()) reader_ = nullptr;
  }

  Reader reader_;
  std::optional<value_type> current_;
  bool started_ = false;
};

}  // namespace communique

#endif  // COMMUNIQUE_STREAM_RANGE_H_
