#include "service/screening/claim_question.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/domain/day_span.h"
#include "service/domain/elements.h"
#include "service/domain/names.h"
#include "service/store/errors.h"

namespace communique::screening {
namespace {

// Adds a violation unless the name is well-formed and of the kind.
void CheckName(absl::string_view field, const std::string& name, v1::RecordKind kind,
               base::Violations& violations) {
  if (const std::string problem = domain::DescribeNameProblem(name); !problem.empty()) {
    violations.Add(field, absl::StrCat(base::Quoted(name), " ", problem));
  } else if (domain::KindOfName(name) != kind) {
    violations.Add(field, absl::StrCat("\"", name, "\" is not of ", domain::CollectionOf(kind)));
  }
}

void CheckClaimName(const std::string& claim, base::Violations& violations) {
  const auto target = domain::ParseReferenceTarget(claim);
  if (!target || target->element.empty() ||
      domain::KindOfName(target->name) != v1::RECORD_KIND_STATEMENT) {
    violations.Add("claim", absl::StrCat(base::Quoted(claim),
                                         " is no claim of a statement; expected a name such as "
                                         "\"statements/x#c1\""));
  }
}

// A party to the claim, which has to be an actor. Answers its name.
std::string ActorOf(absl::string_view what, const v1::Reference& reference,
                    base::Violations& violations) {
  const auto target = domain::ParseReferenceTarget(reference.target());
  if (!target) {
    violations.Add("claim", reference.text().empty()
                                ? absl::StrCat("says no ", what)
                                : absl::StrCat("its ", what,
                                               " is only words: ", base::Quoted(reference.text())));
    return "";
  }
  std::string name(target->name);
  if (domain::KindOfName(name) != v1::RECORD_KIND_ACTOR) {
    violations.Add("claim", absl::StrCat("its ", what, " is no actor: ", name));
  }
  return name;
}

// The day that a claim speaks of: that of its own time, or where that has no date
// the statement's; nullopt when it is not one day.
std::optional<absl::CivilDay> DayOf(const v1::SanctionsProposition& proposition,
                                    const v1::Statement& statement) {
  const bool own = !proposition.time().edtf().empty();
  const domain::DaySpan span = domain::DaySpanOf(own ? proposition.time() : statement.time());
  if (!span.is_one_day()) return std::nullopt;
  return span.earliest_begin;
}

// What the claim says, into a question that has its date already, where the
// request has one.
void Read(const v1::Claim& claim, const v1::Statement& statement,
          std::optional<absl::CivilDay> date, ClaimQuestion& question,
          base::Violations& violations) {
  const v1::SanctionsProposition& proposition = claim.proposition().sanctions();
  if (!claim.proposition().has_sanctions()) {
    violations.Add("claim", absl::StrCat(question.claim, " is no claim of sanctions"));
    return;
  }
  if (claim.polarity() == v1::POLARITY_NEGATIVE) {
    violations.Add("claim", absl::StrCat(question.claim,
                                         " denies that somebody is under "
                                         "sanctions; ask by target and authority"));
    return;
  }
  question.target = ActorOf("target", proposition.target(), violations);
  question.authority = ActorOf("authority", proposition.authority(), violations);
  if (const auto regime = domain::ParseReferenceTarget(proposition.regime().target())) {
    question.regime = std::string(regime->name);
    if (domain::KindOfName(question.regime) != v1::RECORD_KIND_SANCTION) {
      violations.Add("claim", absl::StrCat("its regime is no sanction: ", question.regime));
    }
  }
  if (!date) date = DayOf(proposition, statement);
  if (date) {
    question.date = *date;
  } else {
    violations.Add("as_of_date", "is required: the claim does not speak of one day");
  }
}

}  // namespace

void CheckClaimRequest(const v1::VerifyClaimRequest& request, base::Violations& violations) {
  if (!request.claim().empty()) {
    CheckClaimName(request.claim(), violations);
    for (const auto& [field, value] :
         {std::pair("target", request.target()), std::pair("authority", request.authority()),
          std::pair("regime", request.regime())}) {
      if (!value.empty()) violations.Add(field, "must be empty: the claim says it");
    }
  } else {
    for (const auto& [field, value] :
         {std::pair("target", request.target()), std::pair("authority", request.authority())}) {
      if (value.empty()) {
        violations.Add(field, "is required, unless a claim is named");
      } else {
        CheckName(field, value, v1::RECORD_KIND_ACTOR, violations);
      }
    }
    if (!request.regime().empty()) {
      CheckName("regime", request.regime(), v1::RECORD_KIND_SANCTION, violations);
    }
  }
  if (!request.as_of_date().empty() && !domain::ParseDay(request.as_of_date())) {
    violations.Add("as_of_date", absl::StrCat(base::Quoted(request.as_of_date()),
                                              " is no date; expected one such as "
                                              "\"2023-09-12\""));
  }
  if (!request.scope().valid_date().empty()) {
    violations.Add("scope.valid_date", "must be empty: as_of_date says it");
  }
}

absl::StatusOr<ClaimQuestion> Understand(const store::ReadView& view,
                                         const v1::VerifyClaimRequest& request,
                                         absl::CivilDay today) {
  const std::optional<absl::CivilDay> date = domain::ParseDay(request.as_of_date());
  ClaimQuestion question{request.target(), request.authority(), request.regime(),
                         date.value_or(today), request.claim()};
  if (question.claim.empty()) return question;
  const auto target = *domain::ParseReferenceTarget(question.claim);
  const auto found = view.Get(std::string(target.name));
  if (!found.ok()) return found.status();
  const auto record = found->Parse();
  if (!record.ok()) return record.status();
  base::Violations violations;
  for (const v1::Claim& claim : record->statement().claims()) {
    if (claim.id() != target.element) continue;
    Read(claim, record->statement(), date, question, violations);
    if (!violations.empty()) return violations.ToStatus();
    return question;
  }
  if (!domain::ElementIds(*record).contains(std::string(target.element))) {
    return store::RecordNotFound(question.claim);
  }
  violations.Add("claim", absl::StrCat(question.claim, " is no claim"));
  return violations.ToStatus();
}

}  // namespace communique::screening
