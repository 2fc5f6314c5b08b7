// What leaves by the one door must fit through it: details are headers.
#include "service/server/status.h"

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "service/base/error.h"

namespace communique::server {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(StatusTest, ALongMessageIsCutAtACharacter) {
  std::string korean;
  while (korean.size() < 2000) korean += "평양";
  for (int shift = 0; shift < 3; ++shift) {
    const absl::Status status =
        base::MakeError(absl::StatusCode::kNotFound, v1::ERROR_REASON_RECORD_NOT_FOUND,
                        std::string(static_cast<size_t>(shift), 'x') + korean, {{"name", korean}});
    const google::rpc::Status details = DetailsOf(ToGrpcStatus(status));
    EXPECT_EQ(details.details_size(), 1) << shift;
    EXPECT_GT(details.message().size(), 400u);
  }
}

TEST(StatusTest, ManyViolationsAreShortenedAndCounted) {
  base::Violations violations;
  for (int i = 0; i < 500; ++i) {
    violations.Add(absl::StrCat("mutations[", i, "].put.name"), std::string(2000, 'x'));
  }
  const grpc::Status status = ToGrpcStatus(violations.ToStatus());
  EXPECT_LT(status.error_details().size(), 5000u);
  const absl::Status original = violations.ToStatus();
  EXPECT_EQ(base::MetadataOf(original, "violation_count"), "500");
  google::rpc::BadRequest told;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) any.UnpackTo(&told);
  EXPECT_GT(told.field_violations_size(), 3);
  EXPECT_EQ(told.field_violations(0).field(), "mutations[0].put.name");
}

TEST(StatusTest, PayloadsThatAreNotForCallersStay) {
  absl::Status status = absl::InvalidArgumentError("x");
  status.SetPayload("communique.domain/EdtfError", absl::Cord("1"));
  EXPECT_EQ(ToGrpcStatus(status).error_details(), "");
}

}  // namespace
}  // namespace communique::server
