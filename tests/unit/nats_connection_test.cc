// The client's side of NATS' protocol, against a server that says what a test tells it to.

#include "tests/bench/nats_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace communique::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// One client's side of a conversation, as the server sees it.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const timeval silence{5, 0};  // a client that does not answer fails its test
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
  }
  ~Peer() { close(descriptor_); }

  void Say(const std::string& text) const {
    ASSERT_EQ(send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // Waits until the client has said `ending`; answers all it said since the last time.
  std::string HearUntil(const std::string& ending) {
    std::string heard;
    char byte = 0;
    while (heard.size() < ending.size() ||
           heard.compare(heard.size() - ending.size(), ending.size(), ending) != 0) {
      if (recv(descriptor_, &byte, 1, 0) != 1) return heard + "(no more)";
      heard += byte;
    }
    return heard;
  }

 private:
  int descriptor_;
};

class NatsConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener_, 1), 0);
    ASSERT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }

  void TearDown() override {
    if (server_.joinable()) server_.join();
    close(listener_);
  }

  // Accepts the client, lets `then` speak, and closes.
  void Serve(std::function<void(Peer&)> then) {
    server_ = std::thread([this, then = std::move(then)] {
      Peer peer(accept(listener_, nullptr, nullptr));
      peer.Say("INFO {\"server_id\":\"x\"}\r\n");
      EXPECT_THAT(peer.HearUntil("PING\r\n"), StartsWith("CONNECT {"));
      peer.Say("PONG\r\n");
      // What comes before it would be dropped, as what comes during a Sync is.
      EXPECT_EQ(peer.HearUntil("SUB connected 0\r\n"), "SUB connected 0\r\n");
      then(peer);
    });
  }

  void Connect(NatsConnection& connection) {
    ASSERT_TRUE(connection.Connect(target_)) << connection.error();
    connection.Subscribe("connected", 0);
    ASSERT_TRUE(connection.Flush());
  }

  // Connects and reads until a failure, which is the server's close if nothing else.
  std::vector<std::string> ReadAll() {
    std::vector<std::string> seen;
    Connect(connection_);
    while (connection_.Read(NatsConnection::Wait::kForData, [&seen](const NatsMessage& message) {
      seen.push_back(std::to_string(message.subscription) + "|" + std::string(message.subject) +
                     "|" + std::string(message.reply) + "|" + std::string(message.headers) + "|" +
                     std::string(message.payload));
    })) {
    }
    return seen;
  }

  NatsConnection connection_;
  int listener_ = -1;
  std::string target_;
  std::thread server_;
};

TEST_F(NatsConnectionTest, MessagesWithAndWithoutReplyAndHeaders) {
  Serve([](Peer& peer) {
    peer.Say("MSG a.b 7 3\r\nx\r\n\r\n+OK\r\nMSG a 8 re.ply 0\r\n\r\n"
             "HMSG c 9 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHMSG c 9 r 12 12\r\nNATS/1.0\r\n\r\n\r\n");
  });
  EXPECT_THAT(ReadAll(), ElementsAre("7|a.b|||x\r\n", "8|a|re.ply||", "9|c||NATS/1.0\r\n\r\n|hi",
                                     "9|c|r|NATS/1.0\r\n\r\n|"));
  EXPECT_EQ(connection_.error(), "the server closed the connection");
}

TEST_F(NatsConnectionTest, MessagesCutAtEveryByte) {
  const std::string text = "MSG a 1 2\r\nxy\r\nHMSG b 2 12 13\r\nNATS/1.0\r\n\r\nz\r\n";
  Serve([&text](Peer& peer) {
    for (size_t cut = 1; cut < text.size(); ++cut) {
      peer.Say("PING\r\n" + text.substr(0, cut));
      EXPECT_EQ(peer.HearUntil("PONG\r\n"), "PONG\r\n");  // it has read so far
      peer.Say(text.substr(cut));
    }
  });
  const std::vector<std::string> seen = ReadAll();
  ASSERT_EQ(seen.size(), 2 * (text.size() - 1));
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i], i % 2 == 0 ? "1|a|||xy" : "2|b||NATS/1.0\r\n\r\n|z");
  }
}

TEST_F(NatsConnectionTest, MessageLargerThanTheBuffer) {
  const std::string large(3'000'000, 'l');
  Serve([&large](Peer& peer) {
    peer.Say("MSG a 1 1\r\ns\r\nMSG a 1 3000000\r\n" + large + "\r\nMSG a 1 1\r\nt\r\n");
  });
  EXPECT_THAT(ReadAll(), ElementsAre("1|a|||s", "1|a|||" + large, "1|a|||t"));
}

TEST_F(NatsConnectionTest, PingIsAnswered) {
  Serve([](Peer& peer) {
    peer.Say("PING\r\n");
    EXPECT_EQ(peer.HearUntil("PONG\r\n"), "PONG\r\n");
  });
  ReadAll();
}

TEST_F(NatsConnectionTest, WhatIsPublished) {
  Serve([](Peer& peer) {
    EXPECT_EQ(peer.HearUntil("PING\r\n"),
              "SUB s.* 5\r\nPUB a 3\r\nxyz\r\nPUB a re 0\r\n\r\nPING\r\n");
    peer.Say("PONG\r\n");
  });
  Connect(connection_);
  connection_.Subscribe("s.*", 5);
  connection_.Publish("a", "", "xyz");
  connection_.Publish("a", "re", "");
  EXPECT_TRUE(connection_.Sync());
}

TEST_F(NatsConnectionTest, RequestTakesItsOwnAnswer) {
  Serve([](Peer& peer) {
    const std::string heard = peer.HearUntil("\r\n\r\n");  // SUB, then PUB of nothing
    const size_t reply = heard.find("_INBOX", heard.find("PUB"));
    const std::string inbox = heard.substr(reply, heard.find(' ', reply) - reply);
    peer.Say("MSG else 1 5\r\nother\r\nMSG " + inbox + " 4000000000 6\r\nanswer\r\n" +
             "MSG else 1 5\r\nother\r\n");
  });
  Connect(connection_);
  std::string answer;
  EXPECT_TRUE(connection_.Request("q", "", answer)) << connection_.error();
  EXPECT_EQ(answer, "answer");
}

TEST_F(NatsConnectionTest, ErrorsOfTheServerAreKept) {
  Serve([](Peer& peer) { peer.Say("-ERR 'Maximum Payload Violation'\r\nMSG a 1 1\r\nx\r\n"); });
  EXPECT_THAT(ReadAll(), ElementsAre());
  EXPECT_EQ(connection_.error(), "-ERR 'Maximum Payload Violation'");
  EXPECT_FALSE(connection_.Flush());
}

TEST_F(NatsConnectionTest, WhatIsMalformedIsAnError) {
  for (const std::string line : {"MSG a 1", "MSG a x 3", "MSG a 1 3x", "MSG a 1 r 3 4 5",
                                 "HMSG a 1 5 4", "HMSG a 1 5", "WHAT"}) {
    NatsConnection connection;
    Serve([&line](Peer& peer) { peer.Say(line + "\r\n"); });
    Connect(connection);
    while (connection.Read(NatsConnection::Wait::kForData, [](const NatsMessage&) {
      ADD_FAILURE() << "a message";
    })) {
    }
    EXPECT_THAT(connection.error(), HasSubstr(line));
    server_.join();
  }
}

}  // namespace
}  // namespace communique::bench
