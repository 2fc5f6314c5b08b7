// What is kept of versions: found again, bounded, the longest unused gone first.
#include "service/screening/version_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace communique::screening {
namespace {

struct Sized {
  std::string text;
  size_t bytes = 0;
  size_t Bytes() const { return bytes; }
};
using Cache = VersionCache<Sized>;

// All of one shard: every sixteenth revision.
query::VersionPlace At(int64_t i) { return {i * 16, 1, "actors/x"}; }
void Insert(Cache& cache, int64_t i, size_t bytes) {
  cache.Insert(At(i), std::make_shared<const Sized>(Sized{std::to_string(i), bytes}));
}

TEST(VersionCacheTest, AVersionIsFoundByItsPlaceAlone) {
  Cache cache(16 * 1000);
  EXPECT_EQ(cache.Find(At(1)), nullptr);
  Insert(cache, 1, 10);
  ASSERT_NE(cache.Find(At(1)), nullptr);
  EXPECT_EQ(cache.Find(At(1))->text, "1");
  EXPECT_EQ(cache.Find({16, 2, "actors/x"}), nullptr);
  EXPECT_TRUE(cache.Holds(At(1)));
  EXPECT_FALSE(cache.Holds(At(2)));
  EXPECT_EQ(cache.hits(), 2);
  EXPECT_EQ(cache.misses(), 2);
  Insert(cache, 1, 500);  // the first stays
  EXPECT_EQ(cache.bytes(), 10);
}

TEST(VersionCacheTest, TheLongestUnusedMakesRoom) {
  Cache cache(16 * 100);
  for (int64_t i = 1; i <= 4; ++i) Insert(cache, i, 25);
  ASSERT_NE(cache.Find(At(1)), nullptr);
  Insert(cache, 5, 40);
  EXPECT_TRUE(cache.Holds(At(1)));
  EXPECT_FALSE(cache.Holds(At(2)));
  EXPECT_FALSE(cache.Holds(At(3)));
  EXPECT_TRUE(cache.Holds(At(4)));
  EXPECT_TRUE(cache.Holds(At(5)));
  EXPECT_EQ(cache.bytes(), 90);
  // What is larger than there is room for is not kept.
  Insert(cache, 6, 101);
  EXPECT_FALSE(cache.Holds(At(6)));
  EXPECT_LE(cache.bytes(), 100);
}

}  // namespace
}  // namespace communique::screening
