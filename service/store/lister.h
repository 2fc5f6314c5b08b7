#ifndef COMMUNIQUE_SERVICE_STORE_LISTER_H_
#define COMMUNIQUE_SERVICE_STORE_LISTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "service/query/filter.h"
#include "service/query/order.h"
#include "service/store/reader.h"

namespace communique::store {

// One page of a list.
struct ListQuery {
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  query::Filter filter;
  query::Order order;
  int page_size = 0;
  // The last record of the page before and its Order::KeyOf; empty: the first page.
  std::string after_name;
  std::string after_key;
};

struct ListPage {
  std::vector<FoundRecord> records;
  bool more = false;
  // Where the next page goes on.
  std::string last_name;
  std::string last_key;
  // How many match in all; 0 when not counted.
  int64_t total_size = 0;
  bool total_estimated = false;
};

// Answers exactly the live records of the kind, at the view's revision, that the
// filter matches, in order. How it finds them is its own affair: names in their
// order, where most match; else the candidates that the index leaves, each of
// them put to the filter.
//
// A page may end early (`more` with fewer records, even none) when it had to
// look at too much. RESOURCE_EXHAUSTED (SIZE_LIMIT) when more than
// kMaxSortedCandidates would have to be read to be ordered.
absl::StatusOr<ListPage> ListRecords(const ReadView& view, const ListQuery& query);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_LISTER_H_
