// How the SDK connects: several endpoints, TLS, tokens, traces.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client_fake_server.h"
#include "communique/client.h"

namespace communique {
namespace {

bool Eventually(const std::function<bool()>& holds) {
  for (const absl::Time end = absl::Now() + absl::Seconds(20); absl::Now() < end;) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

class ClientChannelTest : public ::testing::Test {
 protected:
  ClientChannelTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "channel-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ClientChannelTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(File(name + ".new")) << text;
    std::filesystem::rename(File(name + ".new"), File(name));
  }
  static std::string Read(const std::string& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  // Answers every GetSummit, and keeps the metadata of the last one.
  void Serve(FakeServer& server) {
    server.get_summit = [this](grpc::ServerContext* context, const v1::GetSummitRequest&,
                               v1::Record*) {
      // The next call may be served by another thread.
      absl::MutexLock lock(&mutex_);
      metadata_.clear();
      for (const auto& [key, value] : context->client_metadata()) {
        metadata_[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
      }
      return grpc::Status::OK;
    };
  }

  // What the last one had under a key; empty when it had not.
  std::string Metadata(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    const auto found = metadata_.find(key);
    return found == metadata_.end() ? "" : found->second;
  }

  // A key and a certificate signed by itself, for 127.0.0.1: NAME.key, NAME.pem.
  bool MakeCertificate(const std::string& name) const {
    const std::string command = absl::StrCat(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ",
        "-keyout ", File(name + ".key"), " -out ", File(name + ".pem"), " -subj /CN=", name,
        " -addext subjectAltName=IP:127.0.0.1,DNS:communique.test 2>", File("log"));
    return system(command.c_str()) == 0;
  }

  std::string directory_;
  absl::Mutex mutex_;
  std::map<std::string, std::string> metadata_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ClientChannelTest, CallsGoRoundOverEveryEndpoint) {
  std::atomic<int> a_calls{0}, b_calls{0};
  FakeServer a, b;
  a.get_summit = [&](auto*, const auto&, auto*) { return ++a_calls, grpc::Status::OK; };
  b.get_summit = [&](auto*, const auto&, auto*) { return ++b_calls, grpc::Status::OK; };
  const Client client(
      MakeConnection({.endpoint = absl::StrCat(a.endpoint(), ", ", b.endpoint())}));
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(client.Get("summits/a").ok());
    return a_calls > 0 && b_calls > 0;
  }));
  a_calls = b_calls = 0;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(a_calls, 10);
  EXPECT_EQ(b_calls, 10);
}

TEST_F(ClientChannelTest, AnEndpointThatIsAwayIsPassedBy) {
  FakeServer there;
  Serve(there);
  auto away = std::make_unique<FakeServer>(0, &there);
  const Client client(MakeConnection(
      {.endpoint = absl::StrCat(there.endpoint(), ",", away->endpoint()),
       .retry = {.initial_backoff = absl::Milliseconds(1)}}));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(client.Get("summits/a").ok());
  away.reset();
  for (int i = 0; i < 10; ++i) {
    const auto record = client.Get("summits/a", {.timeout = absl::Seconds(2)});
    EXPECT_TRUE(record.ok()) << record.status();
  }
}

TEST_F(ClientChannelTest, AnyTargetOfGrpcWillDo) {
  FakeServer server;
  Serve(server);
  const Client client(MakeConnection({.endpoint = "dns:///" + server.endpoint()}));
  EXPECT_TRUE(client.Get("summits/a").ok());
}

TEST_F(ClientChannelTest, TheTokenOfAFileIsReadAgain) {
  FakeServer server;
  Serve(server);
  Write("token", "one\n");
  const Client client(
      MakeConnection({.endpoint = server.endpoint(), .token_file = File("token")}));
  ASSERT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(Metadata("authorization"), "Bearer one");
  Write("token", "two\n");
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(client.Get("summits/a").ok());
    return Metadata("authorization") == "Bearer two";
  }));
}

