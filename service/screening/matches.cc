#include "service/screening/matches.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/base/limits.h"
#include "service/query/filter.h"
#include "service/screening/limits.h"
#include "service/store/lister.h"

namespace communique::screening {

absl::Status ForEachMatch(const store::ReadView& view, v1::RecordKind kind,
                          absl::string_view filter,
                          absl::FunctionRef<absl::Status(const v1::Record&)> visit) {
  auto parsed = query::Filter::Parse(filter, kind);
  if (!parsed.ok()) return parsed.status();
  store::ListQuery query;
  query.kind = kind;
  query.filter = *std::move(parsed);
  query.page_size = base::kMaxPageSize;
  for (bool more = true; more;) {
    auto page = store::ListRecords(view, query);
    if (!page.ok()) return page.status();
    for (const store::FoundRecord& found : page->records) {
      const auto record = found.Parse();
      if (!record.ok()) return record.status();
      if (absl::Status status = visit(*record); !status.ok()) return status;
    }
    more = page->more;
    query.after_name = std::move(page->last_name);
    query.after_key = std::move(page->last_key);
  }
  return absl::OkStatus();
}

absl::Status ForEachOf(const store::ReadView& view, v1::RecordKind kind,
                       const std::vector<absl::string_view>& fields,
                       const std::vector<std::string>& names,
                       absl::FunctionRef<absl::Status(const v1::Record&)> visit) {
  absl::flat_hash_set<std::string> seen;
  const size_t names_at_once = kMaxComparisonsPerFilter / fields.size();
  for (size_t from = 0; from < names.size(); from += names_at_once) {
    std::string filter;
    for (size_t i = from; i < std::min(names.size(), from + names_at_once); ++i) {
      for (const absl::string_view field : fields) {
        absl::StrAppend(&filter, filter.empty() ? "" : " OR ", field, " = \"", names[i], "\"");
      }
    }
    const absl::Status status = ForEachMatch(view, kind, filter, [&](const v1::Record& record) {
      return seen.insert(record.name()).second ? visit(record) : absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace communique::screening
