#include "cli/predictions.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/json.h"
#include "cli/output.h"

namespace communique::cli {
namespace {

constexpr std::size_t kBatchSize = 100;  // Large records still fit one answer.

// A reference taken apart: "statements/x#q1".
struct Target {
  std::string name;
  std::string id;  // empty: the record itself
};

Target TargetOf(const v1::Reference& reference) {
  const std::string& target = reference.target();
  const std::size_t hash = target.find('#');
  if (hash == std::string::npos) return {target, ""};
  return {target.substr(0, hash), target.substr(hash + 1)};
}

template <typename Element>
const Element* FindById(const google::protobuf::RepeatedPtrField<Element>& elements,
                        const std::string& id) {
  for (const Element& element : elements) {
    if (element.id() == id) return &element;
  }
  return nullptr;
}

// Records by the names under which others refer to them.
class Referred {
 public:
  void Want(const v1::Reference& reference) {
    if (std::string name = TargetOf(reference).name; !name.empty()) wanted_.insert(name);
  }

  absl::Status Read(const Client& client, const v1::ReadScope& scope) {
    const std::vector<std::string> names(wanted_.begin(), wanted_.end());
    for (std::size_t begin = 0; begin < names.size(); begin += kBatchSize) {
      const std::size_t end = std::min(names.size(), begin + kBatchSize);
      absl::StatusOr<v1::BatchGetResponse> answer =
          client.BatchGet({names.begin() + begin, names.begin() + end}, {.scope = scope});
      if (!answer.ok()) return answer.status();
      for (v1::Record& record : *answer->mutable_records()) {
        // A merged name is wanted by the name that it had.
        const std::string& asked =
            record.redirected_from().empty() ? record.name() : record.redirected_from();
        records_[asked] = std::move(record);
      }
    }
    return absl::OkStatus();
  }

  // An empty record when there is none.
  const v1::Record& Get(const std::string& name) const {
    const auto found = records_.find(name);
    return found == records_.end() ? v1::Record::default_instance() : found->second;
  }

 private:
  std::set<std::string> wanted_;
  std::map<std::string, v1::Record> records_;
};

void WantReferred(const v1::Statement& statement, Referred& referred) {
  referred.Want(statement.speaker().actor());
  if (statement.speaker().role().empty()) referred.Want(statement.speaker().position());
  for (const v1::Prediction& prediction : statement.predictions()) {
    referred.Want(prediction.question());
  }
}

void FillSpeaker(const v1::Speaker& speaker, const Referred& referred, PredictionRow& row) {
  row.speaker = speaker.actor().target();
  row.speaker_name = TitleOf(referred.Get(TargetOf(speaker.actor()).name));
  if (row.speaker_name.empty()) row.speaker_name = speaker.actor().text();
  row.role = speaker.role();
  if (!row.role.empty()) return;
  const Target position = TargetOf(speaker.position());
  const auto* held = FindById(referred.Get(position.name).actor().positions(), position.id);
  row.role = held != nullptr ? held->title() : speaker.position().text();
}

void FillResolution(const v1::Resolution& resolution, PredictionRow& row) {
  row.outcome = resolution.outcome();
  row.occurred = resolution.occurred_time();
  row.known = resolution.known_time();
}

// What is forecast and what became of it: the prediction's own, or that of the
// question that it shares with others.
void FillQuestion(const v1::Prediction& prediction, const Referred& referred, PredictionRow& row) {
  row.horizon = prediction.horizon();
  if (!prediction.has_question()) {
    row.question = prediction.proposition().text();
    return FillResolution(prediction.resolution(), row);
  }
  row.question_target = prediction.question().target();
  const Target target = TargetOf(prediction.question());
  const v1::Record& record = referred.Get(target.name);
  const v1::Question* question = FindById(record.statement().questions(), target.id);
  if (question == nullptr) {
    row.question = prediction.question().text();
    return;
  }
  row.question = question->proposition().text();
  if (!prediction.has_horizon()) row.horizon = question->horizon();
  FillResolution(question->resolution(), row);
}

PredictionRow RowOf(const v1::Record& record, const v1::Prediction& prediction,
                    const Referred& referred) {
  PredictionRow row;
  row.statement = record.name();
  row.prediction = prediction.id();
  FillSpeaker(record.statement().speaker(), referred, row);
  FillQuestion(prediction, referred, row);
  row.polarity = prediction.polarity();
  row.words = prediction.likelihood_text();
  row.scale = prediction.likelihood();
  row.condition = prediction.condition().text();
  if (row.condition.empty()) row.condition = prediction.condition().reference().target();
  return row;
}

std::string FilterOf(const PredictionOptions& options) {
  std::string filter = "predictions:*";
  if (!options.speaker.empty()) {
    absl::StrAppend(&filter, " AND speaker.actor.target = \"", options.speaker, "\"");
  }
  return filter;
}

// An enum's value by its name without its prefix; empty for none.
std::string WordOf(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = number == 0 ? nullptr : type.FindValueByNumber(number);
  return value == nullptr ? "" : EnumSuffix(*value);
}

std::string TimeJson(const v1::FuzzyTime& time) {
  return JsonObject().Text("text", time.text()).Text("edtf", time.edtf()).ToString();
}

}  // namespace

absl::StatusOr<std::vector<PredictionRow>> ReadPredictions(const Client& client,
                                                           const PredictionOptions& options) {
  v1::ReadScope scope = options.scope;
  std::vector<v1::Record> statements;
  for (auto& record : client.List(
           v1::RECORD_KIND_STATEMENT,
           {.filter = FilterOf(options), .scope = scope, .on_page = [&](const RecordPage& page) {
              // What is referred to is read at the same revision.
              scope.set_known_revision(page.pin.revision());
            }})) {
    if (!record.ok()) return record.status();
    statements.push_back(*std::move(record));
  }
  Referred referred;
  for (const v1::Record& record : statements) WantReferred(record.statement(), referred);
  if (absl::Status status = referred.Read(client, scope); !status.ok()) return status;
  std::vector<PredictionRow> rows;
  for (const v1::Record& record : statements) {
    for (const v1::Prediction& prediction : record.statement().predictions()) {
      PredictionRow row = RowOf(record, prediction, referred);
      if (options.resolved && row.outcome == v1::RESOLUTION_OUTCOME_UNSPECIFIED) continue;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string PredictionJson(const PredictionRow& row) {
  return JsonObject()
      .Text("statement", row.statement)
      .Text("prediction", row.prediction)
      .Text("speaker", row.speaker)
      .Text("speaker_name", row.speaker_name)
      .Text("role", row.role)
      .Text("question", row.question)
      .Text("question_target", row.question_target)
      .Text("polarity", WordOf(*v1::Polarity_descriptor(), row.polarity))
      .Text("words", row.words)
      .Text("scale", WordOf(*v1::Likelihood_descriptor(), row.scale))
      .Text("condition", row.condition)
      .Json("horizon", TimeJson(row.horizon))
      .Text("outcome", WordOf(*v1::ResolutionOutcome_descriptor(), row.outcome))
      .Json("occurred", TimeJson(row.occurred))
      .Json("known", TimeJson(row.known))
      .ToString();
}

}  // namespace communique::cli
