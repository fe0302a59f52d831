// What an import or export is, in words for people.
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// `function [i32] -> []`, `mutable global i64`.
std::string describe(const Module &module, ExternKind kind, uint32_t index);

} // namespace wasmetal
