#ifndef COMMUNIQUE_TESTS_UNIT_TEXT_PROTO_H_
#define COMMUNIQUE_TESTS_UNIT_TEXT_PROTO_H_

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace communique::testing {

// A message from protobuf's text format.
template <typename Message>
Message Text(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_TEXT_PROTO_H_
