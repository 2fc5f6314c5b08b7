#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/query/filter_node.h"
#include "service/query/record_terms.h"

namespace communique::query {

// A filter (AIP-160), compiled once for a request. README.md has the language.
//
// A pure function of one stored record: no clock, no other record.
//
// Performance: cheap to copy; Parse costs tens of microseconds, Matches less than
// one a leaf. mentions(), text() and sets within possibly() cost ten or more, unless
// RecordTerms are given.
// Thread safety: const methods from any thread.
class Filter {
 public:
  // Matches everything.
  Filter();
  // With a kind, paths are those of its body too and everything else is an
  // unknown field; without one, of every body that has them. INVALID_ARGUMENT
  // (INVALID_FILTER) with the position and what was expected.
  static absl::StatusOr<Filter> Parse(absl::string_view text,
                                      v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED);

  bool Matches(const v1::Record& record) const;
  // The same, where several filters look at one record; `terms` are of it.
  bool Matches(const v1::Record& record, RecordTerms& terms) const;

  // False: the name decides, and MatchesName is enough.
  bool needs_record() const { return needs_record_; }
  // Requires !needs_record().
  bool MatchesName(absl::string_view name) const;

  bool matches_all() const { return root_ == nullptr; }
  // Null when it matches everything.
  const FilterNode* root() const { return root_.get(); }
  // Of the text; filters of one text are one query.
  uint64_t fingerprint() const { return fingerprint_; }
  // Comparisons and functions in it, those within any() too.
  int64_t terms() const { return terms_; }
  // Memory of what was compiled, which copies share.
  size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<const FilterNode> root_;
  bool needs_record_ = false;
  uint64_t fingerprint_ = 0;
  int64_t terms_ = 0;
  size_t bytes_ = 0;
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_H_
