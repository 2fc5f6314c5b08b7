#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/catalog.pb.h"
#include "service/domain/diff.h"
#include "service/domain/names.h"
#include "service/journal/commit.h"
#include "service/journal/errors.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

// What one change made of the body before it.
absl::StatusOr<v1::RevisionValues> ValuesOf(const Service& service, absl::string_view framed) {
  const absl::string_view bytes = journal::UnframeChange(framed);
  v1::Change change;
  if (!change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return journal::DataCorrupt("history", "a change does not parse");
  }
  v1::RevisionValues values;
  values.set_revision(change.revision());
  v1::Change before;
  if (change.previous_revision() > 0) {
    const auto framed_before =
        service.reader().FindVersion(change.name(), change.revision() - 1);
    // What the oldest version held superseded may be gone: it is not told of.
    if (change.revision() <= service.reader().oldest()) return values;
    if (!framed_before.ok()) return framed_before.status();
    const absl::string_view bytes_before = journal::UnframeChange(*framed_before);
    if (!before.ParseFromArray(bytes_before.data(), static_cast<int>(bytes_before.size()))) {
      return journal::DataCorrupt("history", "a change does not parse");
    }
  }
  size_t bytes_left = base::kMaxValuesBytes;
  const auto keep = [&bytes_left](std::string& json) {
    if (json.size() > bytes_left) json = absl::StrCat("\"(", json.size(), " bytes, left out)\"");
    bytes_left -= std::min(bytes_left, json.size());
  };
  for (v1::FieldDifference& difference :
       domain::Differences(domain::BodyOf(before.record()), domain::BodyOf(change.record()),
                           base::kMaxChangedPaths)) {
    keep(*difference.mutable_old_json());
    keep(*difference.mutable_new_json());
    *values.add_differences() = std::move(difference);
  }
  return values;
}

absl::StatusOr<std::string> AnswerPage(const Service& service, const store::ReadView& view,
                                       const v1::ListRevisionsRequest& asked, int page_size,
                                       int64_t before, const PageOf& page) {
  v1::ListRevisionsResponse rest;
  std::string bytes;
  int count = 0;
  size_t value_bytes = 0;
  const size_t max_bytes =
      asked.include_values() ? base::kMaxValuesPageBytes : base::kMaxPageBytes;
  int64_t last = 0;
  bool more = false;
  absl::Status failed;
  const absl::Status read =
      view.History(asked.name(), before, [&](int64_t revision, std::string framed) {
        if (count == page_size || bytes.size() + value_bytes >= max_bytes) {
          more = true;
          return false;
        }
        if (asked.include_values()) {
          auto values = ValuesOf(service, framed);
          if (!values.ok()) {
            failed = values.status();
            return false;
          }
          value_bytes += values->ByteSizeLong();
          *rest.add_values() = *std::move(values);
        }
        // Framed as field 1, which is where this response has them too.
        bytes += framed;
        last = revision;
        ++count;
        return true;
      });
  if (!failed.ok()) return failed;
  if (!read.ok()) return read;
  if (count == 0 && page.first()) return store::RecordNotFound(asked.name());
  if (more) rest.set_next_page_token(page.Next(view, absl::StrCat(last)));
  *rest.mutable_pin() = view.pin();
  return std::move(bytes) + rest.SerializeAsString();
}

}  // namespace

void HandleListRevisions(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::ListRevisionsRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  CheckName(request->name(), v1::RECORD_KIND_UNSPECIFIED, violations);
  const int page_size = PageSize(request->page_size(), violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  auto page = PageOf::Parse(service, "revisions", *request);
  if (!page.ok()) return call.Finish(page.status());
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!page->first() && !absl::SimpleAtoi(page->after(), &before)) before = 0;
  WithView(service, call, std::move(request),
           [&service, &call, page = *std::move(page), page_size, before](
               store::ReadView view, const v1::ListRevisionsRequest& asked) {
             auto pinned = page.Pin(service, std::move(view));
             if (!pinned.ok()) return call.Finish(pinned.status());
             auto bytes = AnswerPage(service, *pinned, asked, page_size, before, page);
             if (!bytes.ok()) return call.Finish(bytes.status());
             call.FinishBytes(*std::move(bytes));
           });
}

}  // namespace communique::server
