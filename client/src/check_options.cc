#include "src/check_options.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "src/endpoints.h"

namespace communique::internal {
namespace {

absl::Status CheckTls(const TlsOptions& tls) {
  const TlsOptions unset;
  if (!tls.enabled &&
      (tls.root_certificates_file != unset.root_certificates_file ||
       tls.certificate_file != unset.certificate_file ||
       tls.private_key_file != unset.private_key_file || tls.server_name != unset.server_name ||
       tls.reload_interval != unset.reload_interval)) {
    return absl::InvalidArgumentError("options of TLS are set, but tls.enabled is not");
  }
  if (tls.certificate_file.empty() != tls.private_key_file.empty()) {
    return absl::InvalidArgumentError("a certificate and its private key go together");
  }
  // One that is missing or cannot be read may come yet.
  for (const std::string& file : TlsFiles(tls)) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
      return absl::InvalidArgumentError(absl::StrCat(file, " is a folder, no file of TLS"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckToken(const ClientOptions& options, std::vector<std::string> targets) {
  if (options.token_file.empty() && !options.token) return absl::OkStatus();
  if (!options.token_file.empty() && options.token) {
    return absl::InvalidArgumentError("token_file and token are both set: one gives the token");
  }
  if (options.tls.enabled) return absl::OkStatus();
  if (!options.admin_endpoint.empty()) targets.push_back(options.admin_endpoint);
  for (const std::string& target : targets) {
    if (!IsLoopback(target)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a token would go to ", target, " without TLS, for anyone to read"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOptions(const ClientOptions& options) {
  if (!IsPrintable(options.principal)) {
    return absl::InvalidArgumentError("the principal must be printable ASCII");
  }
  std::vector<std::string> targets = SplitEndpoints(options.endpoint);
  if (targets.empty()) return absl::InvalidArgumentError("the endpoint is empty");
  if (absl::Status status = CheckTls(options.tls); !status.ok()) return status;
  return CheckToken(options, std::move(targets));
}

std::vector<std::string> TlsFiles(const TlsOptions& tls) {
  std::vector<std::string> files;
  for (const std::string* const file :
       {&tls.root_certificates_file, &tls.certificate_file, &tls.private_key_file}) {
    if (!file->empty()) files.push_back(*file);
  }
  return files;
}

bool IsPrintable(absl::string_view text) {
  return absl::c_all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace communique::internal
