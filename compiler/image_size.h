// `wasmetal size`: who takes how much of a firmware image, for people.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace wasmetal {

/// Prints what each box of an image takes of flash and RAM, and what the rest
/// does. Needs the image's symbols.
llvm::Error printImageSize(llvm::ArrayRef<uint8_t> bytes,
                           llvm::raw_ostream &out);

} // namespace wasmetal
