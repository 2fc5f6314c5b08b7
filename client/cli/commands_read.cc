#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/card.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/scope.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

const std::vector<std::string>& Collections() {
  static const auto& names =
      *new std::vector<std::string>{"summits", "sanctions", "statements", "actors", "sources"};
  return names;
}

// What is wrong with a record's name, with what was probably meant; OK if nothing.
absl::Status CheckName(const std::string& name) {
  const absl::Status status = RecordKindOf(name).status();
  if (status.ok()) return status;
  const std::string collection = name.substr(0, name.find('/'));
  const std::string nearest = Nearest(collection, Collections());
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Escape(name), "\" is not a record's name such as summits/kim-putin-2023",
      nearest.empty() || nearest == collection ? ""
                                               : absl::StrCat("; did you mean ", nearest, "/?")));
}

// Rows in columns. Widths come from the first rows; later ones follow them, so
// that a long list needs little memory.
class Table {
 public:
  Table(Output& output, std::vector<std::string> header) : output_(output) {
    rows_.push_back(std::move(header));
  }
  ~Table() { Print(); }

  void Add(std::vector<std::string> row) {
    rows_.push_back(std::move(row));
    if (rows_.size() > kRowsMeasured) Print();
  }
  bool empty() const { return !printed_ && rows_.size() == 1; }

 private:
  static constexpr std::size_t kRowsMeasured = 500;
  static constexpr std::size_t kMaxWidth = 48;  // Of a column but the last.

  void Print() {
    if (empty()) return;
    if (widths_.empty()) {
      widths_.resize(rows_[0].size());
      for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          widths_[i] = std::min(kMaxWidth, std::max(widths_[i], DisplayWidth(row[i])));
        }
      }
    }
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i + 1 < row.size(); ++i) {
        absl::StrAppend(&line, i == 0 ? Pad(row[i], widths_[i]) : Fit(row[i], widths_[i]), "  ");
      }
      absl::StrAppend(&line, row.back());
      while (!line.empty() && line.back() == ' ') line.pop_back();
      output_.Line(std::exchange(printed_, true) ? line : output_.Bold(line));
    }
    rows_.clear();
  }

  Output& output_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
  bool printed_ = false;
};

// The elements of a JSON array, so that -o json is one document.
class JsonArray {
 public:
  explicit JsonArray(Output& output) : output_(output) {}
  void Add(const google::protobuf::Message& message) {
    output_.Line(std::exchange(begun_, true) ? "," : "[");
    output_.Line(ToJson(message, true));
  }
  void End() { output_.Line(begun_ ? "]" : "[]"); }

 private:
  Output& output_;
  bool begun_ = false;
};

// What a list shows beside name and title: a state or type, and a time.
std::pair<std::string, std::string> StateAndTime(const v1::Record& record) {
  const auto word = [](int number, const google::protobuf::EnumDescriptor* type) {
    const auto* value = number == 0 ? nullptr : type->FindValueByNumber(number);
    return value == nullptr ? std::string() : EnumWord(*value);
  };
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return {word(record.summit().state(), v1::SummitState_descriptor()),
              FuzzyTimeText(record.summit().time())};
    case v1::Record::kSanction: {
      const v1::Sanction& sanction = record.sanction();
      if (sanction.has_regime())
        return {"regime", FuzzyTimeText(sanction.regime().in_force_time())};
      if (sanction.has_measure()) {
        return {"measure", FuzzyTimeText(sanction.measure().in_force_time())};
      }
      if (!sanction.has_designation()) return {};
      const auto& intervals = sanction.designation().intervals();
      return {"designation", intervals.empty()
                                 ? ""
                                 : FuzzyTimeText(intervals[intervals.size() - 1].listed_time())};
    }
    case v1::Record::kStatement:
      return {word(record.statement().type(), v1::StatementType_descriptor()),
              FuzzyTimeText(record.statement().time())};
    case v1::Record::kActor:
      return {word(record.actor().type(), v1::ActorType_descriptor()),
              Escape(record.actor().region_code())};
    case v1::Record::kSource:
      return {word(record.source().type(), v1::SourceType_descriptor()),
              FuzzyTimeText(record.source().posted_time())};
    case v1::Record::KIND_NOT_SET:
      return {};
  }
  return {};
}

// Prints a range in the chosen format. Answers the exit code; what came before
// an error is printed.
template <typename Range>
int PrintRange(
    Session& session, Range range, std::vector<std::string> header,
    const std::function<std::vector<std::string>(const typename Range::value_type::value_type&)>&
        row,
    absl::string_view none) {
  Output& output = session.output;
  absl::Status status;
  {
    Table table(output, std::move(header));
    JsonArray array(output);
    for (auto& item : range) {
      if (!item.ok()) {
        status = item.status();
        break;
      }
      if (output.format() == Format::kTable) table.Add(row(*item));
      if (output.format() == Format::kJson) array.Add(*item);
      if (output.format() == Format::kJsonl) output.Message(*item);
    }
    if (output.format() == Format::kJson && status.ok()) array.End();
    if (output.format() == Format::kTable && status.ok() && table.empty()) Say(none);
  }
  if (absl::Status flushed = output.Flush(); !flushed.ok()) return Explain(flushed);
  return status.ok() ? kOk : Explain(status);
}

}  // namespace

