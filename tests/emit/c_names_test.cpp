// Names of the guest as C sees them: different ones stay different.
#include "compiler/emit/c_names.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

using namespace wasmetal;

TEST(CNames, KeepsWhatCHas) {
  EXPECT_EQ(exportSymbol("app", "add"), "app_add");
  EXPECT_EQ(exportSymbol("app", "sum_up2"), "app_sum_up2");
  EXPECT_EQ(exportSymbol("app", "a-b"), "app_a_x2db");
  EXPECT_EQ(exportSymbol("app", "\xc3\xa9"), "app__xc3_xa9");
  EXPECT_EQ(exportSymbol("app", llvm::StringRef("a\0b", 3)), "app_a_x00b");
  EXPECT_EQ(importSymbol("app", "env", "log_func"), "app_import_env_log_func");
  EXPECT_EQ(importSymbol("app", "my_env", "f"), "app_import_my_x5fenv_f");
}

TEST(CNames, StaysClearOfWhatHasAMeaning) {
  EXPECT_EQ(exportSymbol("app", "module"), "app__x6dodule");
  EXPECT_EQ(exportSymbol("app", "import_env_f"), "app__x69mport_env_f");
  EXPECT_EQ(exportSymbol("static", "assert"), "static__x61ssert");
  EXPECT_EQ(exportSymbol("co", "await"), "co__x61wait");
  EXPECT_EQ(exportSymbol("app", "int"), "app_int");
}

/// All strings of up to `length` of these letters.
static std::vector<std::string> allStrings(llvm::StringRef letters,
                                           unsigned length) {
  std::vector<std::string> all{""};
  for (size_t i = 0; i < all.size() && all[i].size() < length; ++i)
    for (char c : letters)
      all.push_back(all[i] + c);
  return all;
}

TEST(CNames, NeverMeet) {
  std::map<std::string, std::string> seen;
  for (const std::string &name : allStrings("_x2d-", 6)) {
    std::string symbol = exportSymbol("p", name);
    for (char c : symbol)
      ASSERT_TRUE(llvm::isAlnum(c) || c == '_') << symbol;
    auto [at, isNew] = seen.insert({symbol, name});
    ASSERT_TRUE(isNew) << name << " and " << at->second << " give " << symbol;
  }
  seen.clear();
  std::vector<std::string> parts = allStrings("_x2d-", 4);
  for (const std::string &module : allStrings("_x2", 3))
    for (const std::string &field : parts) {
      std::string symbol = importSymbol("p", module, field);
      std::string names = module + " " + field;
      auto [at, isNew] = seen.insert({symbol, names});
      ASSERT_TRUE(isNew) << names << " and " << at->second << ": " << symbol;
    }
}
