#ifndef COMMUNIQUE_TESTS_SUPPORT_PLAIN_HTTP_H_
#define COMMUNIQUE_TESTS_SUPPORT_PLAIN_HTTP_H_

#include <string>

namespace communique::testing {

// A connection that says what it is told, well-formed or not.
class Socket {
 public:
  // To HOST:PORT, the host an IPv4 address.
  explicit Socket(const std::string& endpoint);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connected() const { return connected_; }
  void Send(const std::string& bytes);
  // What comes until the server closes, or for ten seconds.
  std::string ReadAll();

 private:
  const int fd_;
  bool connected_ = false;
};

// The whole answer to a whole request, head and body.
std::string Ask(const std::string& endpoint, const std::string& request);
std::string Get(const std::string& endpoint, const std::string& path);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_PLAIN_HTTP_H_
