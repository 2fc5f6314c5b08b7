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
#include "absl/strings/match.h"
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
  const Client client(MakeConnection({.endpoint = absl::StrCat(a.endpoint(), ", ", b.endpoint())}));
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
  const Client client(
      MakeConnection({.endpoint = absl::StrCat(there.endpoint(), ",", away->endpoint()),
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
  const Client client(MakeConnection({.endpoint = server.endpoint(), .token_file = File("token")}));
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

TEST_F(ClientChannelTest, ATokenFileThatCannotBeReadIsAnError) {
  FakeServer server;
  Serve(server);
  const auto get = [&](const std::string& file) {
    return Client(MakeConnection({.endpoint = server.endpoint(), .token_file = file}))
        .Get("summits/a")
        .status();
  };
  EXPECT_EQ(get(directory_), absl::UnauthenticatedError(
                                 absl::StrCat("cannot read ", directory_, ": Is a directory")));
  EXPECT_EQ(get(File("none")), absl::UnauthenticatedError(absl::StrCat(
                                   "cannot read ", File("none"), ": No such file or directory")));
  Write("empty", "\n");
  EXPECT_EQ(get(File("empty")),
            absl::UnauthenticatedError(absl::StrCat("no token in ", File("empty"))));
  Write("huge", std::string(1 << 20, 'x'));
  EXPECT_TRUE(absl::IsUnauthenticated(get(File("huge"))));
}

TEST_F(ClientChannelTest, ATokenFileThatWentAwayLeavesItsLastToken) {
  FakeServer server;
  Serve(server);
  Write("token", "one");
  const Client client(MakeConnection({.endpoint = server.endpoint(), .token_file = File("token")}));
  ASSERT_TRUE(client.Get("summits/a").ok());
  std::filesystem::remove(File("token"));
  absl::SleepFor(absl::Milliseconds(5'100));  // until it is read again
  EXPECT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(Metadata("authorization"), "Bearer one");
}

// A secret that is mounted a moment after the start.
TEST_F(ClientChannelTest, AStreamWaitsForATokenFileThatIsNotThereYet) {
  FakeServer server;
  server.watch = [](grpc::ServerContext*, const v1::WatchRequest&,
                    FakeServer::WatchWriter* writer) {
    writer->Write(v1::WatchResponse());
    return grpc::Status::OK;
  };
  server.load = [](grpc::ServerContext*, FakeServer::LoadStreamer* stream) {
    stream->Write(v1::LoadResponse());
    v1::LoadRequest line;
    while (stream->Read(&line)) continue;  // until the client goes
    return grpc::Status::OK;
  };
  int failures = 0;
  const ClientOptions options = {
      .endpoint = server.endpoint(),
      .token_file = File("token"),
      .retry = {.initial_backoff = absl::Milliseconds(1), .max_backoff = absl::Milliseconds(5)},
      .observer =
          [&](const CallEvent& event) {
            if (event.kind != CallEvent::Kind::kRetry) return;
            EXPECT_TRUE(absl::IsUnavailable(event.status)) << event.status;
            if (++failures == 3) Write("token", "late");
          },
  };
  const Client client(MakeConnection(options));
  Watch watch = client.Watch();
  EXPECT_TRUE(watch.Next().ok());
  EXPECT_EQ(failures, 3);
  std::filesystem::remove(File("token"));
  failures = 0;
  EXPECT_TRUE(Client(MakeConnection(options)).Load({.load_id = "x"}).Start().ok());
  EXPECT_EQ(failures, 3);
}

TEST_F(ClientChannelTest, ARefusedTokenIsReplacedByAFreshOne) {
  FakeServer server;
  std::atomic<const char*> wanted{"one"};
  std::atomic<int> calls{0};
  const auto check = [&](grpc::ServerContext* context) {
    ++calls;
    const auto found = context->client_metadata().find("authorization");
    if (found != context->client_metadata().end() &&
        found->second == absl::StrCat("Bearer ", wanted.load())) {
      return grpc::Status::OK;
    }
    return FakeServer::Error(grpc::StatusCode::UNAUTHENTICATED, "who are you?",
                             FakeServer::Reason("TOKEN"));
  };
  server.get_summit = [&](grpc::ServerContext* context, const auto&, auto*) {
    return check(context);
  };
  server.watch = [&](grpc::ServerContext* context, const v1::WatchRequest&,
                     FakeServer::WatchWriter* writer) {
    const grpc::Status status = check(context);
    if (status.ok()) writer->Write(v1::WatchResponse());
    return status;
  };
  server.load = [&](grpc::ServerContext* context, FakeServer::LoadStreamer* stream) {
    const grpc::Status status = check(context);
    if (status.ok()) stream->Write(v1::LoadResponse());
    return status;
  };
  Write("token", "one");
  const ClientOptions options = {.endpoint = server.endpoint(),
                                 .token_file = File("token"),
                                 .retry = {.initial_backoff = absl::Milliseconds(1)}};
  const Client client(MakeConnection(options));
  ASSERT_TRUE(client.Get("summits/a").ok());

  // It rotates within the seconds for which a token is kept.
  Write("token", wanted = "two");
  EXPECT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(calls, 3);
  Write("token", wanted = "three");
  Watch watch = client.Watch();
  EXPECT_TRUE(watch.Next().ok());
  Write("token", wanted = "four");
  EXPECT_TRUE(client.Load({.load_id = "x"}).Start().ok());

  // The same again, and one as bad, end it.
  calls = 0;
  wanted = "five";
  absl::Status status = client.Get("summits/a").status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_EQ(ErrorReason(status), "TOKEN");
  EXPECT_EQ(calls, 1);
  Write("token", "bad");
  ASSERT_TRUE(absl::IsUnauthenticated(client.Watch().Next().status()));
  int made = 0;
  ClientOptions minting = options;
  minting.token_file.clear();
  minting.token = [&] { return absl::StrCat("bad-", ++made); };
  calls = 0;
  EXPECT_TRUE(absl::IsUnauthenticated(Client(MakeConnection(minting)).Get("summits/a").status()));
  EXPECT_EQ(calls, 2);

  // The off switch is one.
  ClientOptions once = options;
  once.retry.enabled = false;
  Write("token", wanted = "six");
  const Client strict(MakeConnection(once));
  ASSERT_TRUE(strict.Get("summits/a").ok());
  Write("token", wanted = "seven");
  EXPECT_TRUE(absl::IsUnauthenticated(strict.Get("summits/a").status()));
  EXPECT_TRUE(strict.Get("summits/a").ok()) << "the refused token was dropped";
}

TEST_F(ClientChannelTest, ACallbackThatIsAwayForAMomentIsAskedAgain) {
  FakeServer server;
  Serve(server);
  for (const absl::StatusCode code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded}) {
    int asked = 0;
    const Client client(MakeConnection({
        .endpoint = server.endpoint(),
        .token = [&]() -> absl::StatusOr<std::string> {
          if (++asked < 3) return absl::Status(code, "the vault is away");
          return "secret";
        },
        .retry = {.initial_backoff = absl::Milliseconds(1)},
    }));
    EXPECT_TRUE(client.Get("summits/a").ok());
    EXPECT_EQ(asked, 3);
  }
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

TEST_F(ClientChannelTest, OptionsThatContradictThemselvesAreRefused) {
  FakeServer server;
  Serve(server);
  Write("token", "one");
  const std::string& here = server.endpoint();
  const auto secret = [] { return "secret"; };
  const ClientOptions refused[] = {
      {.endpoint = here, .tls = {.root_certificates_file = "roots.pem"}},
      {.endpoint = here, .tls = {.certificate_file = "c.pem", .private_key_file = "c.key"}},
      {.endpoint = here, .tls = {.server_name = "communique.test"}},
      {.endpoint = here, .tls = {.reload_interval = absl::Seconds(1)}},
      {.endpoint = here, .token_file = File("token"), .token = secret},
      {.endpoint = ""},
      {.endpoint = " , "},
      // gRPC would abort over it.
      {.endpoint = here, .tls = {.enabled = true, .root_certificates_file = directory_}},
  };
  for (const ClientOptions& options : refused) {
    const absl::Status status = Client(MakeConnection(options)).Get("summits/a").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << &options - refused << ": " << status;
  }
  EXPECT_EQ(Metadata("authorization"), "");
}

TEST_F(ClientChannelTest, WithoutAnAdminEndpointOnlyItsCallsAreRefused) {
  FakeServer server;
  Serve(server);
  const Client client(MakeConnection(
      {.endpoint = server.endpoint(), .admin_endpoint = "", .token = [] { return "secret"; }}));
  EXPECT_TRUE(client.Get("summits/a").ok());
  const absl::Status status = client.Status().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

// A call on a broken connection waits for it, and says why it is broken.
TEST_F(ClientChannelTest, WhatKeptACallFromTheServerIsTold) {
  if (!MakeCertificate("server") || !MakeCertificate("other")) GTEST_SKIP() << "no openssl";
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({Read(File("server.key")), Read(File("server.pem"))});
  FakeServer server(0, nullptr, grpc::SslServerCredentials(tls));
  const auto expect = [](const ClientOptions& options, const char* cause) {
    const Client client(MakeConnection(options));
    for (int i = 0; i < 2; ++i) {
      const absl::Status status = client.Get("summits/a").status();
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      EXPECT_TRUE(absl::StrContains(status.message(), cause)) << status;
    }
    absl::StatusOr<std::int64_t> held =
        client.Load({.load_id = "x", .timeout = absl::Milliseconds(700)}).Start();
    EXPECT_TRUE(absl::IsUnavailable(held.status())) << held.status();
    EXPECT_TRUE(absl::StrContains(held.status().message(), cause)) << held.status();
  };
  expect({.endpoint = server.endpoint(),
          .tls = {.enabled = true, .root_certificates_file = File("other.pem")},
          .timeout = absl::Milliseconds(700)},
         "andshake");
  expect({.endpoint = "no-such-host.invalid:1", .timeout = absl::Milliseconds(700)},
         "no-such-host.invalid");
  expect({.endpoint = "http://127.0.0.1:1", .timeout = absl::Milliseconds(700)}, "http");
  expect({.endpoint = server.endpoint(),
          .tls = {.enabled = true, .root_certificates_file = File("none.pem")},
          .timeout = absl::Milliseconds(700)},
         "none.pem");
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
  EXPECT_TRUE(
      absl::IsUnavailable(get({.enabled = true, .root_certificates_file = File("other.pem")})));
  EXPECT_TRUE(absl::IsUnavailable(get({})));
}

TEST_F(ClientChannelTest, MutualTlsReadsItsFilesAgain) {
  if (!MakeCertificate("server") || !MakeCertificate("good") || !MakeCertificate("client")) {
    GTEST_SKIP() << "no openssl";
  }
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
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
