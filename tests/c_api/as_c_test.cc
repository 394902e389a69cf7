#include "as_c.h"

#include <gtest/gtest.h>

TEST(AsC, EveryFunctionFromC) { EXPECT_EQ(koble_test_as_c(), 0) << "the line of as_c.c that went wrong"; }