TEST_F(ClientChannelTest, ACallbackGivesATokenForEachCall) {
  FakeServer server;
  Serve(server);
  absl::StatusOr<std::string> token = "secret";
  const Client client(
      MakeConnection({.endpoint = server.endpoint(), .token = [&] { return token; }}));
  ASSERT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(Metadata("authorization"), "Bearer secret");
  token = absl::PermissionDeniedError("the vault is shut");
  EXPECT_EQ(client.Get("summits/a").status().message(), "the vault is shut");
  token = "a\nb";
  EXPECT_TRUE(absl::IsUnauthenticated(client.Get("summits/a").status()));
  token = absl::PermissionDeniedError("the vault is shut");
  EXPECT_EQ(client.Watch().Next().status().message(), "the vault is shut");
}

TEST_F(ClientChannelTest, NoTokenGoesOutInTheClear) {
  for (const char* endpoint : {"10.0.0.1:7400", "127.evil.example:7400", "127.0.0.1:1,far:2"}) {
    const Client client(MakeConnection({.endpoint = endpoint, .token = [] { return "secret"; }}));
    EXPECT_TRUE(absl::IsInvalidArgument(client.Get("summits/a").status())) << endpoint;
  }
}

TEST_F(ClientChannelTest, ATraceIsPassedOn) {
  FakeServer server;
  Serve(server);
  std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const Client client(
      MakeConnection({.endpoint = server.endpoint(), .traceparent = [&] { return trace; }}));
  ASSERT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(Metadata("traceparent"), trace);
  trace = "";
  ASSERT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(Metadata("traceparent"), "");
}

TEST_F(ClientChannelTest, ACertificateWithoutItsKeyIsRefused) {
  const Client client(MakeConnection({.tls = {.enabled = true, .certificate_file = "c.pem"}}));
  EXPECT_TRUE(absl::IsInvalidArgument(client.Get("summits/a").status()));
}

TEST_F(ClientChannelTest, TlsChecksTheServer) {
  if (!MakeCertificate("server") || !MakeCertificate("other")) GTEST_SKIP() << "no openssl";
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({Read(File("server.key")), Read(File("server.pem"))});
  FakeServer server(0, nullptr, grpc::SslServerCredentials(tls));
  Serve(server);
  const auto get = [&](TlsOptions options) {
    const Client client(MakeConnection({.endpoint = server.endpoint(),
                                        .tls = std::move(options),
                                        .token = [] { return "secret"; },
                                        .timeout = absl::Seconds(3)}));
    return client.Get("summits/a").status();
  };
  EXPECT_TRUE(get({.enabled = true, .root_certificates_file = File("server.pem")}).ok());
  EXPECT_EQ(Metadata("authorization"), "Bearer secret");
  EXPECT_TRUE(get({.enabled = true,
                   .root_certificates_file = File("server.pem"),
                   .server_name = "communique.test"})
                  .ok());
  EXPECT_TRUE(absl::IsUnavailable(get({.enabled = true,
                                       .root_certificates_file = File("server.pem"),
                                       .server_name = "another.test"})));
  EXPECT_TRUE(absl::IsUnavailable(
      get({.enabled = true, .root_certificates_file = File("other.pem")})));
  EXPECT_TRUE(absl::IsUnavailable(get({})));
}

TEST_F(ClientChannelTest, MutualTlsReadsItsFilesAgain) {
  if (!MakeCertificate("server") || !MakeCertificate("good") || !MakeCertificate("client")) {
    GTEST_SKIP() << "no openssl";
  }
  grpc::SslServerCredentialsOptions tls(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_key_cert_pairs.push_back({Read(File("server.key")), Read(File("server.pem"))});
  tls.pem_root_certs = Read(File("good.pem"));
  FakeServer server(0, nullptr, grpc::SslServerCredentials(tls));
  Serve(server);
  const Client client(MakeConnection({.endpoint = server.endpoint(),
                                      .tls = {.enabled = true,
                                              .root_certificates_file = File("server.pem"),
                                              .certificate_file = File("client.pem"),
                                              .private_key_file = File("client.key"),
                                              .reload_interval = absl::Seconds(1)},
                                      .timeout = absl::Seconds(1)}));
  EXPECT_FALSE(client.Get("summits/a").ok()) << "a stranger";
  Write("client.key", Read(File("good.key")));
  Write("client.pem", Read(File("good.pem")));
  EXPECT_TRUE(Eventually([&] { return client.Get("summits/a").ok(); }));
}

}  // namespace
}  // namespace communique
