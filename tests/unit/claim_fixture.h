#ifndef COMMUNIQUE_TESTS_UNIT_CLAIM_FIXTURE_H_
#define COMMUNIQUE_TESTS_UNIT_CLAIM_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/v1/screening.pb.h"
#include "service/base/error.h"
#include "service/domain/day_span.h"
#include "service/screening/claim_question.h"
#include "service/screening/claim_verifier.h"
#include "service/store/merged_names.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/text_proto.h"

// A store of invented lists, and claims asked of it in words.
namespace communique::testing {

class ClaimTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    // Two authorities with a regime each, and whom they may have sanctioned.
    Stand({
        "name: 'actors/council' actor { display_name: 'The Council' type: ACTOR_TYPE_BLOC }",
        "name: 'actors/union' actor { display_name: 'The Union' type: ACTOR_TYPE_BLOC }",
        "name: 'actors/ann' actor { display_name: 'Ann' type: ACTOR_TYPE_PERSON }",
        "name: 'actors/ruritania' actor { display_name: 'Ruritania' type: ACTOR_TYPE_STATE }",
        "name: 'sanctions/c1' sanction { title: 'Regime 1'"
        "  regime { authority { target: 'actors/council' } } }",
        "name: 'sanctions/c2' sanction { title: 'Regime 2'"
        "  regime { authority { target: 'actors/council' } } }",
        "name: 'sanctions/u1' sanction { title: 'Regime of the Union'"
        "  regime { authority { target: 'actors/union' } } }",
    });
  }

  // Commits records, all of them at once. Answers the revision.
  int64_t Stand(const std::vector<std::string>& records) {
    v1::CommitRequest request;
    for (const std::string& record : records) {
      *request.add_mutations()->mutable_put() = Text<v1::Record>(record);
    }
    const auto answer = Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  int64_t MergeActor(const std::string& name, const std::string& into) {
    v1::CommitRequest request;
    request.add_mutations()->mutable_merge()->set_name(name);
    request.mutable_mutations(0)->mutable_merge()->set_into(into);
    const auto answer = Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }

  // `more` are fields of the designation.
  static std::string Designation(const std::string& id, const std::string& actor,
                                 const std::string& more, const std::string& regime = "c1") {
    return absl::StrCat("name: 'sanctions/", id, "' sanction { title: 'Entry ", id,
                        "' designation { regime { target: 'sanctions/", regime,
                        "' } actor { target: 'actors/", actor, "' } ", more, " } }");
  }
  // From 2007 on.
  static std::string Listed(const std::string& id, const std::string& actor,
                            const std::string& more = "", const std::string& regime = "c1") {
    return Designation(id, actor,
                       "intervals { id: 'i1' listed_time { edtf: '2007-03-24' } } " + more, regime);
  }
  static std::string Measure(const std::string& id, const std::string& target,
                             const std::string& more, const std::string& regime = "c1") {
    return absl::StrCat("name: 'sanctions/", id, "' sanction { title: 'Measure ", id,
                        "' measure { regime { target: 'sanctions/", regime,
                        "' } targets { target: 'actors/", target, "' } ", more, " } }");
  }
  static std::string CoverageOf(const std::string& subject, const std::string& more) {
    return absl::StrCat(
        "coverages { id: 'all' authority { target: 'actors/council' } subject: "
        "COVERAGE_SUBJECT_",
        subject, " ", more, " } ");
  }
  // A version of the Council's list, of designations and complete.
  static std::string Version(const std::string& edtf, const std::string& id = "") {
    return absl::StrCat(
        "name: 'sources/list-", id.empty() ? edtf : id,
        "' source { title: 'The list' "
        "type: SOURCE_TYPE_LIST_VERSION list_version { list_id: 'consolidated' authority { "
        "target: 'actors/council' } as_of_time { edtf: '",
        edtf, "' } } ",
        CoverageOf("DESIGNATIONS",
                   absl::StrCat("complete: true as_of_time { edtf: '", edtf, "' }")),
        " }");
  }
  // A source of no list, with coverages.
  static std::string Covering(const std::string& id, const std::string& coverages) {
    return absl::StrCat("name: 'sources/", id,
                        "' source { title: 'Overview' type: "
                        "SOURCE_TYPE_DATASET ",
                        coverages, " }");
  }

  // What is asked, with 2030-01-01 as today.
  absl::StatusOr<v1::VerifyClaimResponse> Verify(const v1::VerifyClaimRequest& request) {
    base::Violations violations;
    screening::CheckClaimRequest(request, violations);
    if (!violations.empty()) return violations.ToStatus();
    const auto view = reader_.Open(request.scope());
    if (!view.ok()) return view.status();
    return screening::VerifyClaim(*view, merged_, request, absl::CivilDay(2030, 1, 1));
  }
  // "CONTRADICTED", or the error; what the rows are is left in `rows_`, each as
  // "YES sanctions/x#i1".
  std::string Ask(const std::string& target, const std::string& authority, const std::string& date,
                  const std::string& regime = "", int64_t known_revision = 0) {
    v1::VerifyClaimRequest request;
    request.set_target("actors/" + target);
    request.set_authority("actors/" + authority);
    if (!regime.empty()) request.set_regime("sanctions/" + regime);
    request.set_as_of_date(date);
    if (known_revision > 0) request.mutable_scope()->set_known_revision(known_revision);
    return Ask(request);
  }
  std::string AskClaim(const std::string& claim, const std::string& date = "") {
    v1::VerifyClaimRequest request;
    request.set_claim(claim);
    request.set_as_of_date(date);
    return Ask(request);
  }
  std::string Ask(const v1::VerifyClaimRequest& request) {
    rows_.clear();
    const auto answer = Verify(request);
    status_ = answer.status();
    if (!answer.ok()) return Show(answer.status());
    answer_ = *answer;
    for (const v1::VerificationRow& row : answer->rows()) {
      rows_.push_back(
          absl::StrCat(v1::Holds_Name(row.holds()).substr(6), " ", row.reference().target()));
    }
    return v1::ClaimVerdict_Name(answer->verdict()).substr(14);
  }

  store::MergedNames merged_{local_};
  std::vector<std::string> rows_;
  v1::VerifyClaimResponse answer_;
  absl::Status status_;

 private:
  std::vector<store::CommitListener*> Listeners() override { return {&merged_}; }
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_CLAIM_FIXTURE_H_
