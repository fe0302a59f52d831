// Which proposal a script of the suite tests.
#pragma once

#include "compiler/wasm/features.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace spec {

/// By the names of --features where there are such; "core" for the others.
std::string proposalOf(llvm::StringRef script);

/// What the script's modules are made of: all proposals, but those that are
/// younger than a script which expects their modules to be invalid.
wasmetal::FeatureSet featuresOf(llvm::StringRef script);

} // namespace spec
