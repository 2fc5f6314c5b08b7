#include "service/domain/display_name.h"

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace communique::domain {
namespace {

// Of a statement without a title this much of its words stands for it.
constexpr size_t kMaxWordsBytes = 80;

std::string NameOfStatement(const v1::Statement& statement) {
  if (!statement.title().empty()) return statement.title();
  for (const v1::Segment& segment : statement.segments()) {
    if (segment.text().empty()) continue;
    const absl::string_view cut = base::CutText(segment.text(), kMaxWordsBytes);
    return cut.size() < segment.text().size() ? absl::StrCat(cut, "…") : segment.text();
  }
  return "";
}

}  // namespace

std::string DisplayNameOf(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return record.summit().title();
    case v1::Record::kSanction:
      return record.sanction().title();
    case v1::Record::kStatement:
      return NameOfStatement(record.statement());
    case v1::Record::kActor:
      if (!record.actor().display_name().empty()) return record.actor().display_name();
      return record.actor().names().empty() ? "" : record.actor().names(0).text();
    case v1::Record::kSource:
      return record.source().title();
    case v1::Record::KIND_NOT_SET:
      break;
  }
  return "";
}

}  // namespace communique::domain