int RunGet(Session& session) {
  const std::string& name = session.arguments[0];
  if (absl::Status status = CheckName(name); !status.ok()) {
    return UsageError("get", status.message());
  }
  const absl::StatusOr<v1::ReadScope> scope = ScopeOf(session.line);
  if (!scope.ok()) return UsageError("get", scope.status().message());
  const absl::StatusOr<v1::Record> record = session.client.Get(name, {.scope = *scope});
  if (!record.ok()) return Explain(record.status());
  if (!record->redirected_from().empty()) {
    Say(absl::StrCat(Escape(record->redirected_from()), " was merged into ",
                     Escape(record->name())));
  }
  if (session.output.format() == Format::kTable) {
    PrintCard(*record, session.output);
  } else {
    session.output.Message(*record);
  }
  if (absl::Status status = session.output.Flush(); !status.ok()) return Explain(status);
  return kOk;
}

int RunList(Session& session) {
  const std::string& collection = session.arguments[0];
  const v1::RecordKind kind = RecordKindOfCollection(collection);
  if (kind == v1::RECORD_KIND_UNSPECIFIED) {
    const std::string nearest = Nearest(collection, Collections());
    return UsageError(
        "list", absl::StrCat("no collection \"", Escape(collection), "\"; ",
                             nearest.empty() ? "there are " + absl::StrJoin(Collections(), ", ")
                                             : absl::StrCat("did you mean ", nearest, "?")));
  }
  const auto scope = ScopeOf(session.line);
  if (!scope.ok()) return UsageError("list", scope.status().message());
  const auto limit = session.line.GetInt("limit", 1, 0);
  if (!limit.ok()) return UsageError("list", limit.status().message());
  const auto page_size = session.line.GetInt("page_size", 1, 0);
  if (!page_size.ok()) return UsageError("list", page_size.status().message());
  const bool actors = kind == v1::RECORD_KIND_ACTOR;
  const bool summits = kind == v1::RECORD_KIND_SUMMIT;
  return PrintRange<RecordRange>(
      session,
      session.client.List(kind,
                          {.filter = session.line.Get("filter"),
                           .order_by = session.line.Get("order_by"),
                           .page_size = static_cast<int>(std::min<std::int64_t>(*page_size, 1000)),
                           .limit = *limit,
                           .scope = *scope}),
      {"NAME", summits ? "STATE" : "TYPE", actors ? "REGION" : "TIME", "TITLE"},
      [](const v1::Record& record) -> std::vector<std::string> {
        auto [state, time] = StateAndTime(record);
        return {Escape(record.name()), state, time, Escape(TitleOf(record))};
      },
      absl::StrCat("no ", collection, session.line.Has("filter") ? " match" : ""));
}

int RunHistory(Session& session) {
  const std::string& name = session.arguments[0];
  if (absl::Status status = CheckName(name); !status.ok()) {
    return UsageError("history", status.message());
  }
  const auto scope = ScopeOf(session.line);
  if (!scope.ok()) return UsageError("history", scope.status().message());
  const auto limit = session.line.GetInt("limit", 1, 0);
  if (!limit.ok()) return UsageError("history", limit.status().message());
  const auto page_size = session.line.GetInt("page_size", 1, 0);
  if (!page_size.ok()) return UsageError("history", page_size.status().message());
  return PrintRange<ChangeRange>(
      session,
      session.client.History(
          name, {.scope = *scope,
                 .page_size = static_cast<int>(std::min<std::int64_t>(*page_size, 1000)),
                 .limit = *limit}),
      {"REVISION", "TIME", "CHANGE", "BY", "REASON", "PATHS"},
      [](const v1::Change& change) -> std::vector<std::string> {
        return {absl::StrCat(change.revision()),
                TimeOf(change.commit_time()),
                KindsOf(change),
                Escape(change.principal()),
                Escape(change.reason()),
                Escape(absl::StrJoin(change.paths(), ", "))};
      },
      "no changes");
}

int RunStatus(Session& session) {
  const absl::StatusOr<v1::GetStatusResponse> status = session.client.Status();
  if (!status.ok()) return Explain(status.status());
  if (session.output.format() == Format::kTable) {
    PrintFields(*status, session.output);
  } else {
    session.output.Message(*status);
  }
  if (absl::Status flushed = session.output.Flush(); !flushed.ok()) return Explain(flushed);
  return kOk;
}

}  // namespace communique::cli
