#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/card.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print_range.h"
#include "cli/scope.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

// What a list shows beside name and title: a state or type, and a time.
std::pair<std::string, std::string> StateAndTime(const v1::Record& record) {
  const auto word = [](int number, const google::protobuf::EnumDescriptor* type) {
    return number == 0 ? std::string() : EnumWord(*type, number);
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

// What the pages of a list say beside their records.
struct PageNotes {
  std::optional<std::int64_t> total_size;
  bool estimated = false;
  std::map<std::string, std::string> referenced_names;

  void Take(const RecordPage& page) {
    if (!total_size.has_value()) {
      total_size = page.total_size;
      estimated = page.total_size_estimated;
    }
    for (const v1::ReferencedName& name : page.referenced_names) {
      referenced_names.emplace(name.name(), name.display_name());
    }
  }
};

// Says on stderr how many there are in all, where the server counted them.
void SayTotal(const PageNotes& notes, absl::string_view collection) {
  if (notes.total_size.value_or(0) == 0) return;
  Say(absl::StrCat(notes.estimated ? "about " : "", *notes.total_size, " ", collection,
                   " in all"));
}

// A second table, of what referred records are called. In jsonl: lines of an
// object with the key "referenced_name", after the records.
void PrintReferenced(const PageNotes& notes, Output& output) {
  if (notes.referenced_names.empty()) return;
  if (output.format() == Format::kTable) output.Line("");
  Table table(output, {"REFERENCED", "CALLED"});
  for (const auto& [name, called] : notes.referenced_names) {
    if (output.format() == Format::kTable) {
      table.Add({Escape(name), Escape(called)});
    } else {
      const std::string entry =
          JsonObject().Text("name", name).Text("display_name", called).ToString();
      output.Line(JsonObject().Json("referenced_name", entry).ToString());
    }
  }
}

// Prints the rows of a list. Answers the status of the range.
absl::Status PrintRecords(Output& output, RecordRange range, v1::RecordKind kind,
                          const std::string& valid_date, absl::string_view none) {
  const bool actors = kind == v1::RECORD_KIND_ACTOR;
  const bool summits = kind == v1::RECORD_KIND_SUMMIT;
  std::vector<std::string> header = {"NAME", summits ? "STATE" : "TYPE",
                                     actors ? "REGION" : "TIME"};
  if (!valid_date.empty()) header.push_back(absl::StrCat("ON ", valid_date));
  header.push_back("TITLE");
  Table table(output, std::move(header));
  const absl::Status status = PrintRange(
      output, std::move(range),
      [&](const v1::Record& record) {
        auto [state, time] = StateAndTime(record);
        std::vector<std::string> row = {Escape(record.name()), state, time};
        if (!valid_date.empty()) row.push_back(StatesOf(record));
        row.push_back(Escape(TitleOf(record)));
        table.Add(std::move(row));
      },
      [](const v1::Record& record, bool pretty) { return ToJson(record, pretty); });
  if (output.format() == Format::kTable && status.ok() && table.empty()) Say(none);
  return status;
}

}  // namespace

int RunGet(Session& session) {
  const std::string& name = session.arguments[0];
  if (absl::Status status = CheckName(name); !status.ok()) {
    return UsageError("get", status.message());
  }
  const absl::StatusOr<v1::ReadScope> scope = ScopeOf(session.line);
  if (!scope.ok()) return UsageError("get", scope.status().message());
  const absl::StatusOr<v1::Record> record = 
      session.client.Get(name, {.scope = *scope, .read_mask = ReadMaskOf(session.line)});
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
  const CommandLine& line = session.line;
  Output& output = session.output;
  const std::string& collection = session.arguments[0];
  const auto kind = ParseCollection(collection);
  if (!kind.ok()) return UsageError("list", kind.status().message());
  const auto scope = ScopeOf(line);
  if (!scope.ok()) return UsageError("list", scope.status().message());
  const auto limit = line.GetInt("limit", 1, 0);
  if (!limit.ok()) return UsageError("list", limit.status().message());
  const auto page_size = PageSizeOf(line);
  if (!page_size.ok()) return UsageError("list", page_size.status().message());
  if (line.Has("referenced") && output.format() == Format::kJson) {
    return UsageError("list", "--referenced goes with -o table and -o jsonl");
  }
  PageNotes notes;
  const absl::Status status = PrintRecords(
      output,
      session.client.List(*kind, {.filter = line.Get("filter"),
                                  .order_by = line.Get("order_by"),
                                  .page_size = *page_size,
                                  .limit = *limit,
                                  .scope = *scope,
                                  .read_mask = ReadMaskOf(line),
                                  .include_referenced = line.Has("referenced"),
                                  .on_page = [&](const RecordPage& page) { notes.Take(page); }}),
      *kind, line.Get("valid_at"),
      absl::StrCat("no ", collection, line.Has("filter") ? " match" : ""));
  if (status.ok()) {
    PrintReferenced(notes, output);
    SayTotal(notes, collection);
  }
  return Finish(output, status);
}

}  // namespace communique::cli
