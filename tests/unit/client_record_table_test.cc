// The table of a mirror: ordered, and its copies stand still.
#include "src/record_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace communique::internal {
namespace {

RecordPtr Make(const std::string& name, int64_t revision) {
  v1::Record record;
  record.set_name(name);
  record.set_revision(revision);
  return Store(record);
}

int64_t RevisionOf(const RecordPtr& record) {
  return record == nullptr ? 0 : Parse(record)->revision();
}

std::map<std::string, int64_t> ContentOf(const RecordTable& table) {
  std::map<std::string, int64_t> content;
  std::string last;
  table.ForEach([&](const RecordPtr& record) {
    EXPECT_GT(std::string(record->name()), last) << "out of order";
    last = std::string(record->name());
    content[last] = RevisionOf(record);
  });
  EXPECT_EQ(content.size(), table.size());
  return content;
}

// A thousand names in a random order of puts, replacements and erasures, beside a
// std::map; copies taken on the way keep what they had.
TEST(RecordTableTest, IsAMapWhoseCopiesStandStill) {
  std::mt19937 random(7);
  RecordTable table;
  std::map<std::string, int64_t> model;
  std::vector<RecordTable> copies;
  std::vector<std::map<std::string, int64_t>> models;
  for (int64_t step = 1; step <= 20'000; ++step) {
    const std::string name = absl::StrCat("actors/", random() % 1000);
    const auto standing = model.find(name);
    RecordPtr was;
    if (random() % 3 == 0) {
      was = table.Erase(name);
    } else {
      was = table.Put(Make(name, step));
    }
    EXPECT_EQ(RevisionOf(was), standing == model.end() ? 0 : standing->second);
    const RecordPtr is = table.Find(name);
    model.erase(name);
    if (is != nullptr) model[name] = RevisionOf(is);
    EXPECT_TRUE(is == nullptr || RevisionOf(is) == step);
    if (step % 2000 == 0) {
      copies.push_back(table.Share());
      models.push_back(model);
    }
  }
  EXPECT_EQ(ContentOf(table), model);
  for (std::size_t i = 0; i < copies.size(); ++i) EXPECT_EQ(ContentOf(copies[i]), models[i]);
}

TEST(RecordTableTest, ACopyThatIsWrittenLeavesTheOriginal) {
  RecordTable table;
  table.Put(Make("actors/a", 1));
  RecordTable copy = table.Share();
  copy.Put(Make("actors/a", 2));
  copy.Put(Make("actors/b", 3));
  EXPECT_EQ(RevisionOf(table.Find("actors/a")), 1);
  EXPECT_TRUE(table.Find("actors/b") == nullptr);
}

TEST(RecordTableTest, WhatComesInOrderStaysInOrder) {
  RecordTable table;
  for (int i = 0; i < 10'000; ++i) table.Put(Make(absl::StrFormat("actors/%05d", i), i));
  const auto content = ContentOf(table);
  ASSERT_EQ(content.size(), 10'000u);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(RevisionOf(table.Find(absl::StrFormat("actors/%05d", i))), i);
  }
}

TEST(RecordTableTest, ANameIsReadOffTheBytes) {
  for (const std::size_t size : {1, 2, 126, 127, 128, 129, 300}) {
    const std::string name(size, 'n');
    EXPECT_EQ(Make(name, 1)->name(), name);
  }
  EXPECT_EQ(Make("", 1)->name(), "");
  EXPECT_EQ(StoredRecord("").name(), "");
  EXPECT_EQ(StoredRecord("\x0a\x80").name(), "");
}

TEST(RecordTableTest, CompareTellsWhatCameWentAndChanged) {
  RecordTable before;
  for (const char* name : {"a", "b", "c"}) before.Put(Make(name, 1));
  RecordTable after = before.Share();
  after.Erase("a");
  after.Put(Make("b", 2));
  after.Put(Make("d", 3));
  std::vector<std::string> told;
  RecordTable::Compare(before, after, [&](const RecordPtr& was, const RecordPtr& is) {
    std::string text;
    if (was != nullptr) absl::StrAppend(&text, was->name(), RevisionOf(was));
    absl::StrAppend(&text, ">");
    if (is != nullptr) absl::StrAppend(&text, is->name(), RevisionOf(is));
    told.push_back(text);
  });
  EXPECT_EQ(told, (std::vector<std::string>{"a1>", "b1>b2", ">d3"}));
}

}  // namespace
}  // namespace communique::internal
