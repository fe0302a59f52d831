// Which proposals a module uses, and where it does so first.
#pragma once

#include "compiler/wasm/module.h"

#include "llvm/Support/Error.h"

#include <bitset>

namespace wasmetal {

enum class Feature : uint8_t {
#define FEATURE(name, option) name,
#include "compiler/wasm/features.def"
  Mvp, // not a proposal: always there
};

constexpr size_t numFeatures = static_cast<size_t>(Feature::Mvp);
using FeatureSet = std::bitset<numFeatures>;

/// The name on the command line, for each feature in order.
llvm::ArrayRef<llvm::StringLiteral> featureNames();

struct FeatureUse {
  uint64_t offset; // in the file
  std::string what;
};
using FeatureUses = std::array<std::optional<FeatureUse>, numFeatures>;

/// Of a module whose declarations are valid; bodies that do not decode count up
/// to their error.
FeatureUses findFeatures(const Module &module);

/// Invalid if the module uses anything else: names the first such use.
llvm::Error checkFeatures(const Module &module, const FeatureSet &allowed);

} // namespace wasmetal
